"""Inter-annotator agreement: the coefficient that fits the votes, why it does, and which labels are confused."""

from collections.abc import Collection, Hashable, Iterable, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple, Protocol, cast

import numpy as np
from pydantic import BaseModel, ConfigDict

from headstart.evaluation.ballots import Ballots, Cells, Vote
from headstart.evaluation.coefficients import (
    Disagreement,
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
    members,
    nominal_differences,
    span_f1,
)
from headstart.evaluation.estimate import CONFIDENCE, Estimate
from headstart.evaluation.intervals import percentile, resamplings
from headstart.evaluation.metrics import Weights

Measure = Literal["nominal", "interval", "masi", "jaccard", "spans"]
"""What labels are: names, numbers, sets of names (with MASI's or Jaccard's distance), or sets of spans."""

SPANS = "F1 of exact spans"
_FEWEST = 10  # items that an interval takes
_SETS = 3000  # different sets of which every two are compared
_LABELS = 100  # different labels on one item, past which it tells nothing about which two are confused
_CONFUSED = 10
_FLAT = 1e-9
_NOTHING = "(none)"


class Confusion(BaseModel):
    """Two labels that annotators gave to the same item: on how many items, and in how many pairs of votes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: str
    second: str
    items: int
    pairs: int


class Agreement(BaseModel):
    """How far annotators agree on the items that have at least two votes.

    ``value`` is 1 where they always do and 0 where they do as often as chance; None where that is undefined.
    ``raw`` is how often another vote on the same item is the same. ``caveat`` says why the value or its interval
    is missing, and is empty where both are there. ``annotators`` counts those whose names are known.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    reason: str
    value: float | None
    interval: Estimate | None
    caveat: str
    items: int
    annotators: int
    raw: float
    confused: tuple[Confusion, ...]

    def summary(self) -> str:
        """One line for people."""
        said = self.caveat if self.value is None else str(self.interval or f"{self.value:.3f}")
        return f"{self.name} {said}: {self.items} items, on which two votes are the same {self.raw:.0%} of the time"


class _Coefficient(Protocol):
    def __call__(self, ballots: Ballots, weights: Weights | None = None) -> Disagreement: ...


class _Choice(NamedTuple):
    name: str
    reason: str
    coefficient: _Coefficient


def agreement(votes: Iterable[Sequence[Vote]], measure: Measure = "nominal") -> Agreement | None:
    """How far annotators agree, by the coefficient that fits; None where no item has two votes.

    The order of the items changes the interval within the noise of resampling, and nothing else.

    Args:
        votes: For each item its votes: who, or None where nobody knows, and the label. Labels are hashable: a
            name, a number (interval), or a frozenset of names (masi, jaccard) or of spans (spans). A span is a
            tuple whose last entry is its label, such as (start, end, label).
        measure: What the labels are.

    Raises:
        ValueError: A label is not what the measure takes: a finite number, or a set.
    """
    ballots = Ballots.of(votes)
    if not len(ballots.item):
        return None
    choice, used = _choose(ballots, measure)
    value, interval, caveat = _measured(used, choice.coefficient)
    return Agreement(
        name=choice.name,
        reason=choice.reason,
        value=value,
        interval=interval,
        caveat=caveat,
        items=len(ballots.sizes),
        annotators=ballots.annotators,
        raw=1 - float(nominal_differences(ballots).sum() / ballots.sizes.sum()),
        confused=_confused_spans(ballots) if measure == "spans" else _confused(ballots),
    )


def _choose(ballots: Ballots, measure: Measure) -> tuple[_Choice, Ballots]:
    """The coefficient that fits, and the votes that it is computed from."""
    sizes = np.unique(ballots.sizes)
    if measure == "spans":
        return _Choice(SPANS, "spans have no number of chances to agree by luck", span_f1), ballots
    if measure != "nominal":
        name = f"Krippendorff's alpha ({measure})"
        reason = "labels are numbers" if measure == "interval" else "labels are sets, which can agree in part"
        alpha = _Choice(name, reason, partial(krippendorff_alpha, distance=measure))
        if measure == "interval" or len(ballots.labels) <= _SETS:
            return alpha, ballots
        used = ballots.sample(_SETS)
        drawn = f"; from {len(used.sizes)} items drawn at random, as there are {len(ballots.labels)} different sets"
        return alpha._replace(reason=reason + drawn), used
    if ballots.annotators == 2 and np.array_equal(sizes, [2]) and ballots.all_known:
        return _Choice("Cohen's kappa", "the same two annotators labeled every item", cohen_kappa), ballots
    if len(sizes) == 1:
        return _Choice("Fleiss' kappa", f"every item has {sizes[0]} votes", fleiss_kappa), ballots
    reason = f"items have from {sizes[0]} to {sizes[-1]} votes"
    return _Choice("Krippendorff's alpha (nominal)", reason, krippendorff_alpha), ballots


