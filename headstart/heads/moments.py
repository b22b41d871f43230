"""The moments of labelled rows: all that ridge, discriminant analysis and centroids need to know of them.

Moments add up and can be taken away, so those of the rows outside a fold are those of all rows less the fold's: the
folds of a cross-validation cost together what one pass over the rows does. Families that are fitted on the same moments
share one eigendecomposition.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from headstart.arrays import Array, Targets
from headstart.heads.spectrum import Doubles, blocks, eigenbasis


@dataclass(frozen=True)
class Moments:
    """``counts`` (labels,) and ``sums`` (labels, width) of each label's rows; ``scatter`` (width, width), X'X of all.

    In double precision, so that what is taken away leaves nothing behind that single precision would see.
    """

    counts: Doubles
    sums: Doubles
    scatter: Doubles

    @classmethod
    def of(cls, x: Array, targets: Targets, labels: int) -> Self:
        """The moments of features (rows, width) with label numbers (rows,), not all of which need occur."""
        sums, scatter = np.zeros((labels, x.shape[1])), np.zeros((x.shape[1], x.shape[1]))
        for rows in blocks(len(x)):
            doubles, order = x[rows].astype(np.float64), np.argsort(targets[rows], kind="stable")
            present, starts = np.unique(targets[rows][order], return_index=True)
            sums[present] += np.add.reduceat(doubles[order], starts)
            scatter += doubles.T @ doubles
        return cls(np.bincount(targets, minlength=labels).astype(np.float64), sums, scatter)

    def __add__(self, other: "Moments") -> "Moments":
        """The moments of these rows and the other ones."""
        return Moments(self.counts + other.counts, self.sums + other.sums, self.scatter + other.scatter)

    def __sub__(self, other: "Moments") -> "Moments":
        """The moments of these rows without the other ones, which are among them."""
        return Moments(self.counts - other.counts, self.sums - other.sums, self.scatter - other.scatter)

    @property
    def rows(self) -> float:
        """How many rows there are."""
        return float(self.counts.sum())

    @property
    def present(self) -> Targets:
        """The labels that occur."""
        return np.flatnonzero(self.counts > 0)

    @property
    def mean(self) -> Doubles:
        """The mean of all rows, shape (width,)."""
        found: Doubles = self.sums.sum(axis=0) / self.rows
        return found

    @property
    def means(self) -> Doubles:
        """The mean of the rows of each label that occurs, shape (present, width)."""
        found: Doubles = self.sums[self.present] / self.counts[self.present, None]
        return found

    @cached_property
    def eigenbasis(self) -> tuple[Doubles, Doubles]:
        """The eigenvalues (rank,) and eigenvectors (width, rank) of the scatter around the mean."""
        return eigenbasis(self.scatter - self.rows * np.outer(self.mean, self.mean), float(np.trace(self.scatter)))
