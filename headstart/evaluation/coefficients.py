"""How far annotators agree beyond chance: each coefficient is one minus observed over expected disagreement.

Like :mod:`.metrics`, a coefficient is computed under many resamplings at once: ``weights``, of shape (resamplings,
units), say how often each of the ballots' units was drawn. Without weights there is one: the votes as they are.
"""

from collections.abc import Hashable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Literal, NamedTuple, cast

import numpy as np

from headstart.evaluation.ballots import Ballots, Indices, Sums
from headstart.evaluation.metrics import Scores, Weights

Distance = Literal["nominal", "interval", "masi", "jaccard"]
_COLUMNS = 1024  # labels that are resampled at a time
_ROUNDING = 1e-12


class Disagreement(NamedTuple):
    """How much two votes on one item differ, and how much two votes differ by chance; each (resamplings,)."""

    observed: Scores
    expected: Scores

    def coefficient(self) -> Scores:
        """One minus their ratio, shape (resamplings,); nan where votes could not differ even by chance."""
        possible = self.expected > 0
        return np.where(possible, 1 - self.observed / np.where(possible, self.expected, 1), np.nan)


def cohen_kappa(ballots: Ballots, weights: Weights | None = None) -> Disagreement:
    """Two annotators who labeled the same items, each with habits of their own (Cohen 1960).

    Raises:
        ValueError: Some item was not labeled by each of exactly two.
    """
    first = ballots.annotator == 0
    same = np.array_equal(ballots.item[first], ballots.item[~first])
    if ballots.annotators != 2 or not ballots.all_known or not same:
        raise ValueError("Cohen's kappa takes items that the same two annotators labeled")
    weights = _or_once(ballots, weights)
    one, other = ballots.value[first], ballots.value[~first]
    items = weights @ ballots.by_unit(np.ones(len(one)))
    observed = weights @ ballots.by_unit(one != other) / items
    chance = _together(ballots, ballots.unit, one, other, weights)
    return Disagreement(observed, (items**2 - chance) / items**2)


def fleiss_kappa(ballots: Ballots, weights: Weights | None = None) -> Disagreement:
    """The same number of votes on each item, whoever gave them (Fleiss 1971).

    Raises:
        ValueError: Some item has more votes than another.
    """
    if len(np.unique(ballots.sizes)) > 1:
        raise ValueError("Fleiss' kappa takes items with the same number of votes")
    weights = _or_once(ballots, weights)
    votes = weights @ ballots.by_unit(ballots.sizes)
    observed = weights @ ballots.by_unit(nominal_differences(ballots)) / votes
    return Disagreement(observed, _nominal_chance(ballots, votes, weights) / votes**2)


def krippendorff_alpha(
    ballots: Ballots, weights: Weights | None = None, distance: Distance = "nominal"
) -> Disagreement:
    """Any number of votes on each item (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability").

    ``distance`` says how far apart two labels are: all the same (nominal), as the square of the difference of two
    numbers (interval), or as :func:`set_distances` has it for two sets of labels (masi, jaccard).

    Raises:
        ValueError: A label is not what the distance takes: a finite number, or a set.
    """
    weights = _or_once(ballots, weights)
    votes = weights @ ballots.by_unit(ballots.sizes)
    if distance == "nominal":
        differences, chance = nominal_differences(ballots), _nominal_chance(ballots, votes, weights)
    elif distance == "interval":
        differences, chance = _squares(ballots, votes, weights)
    else:
        distances = set_distances(_sets(ballots), distance)
        differences, chance = _of_sets(ballots, distances, weights)
    return Disagreement(weights @ ballots.by_unit(differences) / votes, chance / (votes * (votes - 1)))


