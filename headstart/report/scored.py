"""The report of a scoring: what was answered, whether the texts have drifted, and what a shadow says."""

from headstart.evaluation.drift import RISK, ROWS, Drift
from headstart.evaluation.estimate import CONFIDENCE
from headstart.report.bars import Bars, bars
from headstart.report.templates import rendered, share
from headstart.scoring.scores import Scores

_MOST_LABELS = 30
_WORDS = {
    "features": "how often a new text is told from an old one by its features",
    "labels": "population stability index of the shares of answers",
    "confidence": "largest distance of the distributions of the answers' probability",
}


def render(scores: Scores) -> str:
    """The page as HTML; every text from data is escaped."""
    return rendered(
        "scored.html",
        scores=scores,
        labels=_labels(scores),
        left=max(0, len(scores.labels) - _MOST_LABELS),
        words=_WORDS,
        risk=share(RISK),
        most=ROWS,
        confidence=share(CONFIDENCE),
        advice=None if scores.drift is None else _advice(scores.drift),
    )


def _labels(scores: Scores) -> Bars:
    most = sorted(scores.labels.items(), key=lambda each: (-each[1], each[0]))[:_MOST_LABELS]
    return bars("label", ("rows",), [((label,), (rows,)) for label, rows in most])


def _advice(drift: Drift) -> str:
    """What the finding means for the figures that the model was published with."""
    if drift.is_found:
        return (
            "The figures that this version was published with are of other texts than these, where they may be better "
            "or worse. Label some of these texts to know"
        )
    return (
        "Nothing speaks against the figures that this version was published with. It is no proof: a change of "
        "which label belongs to a text cannot be seen without labels"
    )
