"""Folds for cross-validation: labels spread evenly, groups kept together."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from headstart.arrays import Targets

Indices = npt.NDArray[np.intp]
Fold = tuple[Indices, Indices]
"""Rows to fit on and rows to judge on, as indices."""


def stratified(targets: Targets, groups: Sequence[str], count: int, seed: int) -> list[Fold]:
    """Folds in which each label is spread as evenly as its rows and the groups allow.

    Unlike scikit-learn's, labels with fewer rows than there are folds are welcome.
    """
    fold_of = (
        _by_row(targets, count, seed) if len(set(groups)) == len(groups) else _by_group(targets, groups, count, seed)
    )
    return [(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(count)]


def _by_row(targets: Targets, count: int, seed: int) -> Indices:
    shuffled = np.random.default_rng(seed).permutation(len(targets))
    order = shuffled[np.argsort(targets[shuffled], kind="stable")]  # by label, shuffled within
    fold_of = np.empty(len(targets), dtype=np.intp)
    fold_of[order] = np.arange(len(targets)) % count
    return fold_of


def _by_group(targets: Targets, groups: Sequence[str], count: int, seed: int) -> Indices:
    """Groups dealt out one by one, largest first, each to the fold that has least of the labels it brings."""
    names, group_of = np.unique(np.asarray(groups), return_inverse=True)
    labels = int(targets.max()) + 1
    holds = np.zeros((len(names), labels))
    np.add.at(holds, (group_of, targets), 1)
    share = holds / np.maximum(holds.sum(axis=0), 1)  # a rare label weighs as much as a frequent one
    filled = np.zeros((count, labels))
    fold_of_group = np.empty(len(names), dtype=np.intp)
    shuffled = np.random.default_rng(seed).permutation(len(names))
    for group in shuffled[np.argsort(-holds[shuffled].sum(axis=1), kind="stable")]:
        overlap = filled @ (share[group] > 0)
        # Among folds that have equally little of its labels, the one with the fewest rows.
        fold = min(range(count), key=lambda each: (overlap[each], filled[each].sum()))
        fold_of_group[group] = fold
        filled[fold] += share[group]
    return fold_of_group[group_of]


def subsample(rows: Sequence[int] | Indices, targets: Targets, most: int, seed: int) -> Indices:
    """At most so many of the rows, each label in proportion, in an order whose beginnings are samples too.

    Args:
        rows: Which rows, as indices into ``targets``.
        targets: Label numbers of all rows.
        most: How many to draw.
        seed: What decides the draw.
    """
    taken = np.asarray(rows, dtype=np.intp)
    return taken[spread(targets[taken], seed)[:most]]


def spread(targets: Targets, seed: int) -> Indices:
    """An order of the rows in which every beginning holds each label in proportion, as far as numbers allow.

    The k-th of a label's m rows, shuffled, stands at a place drawn from the k-th of m equal parts of the whole.
    """
    generator = np.random.default_rng(seed)
    place = np.empty(len(targets))
    for label in np.unique(targets):
        rows = generator.permutation(np.flatnonzero(targets == label))
        place[rows] = (np.arange(len(rows)) + generator.random(len(rows))) / len(rows)
    return np.argsort(place, kind="stable")
