"""Which rows train, which choose, which judge.

A row is placed with its unit: the rows of its group, or those whose normalised content is the same. What the source
publishes stays as it is; what it lacks is carved out of its training rows.

By content (the default) each unit has a position in [0, 1) that follows from its digest and the seed. Units below
``test + validation`` never train, whatever other rows there are, so that no test row of yesterday becomes a training
row. Of these, each label has as many judge as its share says, the lowest first; the others choose (or judge too, where
none are to choose), and where they are too few, the lowest of those above choose too. Only a label that would have
nothing to be learned from keeps a unit for training, until it gets another. Units that an earlier import has placed
keep their place.

By time the latest rows judge and those before them choose, so that places move on with time.
"""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from headstart.labels.reconciling.index import Digests, runs
from headstart.labels.reconciling.minhash import mix
from headstart.spec import SPLITS, SplitSpec

Places = npt.NDArray[np.int8]
"""The number of each row's split in SPLITS, or -1."""

TRAIN, VALIDATION, TEST = range(3)


class Placeable(NamedTuple):
    """Rows to be placed: arrays of one length. ``are_apart`` says that no two rows have the same unit.

    ``stratum`` is what is to be spread evenly, a label's number; ``published`` is the split that the source says, -1
    where it says none; ``time`` is in seconds.
    """

    unit: Digests
    stratum: npt.NDArray[np.int64]
    published: Places
    time: npt.NDArray[np.float64]
    are_apart: bool = False


class Known(NamedTuple):
    """Units that an earlier import has placed: ``unit`` is sorted by its first number."""

    unit: Digests
    place: Places

    @classmethod
    def of(cls, unit: Digests, place: Places) -> Self:
        """Units in any order."""
        order = np.argsort(unit[:, 0], kind="stable")
        return cls(unit[order], place[order])

    def places(self, unit: Digests) -> Places:
        """Where units were placed, -1 where they are new."""
        found = np.full(len(unit), -1, np.int8)
        if len(self.unit):
            at = np.minimum(np.searchsorted(self.unit[:, 0], unit[:, 0]), len(self.unit) - 1)
            same = (self.unit[at] == unit).all(axis=1)
            found[same] = self.place[at[same]]
        return found


NOTHING_KNOWN = Known(np.empty((0, 2), np.uint64), np.empty(0, np.int8))


def assign(rows: Placeable, spec: SplitSpec, known: Known = NOTHING_KNOWN) -> Places:
    """The split of each row."""
    place = rows.published.copy()
    carved = np.flatnonzero(place <= TRAIN)
    test = 0.0 if (place == TEST).any() else spec.test
    validation = 0.0 if (place == VALIDATION).any() else spec.validation
    rows = Placeable(rows.unit[carved], rows.stratum[carved], place[carved], rows.time[carved], rows.are_apart)
    if spec.time is not None:
        place[carved] = _by_time(rows, test, validation)
    else:
        place[carved] = _by_content(rows, test, validation, spec.seed, known.places(rows.unit))
    return place


class _Units(NamedTuple):
    """What is placed as one: where it stands among its like, how many rows it has, and the rarest of their strata."""

    of_row: npt.NDArray[np.intp]
    position: npt.NDArray[np.float64]
    size: npt.NDArray[np.intp]
    stratum: npt.NDArray[np.int64]
    place: Places


def _units(rows: Placeable, seed: int, known: Places) -> _Units:
    first, of_row = _numbered(rows)
    stratum = rows.stratum[first]
    if not rows.are_apart:
        # Of the strata of a unit's rows the one with the fewest rows: it has the least to choose from.
        counts = np.bincount(rows.stratum)
        order = np.lexsort((rows.stratum, counts[rows.stratum]))[::-1]
        stratum[of_row[order]] = rows.stratum[order]  # the last one stays
    place = np.full(len(first), -1, np.int8)
    place[of_row] = known
    mixed = mix(rows.unit[first, 0] ^ mix(np.array([seed], np.uint64)))
    return _Units(of_row, mixed / 2.0**64, np.bincount(of_row), stratum, place)


