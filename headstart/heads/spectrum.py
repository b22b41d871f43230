"""The eigenbasis of the features' scatter: what every closed form, and the preconditioner, is diagonal in."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headstart.arrays import Array

Doubles = npt.NDArray[np.float64]

_NEGLIGIBLE = 1e-12  # of the rows' squared lengths: below it a direction is rounding
_BLOCK = 16384  # rows that are held in double precision at once


@dataclass(frozen=True)
class Spectrum:
    """Centred features X = P V', where V has orthonormal columns and P'P is diagonal.

    ``mean`` (width,); ``values`` (rank,), the diagonal of P'P, ascending; ``basis`` V (width, rank). The rank is that
    of X, so few rows make a small problem of any width.
    """

    mean: Doubles
    values: Doubles
    basis: Doubles

    def projected(self, x: Array) -> Array:
        """P of features of shape (rows, width): shape (rows, rank), float32."""
        found = np.empty((len(x), len(self.values)), dtype=np.float32)
        for rows in blocks(len(x)):
            found[rows] = (x[rows] - self.mean) @ self.basis
        return found


def spectrum(x: Array) -> Spectrum:
    """The spectrum of features of shape (rows, width), in double precision."""
    mean = x.mean(axis=0, dtype=np.float64)
    scatter = np.zeros((x.shape[1], x.shape[1]))
    for rows in blocks(len(x)):
        centred = x[rows] - mean
        scatter += centred.T @ centred
    values, basis = eigenbasis(scatter, float(np.trace(scatter)))
    return Spectrum(mean, values, basis)


def blocks(rows: int) -> list[slice]:
    """Rows in blocks that may be held in double precision."""
    return [slice(start, start + _BLOCK) for start in range(0, rows, _BLOCK)]


def eigenbasis(scatter: Doubles, scale: float) -> tuple[Doubles, Doubles]:
    """The eigenvalues, ascending, and eigenvectors of a scatter (width, width), without those that are rounding.

    Args:
        scatter: Around the mean.
        scale: What it was computed from: the sum of squares that rounding is to be measured by.
    """
    values, basis = np.linalg.eigh(scatter)
    kept = values > _NEGLIGIBLE * scale
    return values[kept], basis[:, kept]
