"""The report of a run: one page that needs nothing from outside, the answer first and then the evidence."""

import json
from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined

from headstart.evaluation.gate import CONTROL, Decision
from headstart.evidence import Evidence
from headstart.head import Head
from headstart.labels.reconcile import REASONS
from headstart.model import Model
from headstart.registry import Version
from headstart.report import plots
from headstart.spec import SPLITS
from headstart.version import __version__
from headstart.workspace import Receipt

_MOST_IN_MATRIX = 20  # labels; beyond, the page lists the most frequent confusions instead
_MOST_ROWS = 12


def render(evidence: Evidence, version: Version, receipts: Sequence[Receipt] = ()) -> str:
    """The page as HTML; every text from data is escaped."""
    environment = Environment(
        loader=PackageLoader("headstart.report", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    decision, verdict = evidence.decision, evidence.verdict
    return environment.get_template("page.html").render(
        e=evidence,
        version=version,
        receipts=receipts,
        version_of_headstart=__version__,
        answer=_ANSWERS[verdict.answer],
        candidate=decision.scored(decision.candidate_name),
        control=decision.scored(CONTROL),
        verdict_plot=plots.intervals(
            [(each.name, each.score, each in verdict.probes) for each in (*verdict.controls, *verdict.probes)]
        ),
        layer_plot=plots.lines(_by_layer(evidence.head), "layer"),
        history_plots=_history(evidence.model),
        test_plot=plots.intervals(
            [
                (each.name, each.scores[evidence.spec.gate.metric], each.name == decision.candidate_name)
                for each in decision.contenders
            ]
        ),
        tried=evidence.head.tried[:_MOST_ROWS],
        labels=sorted(decision.labels, key=lambda each: (each.f1, each.label)),
        matrix=_matrix(decision),
        confusions=_confusions(decision),
        reasons=REASONS,
        splits=SPLITS,
        spec_json=json.dumps(evidence.spec.said(), indent=2, ensure_ascii=False),
    )


_ANSWERS = {"transfer": "Transfer", "do-not-transfer": "Do not transfer frozen features", "cannot-tell": "Cannot tell"}


def _by_layer(head: Head) -> dict[str, list[tuple[float, float]]]:
    """The best score of each family on each layer."""
    best: dict[str, dict[int, float]] = {}
    for each in head.tried:
        layers = best.setdefault(each.family, {})
        layers[each.layer] = max(layers.get(each.layer, 0.0), each.score)
    return {
        family: [(float(layer), score) for layer, score in sorted(layers.items())]
        for family, layers in sorted(best.items())
    }


def _history(model: Model) -> list[tuple[str, plots.Lines]]:
    """Losses and scores over the epochs; nothing where nothing was trained."""
    if not model.history:
        return []
    epochs = list(enumerate(model.history, start=1))
    losses = {
        "training loss": [(float(number), epoch.train_loss) for number, epoch in epochs],
        "validation loss": [(float(number), epoch.log_loss) for number, epoch in epochs],
    }
    scores = {"validation score": [(float(number), epoch.score) for number, epoch in epochs]}
    return [
        ("Loss (nats a row)", plots.lines(losses, "epoch")),
        ("Score on the validation rows", plots.lines(scores, "epoch")),
    ]


def _matrix(decision: Decision) -> list[tuple[str, list[tuple[int, float]]]]:
    """The confusion matrix as rows of (count, share of the row), if it is small enough to be read."""
    if len(decision.labels) > _MOST_IN_MATRIX:
        return []
    return [
        (each.label, [(count, count / max(1, sum(row))) for count in row])
        for each, row in zip(decision.labels, decision.confusion, strict=True)
    ]


def _confusions(decision: Decision) -> Sequence[tuple[str, str, int]]:
    """The most frequent confusions: the true label, the predicted one, how often."""
    names = [each.label for each in decision.labels]
    found = [
        (names[true], names[predicted], count)
        for true, row in enumerate(decision.confusion)
        for predicted, count in enumerate(row)
        if true != predicted and count
    ]
    return sorted(found, key=lambda each: (-each[2], each[0], each[1]))[:_MOST_ROWS]
