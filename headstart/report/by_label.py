"""How the candidate does on each label, and which it confuses."""

from collections.abc import Sequence
from dataclasses import dataclass

from headstart.evaluation.decision import Decision, LabelScore
from headstart.evaluation.estimate import Estimate
from headstart.report import plots

_MOST_IN_MATRIX = 20  # labels; beyond, the page lists the most frequent confusions instead
_MOST_CONFUSIONS = 20


@dataclass(frozen=True)
class Confusion:
    """How often one label was taken for another, and the rows that have the true one."""

    actual: str
    predicted: str
    count: int
    rows: int


def labels(decision: Decision) -> list[LabelScore]:
    """Every label, the weakest first; those that are neither present nor predicted say nothing, and stand last."""
    return sorted(decision.labels, key=lambda each: (not each.rows + each.said, each.f1.value, each.f1.low, each.label))


def plot(found: Sequence[LabelScore], overall: Estimate) -> plots.Intervals:
    """The labels' F1 on the whole axis, with the score over all labels to compare them with."""
    rows = [(each.label, each.f1, False) for each in found]
    words = f"macro F1 over all labels, {overall.value:.3f}"
    return plots.intervals(rows, "F1", (overall.value, words), axis=(0.0, 0.5, 1.0))


def matrix(decision: Decision) -> list[tuple[str, list[tuple[int, float]]]]:
    """The confusion matrix as rows of (count, share of the row), if it is small enough to be read."""
    if len(decision.labels) > _MOST_IN_MATRIX:
        return []
    return [
        (each.label, [(count, count / max(1, sum(row))) for count in row])
        for each, row in zip(decision.labels, decision.confusion, strict=True)
    ]


def confusions(decision: Decision) -> list[Confusion]:
    """The most frequent confusions."""
    names = [each.label for each in decision.labels]
    found = [
        Confusion(names[true], names[predicted], count, sum(row))
        for true, row in enumerate(decision.confusion)
        for predicted, count in enumerate(row)
        if true != predicted and count
    ]
    return sorted(found, key=lambda each: (-each.count, each.actual, each.predicted))[:_MOST_CONFUSIONS]
