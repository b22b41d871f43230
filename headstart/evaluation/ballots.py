"""The votes of several annotators as arrays, for the coefficients that say how far they agree."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]
Sums = npt.NDArray[np.float64]
Vote = tuple[Hashable | None, Hashable]
"""The annotator, or None where nobody knows who it was, and the label."""

UNKNOWN = -1
_UNITS = 50, 1000  # the fewest and the most units of resampling
_SUMS = 10**7  # units times labels


class Cells(NamedTuple):
    """How often an item was given a label: arrays of one length, ordered by item and value, ``times`` above 0."""

    item: Indices
    value: Indices
    times: Indices

    def pairs(self) -> Iterator[tuple[Indices, Indices]]:
        """Every two cells of the same item, as positions: the neighbours first, then those two apart, and so on."""
        here = np.arange(len(self.item))
        for step in count(1):
            here = here[here + step < len(self.item)]
            here = here[self.item[here] == self.item[here + step]]
            if not len(here):
                return
            yield here, here + step


@dataclass(frozen=True)
class Ballots:
    """The votes on the items that have at least two.

    ``item``, ``annotator`` and ``value`` are int64 arrays of shape (votes,), ordered by item. Items are numbered
    from 0, annotators too or :data:`UNKNOWN`, and a value is an index into ``labels``.
    """

    item: Indices
    annotator: Indices
    value: Indices
    labels: tuple[Hashable, ...]

    @classmethod
    def of(cls, votes: Iterable[Sequence[Vote]]) -> Self:
        """The votes of each item; items with fewer than two are left out.

        An annotator has one vote an item: who says the same thing twice is counted once, and who contradicts
        themselves not at all. Neither tells how far different people agree.
        """
        by_item = list(votes)
        flat = list(chain.from_iterable(by_item))
        item = np.repeat(np.arange(len(by_item)), np.fromiter(map(len, by_item), np.int64, len(by_item)))
        people: dict[Hashable | None, int] = {None: UNKNOWN}
        labels: dict[Hashable, int] = {}
        annotator = np.fromiter((people.setdefault(who, len(people) - 1) for who, _ in flat), np.int64, len(flat))
        value = np.fromiter((labels.setdefault(label, len(labels)) for _, label in flat), np.int64, len(flat))
        known = np.flatnonzero(annotator != UNKNOWN)
        person = item[known] * len(people) + annotator[known]
        _, first = np.unique(person * len(labels) + value[known], return_index=True)
        _, who, says = np.unique(person[first], return_inverse=True, return_counts=True)
        counted = np.concatenate([np.flatnonzero(annotator == UNKNOWN), known[first[says[who] == 1]]])
        counted.sort()
        return cls._of_several(item[counted], annotator[counted], value[counted], tuple(labels))

    @classmethod
    def of_counts(cls, counts: npt.NDArray[np.integer]) -> Self:
        """The votes in a matrix of shape (items, labels), of integers: how many chose a label, nobody knows who."""
        item, value = np.nonzero(counts)
        times = counts[item, value]
        item, value = np.repeat(item, times), np.repeat(value, times)
        return cls._of_several(item, np.full(len(item), UNKNOWN), value, tuple(range(counts.shape[1])))

    @classmethod
    def _of_several(cls, item: Indices, annotator: Indices, value: Indices, labels: tuple[Hashable, ...]) -> Self:
        several = np.bincount(item)[item] > 1
        item, annotator, value = item[several], annotator[several], value[several]
        known = annotator != UNKNOWN
        annotator[known] = np.unique(annotator[known], return_inverse=True)[1]
        used, value = np.unique(value, return_inverse=True)
        return cls(np.unique(item, return_inverse=True)[1], annotator, value, tuple(labels[each] for each in used))

    @cached_property
    def sizes(self) -> Indices:
        """The votes on each item, shape (items,)."""
        return np.bincount(self.item)

    @property
    def annotators(self) -> int:
        """How many annotators are known."""
        return int(self.annotator.max(initial=UNKNOWN)) + 1

    @property
    def all_known(self) -> bool:
        """Whether it is known of every vote who gave it."""
        return bool((self.annotator != UNKNOWN).all())

    @cached_property
    def cells(self) -> Cells:
        """The votes counted by item and value."""
        key, times = np.unique(self.item * len(self.labels) + self.value, return_counts=True)
        return Cells(*np.divmod(key, len(self.labels)), times)

    @cached_property
    def unit(self) -> Indices:
        """What each item is resampled with, shape (items,).

        More than a thousand items are dealt at random into so many units of equal size. The units are independent
        and alike as the items are, so their bootstrap has the same spread, at a price that does not grow with items.
        """
        fewest, most = _UNITS
        items, units = len(self.sizes), max(fewest, min(most, _SUMS // max(1, len(self.labels))))
        return np.arange(items) if items <= units else np.random.default_rng(0).permutation(items) % units

    @property
    def units(self) -> int:
        """How many units there are."""
        return min(len(self.sizes), int(self.unit.max(initial=0)) + 1)

    def by_unit(self, by_item: npt.NDArray[np.number | np.bool]) -> Sums:
        """A number of each item, shape (items,), summed in each unit; gives shape (units,)."""
        return np.bincount(self.unit, weights=by_item, minlength=self.units).astype(np.float64)

    def sample(self, votes: int) -> Self:
        """The votes on items drawn at random, as many items as have no more than so many votes together."""
        order = np.random.default_rng(0).permutation(np.flatnonzero(self.sizes <= votes))
        drawn = np.zeros(len(self.sizes), dtype=bool)
        drawn[order[np.cumsum(self.sizes[order]) <= votes]] = True
        here = drawn[self.item]
        return self._of_several(self.item[here], self.annotator[here], self.value[here], self.labels)
