"""How the candidate does on each label, from the confusion matrix alone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from headstart.evaluation.decision import Decision
from headstart.evaluation.estimate import CONFIDENCE, Estimate
from headstart.report import plots

_MOST_IN_MATRIX = 20  # labels; beyond, the page lists the most frequent confusions instead
_MOST_CONFUSIONS = 20
_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


@dataclass(frozen=True)
class Label:
    """A label on the test rows: its ``rows``, how often it was ``said``, how often rightly (``hits``), and its F1."""

    name: str
    rows: int
    said: int
    hits: int
    f1: Estimate


@dataclass(frozen=True)
class Confusion:
    """How often one label was taken for another, and the rows that have the true one."""

    actual: str
    predicted: str
    count: int
    rows: int


def labels(decision: Decision) -> list[Label]:
    """Every label, the weakest first; those that are neither present nor predicted say nothing, and stand last."""
    said = [sum(column) for column in zip(*decision.confusion, strict=True)]
    found = [
        Label(each.label, each.rows, said[index], hits, f1(hits, each.rows + said[index] - hits))
        for index, each in enumerate(decision.labels)
        for hits in (decision.confusion[index][index],)
    ]
    return sorted(found, key=lambda each: (not each.rows + each.said, each.f1.value, each.f1.low, each.name))


def f1(hits: int, concerned: int) -> Estimate:
    """F1 of one label, from the rows that have it or were said to, and how many of them were hits.

    F1 rises with the share of hits among these rows (the Jaccard index J) and with nothing else: it is
    2J / (1 + J). So Wilson's interval of that share gives one of F1; it is sound for few rows and for
    perfect scores, where a bootstrap would claim certainty.
    """
    low, high = _wilson(hits, concerned)
    return Estimate(value=_from_jaccard(hits / max(1, concerned)), low=_from_jaccard(low), high=_from_jaccard(high))


def plot(found: Sequence[Label], overall: Estimate) -> plots.Intervals:
    """The labels' F1 on the whole axis, with the score over all labels to compare them with."""
    rows = [(each.name, each.f1, False) for each in found]
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


def _from_jaccard(share: float) -> float:
    return 2 * share / (1 + share)


def _wilson(hits: int, of: int) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927)."""
    if not of:
        return 0.0, 1.0
    centre = (hits + _Z**2 / 2) / (of + _Z**2)
    reach = _Z / (of + _Z**2) * math.sqrt(hits * (of - hits) / of + _Z**2 / 4)
    # Within rounding the interval holds the share itself.
    return min(max(0.0, centre - reach), hits / of), max(min(1.0, centre + reach), hits / of)