def _numbered(rows: Placeable) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """For each unit a row of it, and for each row the number of its unit."""
    if rows.are_apart:
        every = np.arange(len(rows.unit))
        return every, every
    order, begins = runs(rows.unit)
    of_row = np.empty(len(rows.unit), np.intp)
    of_row[order] = np.cumsum(begins) - 1
    return order[begins], of_row


def _by_content(rows: Placeable, test: float, validation: float, seed: int, known: Places) -> Places:
    if not len(known):
        return known
    units = _units(rows, seed, known)
    place = units.place
    new = place < 0
    never_trains = units.position < test + validation
    together = np.zeros_like(units.stratum)
    # Where strata of few rows have none to give, others give more, so that there are as many test rows as said.
    for stratum in (units.stratum, together):
        place[_filled(units, stratum, (place < 0) & never_trains, test, place == TEST)] = TEST
    place[(place < 0) & never_trains] = VALIDATION if validation else TEST
    if validation:
        place[_filled(units, units.stratum, place < 0, test + validation, place > TRAIN)] = VALIDATION
    place[place < 0] = TRAIN
    _leave_something_to_learn_from(rows, units, place, new)
    return place[units.of_row]


def _filled(
    units: _Units,
    strata: npt.NDArray[np.int64],
    candidates: npt.NDArray[np.bool],
    share: float,
    taken: npt.NDArray[np.bool],
) -> npt.NDArray[np.bool]:
    """The candidates of lowest position that fill each stratum's share, beside those units that are taken already."""
    count = int(strata.max()) + 1
    rows = np.bincount(strata, weights=units.size, minlength=count)
    have = np.bincount(strata[taken], weights=units.size[taken], minlength=count)
    # Rounded in sum, so that many strata of few rows have their share together.
    room = np.diff(np.floor(np.cumsum(rows) * share + 0.5), prepend=0) - have
    index = np.flatnonzero(candidates)
    index = index[room[strata[index]] > 0]
    index = index[np.lexsort((units.position[index], strata[index]))]
    sizes, stratum = units.size[index], strata[index]
    before = np.cumsum(sizes) - sizes
    begins = np.searchsorted(stratum, stratum)
    before = before - before[begins] if len(before) else before
    chosen = np.zeros(len(units.size), dtype=bool)
    chosen[index[before + sizes / 2 <= room[stratum]]] = True
    return chosen


def _leave_something_to_learn_from(rows: Placeable, units: _Units, place: Places, new: npt.NDArray[np.bool]) -> None:
    """For each stratum without a training row, its own new unit that is furthest from the test end trains."""
    trains = np.zeros(int(rows.stratum.max()) + 1, dtype=bool)
    trains[rows.stratum[place[units.of_row] == TRAIN]] = True
    lacking = np.unique(rows.stratum[~trains[rows.stratum]])
    mixed = np.zeros(len(units.size), dtype=bool)
    mixed[units.of_row[rows.stratum != units.stratum[units.of_row]]] = True
    for stratum in lacking:
        own = np.flatnonzero((units.stratum == stratum) & ~mixed & new)
        if len(own):
            place[own[units.position[own].argmax()]] = TRAIN


def _by_time(rows: Placeable, test: float, validation: float) -> Places:
    """The latest rows judge, those before them choose; rows of a unit, and rows of one time, are not parted."""
    place = np.full(len(rows.time), TRAIN, np.int8)
    if not len(place):
        return place
    _, of_row = _numbered(rows)
    latest = np.full(of_row.max() + 1, -np.inf)
    np.maximum.at(latest, of_row, rows.time)
    time = latest[of_row]
    newest = np.sort(time)[::-1]
    for split, share in ((VALIDATION, test + validation), (TEST, test)):
        count = int(len(time) * share + 0.5)
        if count:
            place[time >= newest[count - 1]] = split
    return place


def names(places: Places) -> Sequence[str]:
    """Splits by name."""
    return [SPLITS[place] for place in places.tolist()]