def span_f1(ballots: Ballots, weights: Weights | None = None) -> Disagreement:
    """F1 of exactly equal spans, over all pairs of annotators of an item (Hripcsak and Rothschild 2005).

    A label is the set of an annotator's spans in the item, perhaps empty. Nobody knows how many spans there could
    have been, and the more there could, the nearer kappa comes to this F1: so nothing is taken off for chance.
    """
    weights = _or_once(ballots, weights)
    item, span, found = members(ballots)
    key, times = np.unique(item * len(found) + span, return_counts=True)
    shared = np.bincount(key // max(1, len(found)), weights=times * (times - 1), minlength=len(ballots.sizes))
    marked = np.bincount(item, minlength=len(ballots.sizes)) * (ballots.sizes - 1)
    possible = weights @ ballots.by_unit(marked)
    observed = 1 - weights @ ballots.by_unit(shared) / np.maximum(possible, 1)
    return Disagreement(observed, np.where(possible > 0, 1.0, 0.0))


def nominal_differences(ballots: Ballots) -> Sums:
    """For each item, shape (items,): the share of the other votes that differ from a vote, summed over its votes."""
    cells = ballots.cells
    alike = np.bincount(cells.item, weights=cells.times**2)
    return (ballots.sizes**2 - alike) / (ballots.sizes - 1)


def members(ballots: Ballots) -> tuple[Indices, Indices, tuple[Hashable, ...]]:
    """Where labels are sets: the item and the number of each member of each vote, and what the numbers mean."""
    lengths, flat, found = _numbered(_sets(ballots))
    begins, held = (np.cumsum(lengths) - lengths)[ballots.value], lengths[ballots.value]
    place = np.repeat(begins - (np.cumsum(held) - held), held) + np.arange(held.sum())
    return np.repeat(ballots.item, held), flat[place], found


def set_distances(sets: Sequence[AbstractSet[Hashable]], distance: Literal["masi", "jaccard"]) -> Sums:
    """How far apart every two sets are, from 0 to 1, shape (sets, sets).

    Jaccard's distance is one minus the shared over all members. MASI (Passonneau 2006) weighs what is shared by
    2/3 where one set holds the other, and by 1/3 where neither does.
    """
    sizes, flat, found = _numbered(sets)
    shape = len(sets), max(1, len(found))
    from scipy.sparse import csr_array

    table = csr_array((np.ones(len(flat)), (np.repeat(np.arange(len(sets)), sizes), flat)), shape=shape)
    shared = (table @ table.T).toarray()
    both = sizes[:, None] + sizes - shared
    alike = np.where(both > 0, shared / np.maximum(both, 1), 1.0)  # two empty sets are the same
    if distance == "masi":
        alike *= np.where(shared == both, 3, np.where(shared == np.minimum(sizes[:, None], sizes), 2, 1)) / 3
    apart: Sums = 1 - alike
    return apart


def _sets(ballots: Ballots) -> Sequence[AbstractSet[Hashable]]:
    sets = [label for label in ballots.labels if isinstance(label, AbstractSet)]
    if len(sets) < len(ballots.labels):
        raise ValueError("labels must be sets")
    return sets


def _numbered(sets: Sequence[AbstractSet[Hashable]]) -> tuple[Indices, Indices, tuple[Hashable, ...]]:
    """The size of each set, the numbers of all members one set after the other, and what the numbers mean."""
    numbers: dict[Hashable, int] = {}
    flat = np.array([numbers.setdefault(each, len(numbers)) for every in sets for each in every], dtype=np.int64)
    return np.array([len(every) for every in sets], dtype=np.int64), flat, tuple(numbers)


def _or_once(ballots: Ballots, weights: Weights | None) -> Weights:
    return np.ones((1, ballots.units)) if weights is None else weights


def _nominal_chance(ballots: Ballots, votes: Scores, weights: Weights) -> Scores:
    """How many ordered pairs among all votes have different labels."""
    unit = ballots.unit[ballots.item]
    chance: Scores = votes**2 - _together(ballots, unit, ballots.value, ballots.value, weights)
    return chance


def _together(ballots: Ballots, unit: Indices, one: Indices, other: Indices, weights: Weights) -> Scores:
    """How many pairs of one of these values and one of the others are the same label, whatever their items."""
    total = np.zeros(len(weights))
    for start in range(0, len(ballots.labels), _COLUMNS):
        width = min(_COLUMNS, len(ballots.labels) - start)
        left = weights @ _counted(ballots, unit, one, start, width)
        right = left if other is one else weights @ _counted(ballots, unit, other, start, width)
        total += np.einsum("ij,ij->i", left, right)
    return total


def _counted(ballots: Ballots, unit: Indices, values: Indices, start: int, width: int) -> Sums:
    """How often each unit has each of ``width`` labels from ``start`` on, shape (units, width)."""
    here = (values >= start) & (values < start + width)
    key = unit[here] * width + values[here] - start
    return np.bincount(key, minlength=ballots.units * width).reshape(ballots.units, width).astype(np.float64)


def _squares(ballots: Ballots, votes: Scores, weights: Weights) -> tuple[Sums, Scores]:
    """Squared differences between numbers, in each item and among all votes: n Σx² - (Σx)² for every n votes."""
    numbers = np.array([float(cast("Any", label)) for label in ballots.labels])
    if not np.isfinite(numbers).all():
        raise ValueError("the interval distance takes finite numbers")
    # Scaled to 0 … 1, which changes no ratio, so that no square overflows.
    numbers /= max(np.abs(numbers).max(), np.finfo(np.float64).tiny)
    numbers -= numbers.min()
    numbers /= numbers.max() or 1
    said = numbers[ballots.value]
    first, second = np.bincount(ballots.item, weights=said), np.bincount(ballots.item, weights=said**2)
    differences: Sums = np.maximum(ballots.sizes * second - first**2, 0) * 2 / (ballots.sizes - 1)
    drawn = weights @ ballots.by_unit(second)
    chance = 2 * (votes * drawn - (weights @ ballots.by_unit(first)) ** 2)
    return differences, np.where(chance > _ROUNDING * votes * drawn, chance, 0)


def _of_sets(ballots: Ballots, distances: Sums, weights: Weights) -> tuple[Sums, Scores]:
    """Distances between sets, in each item and among all votes."""
    item, value, times = ballots.cells
    differences = np.zeros(len(ballots.sizes))
    for one, other in ballots.cells.pairs():
        apart = times[one] * times[other] * distances[value[one], value[other]]
        differences += np.bincount(item[one], weights=2 * apart, minlength=len(differences))
    drawn = weights @ _counted(ballots, ballots.unit[ballots.item], ballots.value, 0, len(distances))
    return differences / (ballots.sizes - 1), np.einsum("ij,ij->i", drawn @ distances, drawn)