def _measured(ballots: Ballots, coefficient: _Coefficient) -> tuple[float | None, Estimate | None, str]:
    """The value and its bootstrap interval over items, and why one of them is missing."""
    items = len(ballots.sizes)
    if not items:
        return None, None, "undefined because one item alone has too many different sets to compare every two"
    once = coefficient(ballots)
    value = float(once.coefficient()[0])
    if np.isnan(value):
        label = _text(ballots.labels[0])
        what = "nobody marked anything" if label == _NOTHING else f"every vote is {label!r}: chance would agree as much"
        return None, None, f"undefined because {what}"
    if items < _FEWEST:
        return value, None, f"no interval: fewer than {_FEWEST} items"
    samples = coefficient(ballots, resamplings(ballots.units)).coefficient()
    defined = samples[np.isfinite(samples)]
    if len(defined) < CONFIDENCE * len(samples):
        return value, None, "no interval: hardly any vote is for a label but the most frequent one"
    estimate = percentile(value, defined)
    if estimate.high - estimate.low < _FLAT:
        # All items are alike, as where everybody agrees, and resampling cannot tell how rare others are. With
        # n such items their share is at most this, by the exact binomial interval.
        others = 1 - ((1 - CONFIDENCE) / 2) ** (1 / items)
        reach = others / float(once.expected[0])
        estimate = Estimate(value=value, low=value - reach, high=value + reach)
    return value, estimate.within(-1.0, 1.0), ""


def _confused(ballots: Ballots) -> tuple[Confusion, ...]:
    return _most_confused(ballots.cells, tuple(map(_text, ballots.labels)))


def _confused_spans(ballots: Ballots) -> tuple[Confusion, ...]:
    """The labels that were given to spans of the same bounds; an item is then a place in a text."""
    item, span, found = members(ballots)
    bounds: dict[Hashable, int] = {}
    names: dict[str, int] = {}
    spans = cast("tuple[tuple[Any, ...], ...]", found)
    bound_of = np.array([bounds.setdefault(each[:-1], len(bounds)) for each in spans], dtype=np.int64)
    name_of = np.array([names.setdefault(_text(each[-1]), len(names)) for each in spans], dtype=np.int64)
    place = item * len(bounds) + bound_of[span]
    key, times = np.unique(place * len(names) + name_of[span], return_counts=True)
    return _most_confused(Cells(*np.divmod(key, len(names)), times), tuple(names))


def _most_confused(cells: Cells, names: Sequence[str]) -> tuple[Confusion, ...]:
    """The pairs of labels that stand together on most items, but for items with very many labels."""
    _, item, labels = np.unique(cells.item, return_inverse=True, return_counts=True)
    few = labels[item] <= _LABELS
    cells = Cells(item[few], cells.value[few], cells.times[few])
    alphabet = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), dtype=np.int64)
    rank[alphabet] = np.arange(len(names))
    keys, products = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for one, other in cells.pairs():
        left, right = rank[cells.value[one]], rank[cells.value[other]]
        keys.append(np.minimum(left, right) * len(names) + np.maximum(left, right))
        products.append(cells.times[one] * cells.times[other])
    pair, which, items = np.unique(np.concatenate(keys), return_inverse=True, return_counts=True)
    votes = np.bincount(which, weights=np.concatenate(products), minlength=len(pair)).astype(np.int64)
    most = np.lexsort((-votes, -items))[:_CONFUSED]  # stable: equals stay in the order of their names
    first, second = np.divmod(pair[most], len(names))
    return tuple(
        Confusion(first=names[alphabet[a]], second=names[alphabet[b]], items=int(n), pairs=int(v))
        for a, b, n, v in zip(first, second, items[most], votes[most], strict=True)
    )


def _text(label: Hashable) -> str:
    if isinstance(label, str):
        return label
    if isinstance(label, Collection):
        return " + ".join(sorted(map(_text, label))) or _NOTHING
    return f"{label:g}" if isinstance(label, float) else str(label)
