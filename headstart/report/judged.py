"""What the test rows showed beside the scores: by slice, how reliable probabilities are, and how used the rows are."""

from headstart.evaluation.decision import Decision
from headstart.report import plots
from headstart.report.notes import Note
from headstart.report.templates import said

_MANY = 20  # candidates, from which on the same rows hardly judge any more


def slices(decision: Decision) -> plots.Intervals | None:
    """The candidate's score on each slice, with the score on all rows to compare it with."""
    if not decision.slices:
        return None
    overall = decision.scored(decision.candidate_name).scores[decision.gate.metric].value
    rows = [
        (f"{each.field}: {each.value} ({each.rows} rows)", each.score, each.is_asked_for) for each in decision.slices
    ]
    title = f"{said(decision.gate.metric)}, candidate"
    return plots.intervals(rows, title, (overall, f"all test rows, {overall:.3f}"))


def reliability(decision: Decision) -> plots.Lines:
    """The share of answers that are right against the probability that they were said to have."""
    bins = decision.reliability.bins
    series = {
        "answers": [(each.confidence, each.right.value) for each in bins],
        "as it should be": [(0.0, 0.0), (1.0, 1.0)],
    }
    return plots.lines(series, "Share of answers that are right", "probability of the answer", over=plots.SHARES)


def reuse(decision: Decision) -> Note | None:
    """A warning where the same test rows have judged several candidates."""
    use = decision.test_use
    if use.candidates < 2:
        return None
    text = (
        f"these test rows have judged {use.candidates} candidates by now. The best of so many equals looks better than "
        f"it is by about {use.optimism:.1f} standard errors"
    )
    return Note("Test rows used again", f"{text}; new rows judge better", strong=use.candidates >= _MANY)
