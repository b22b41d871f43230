"""The eigenbasis of the features' scatter: what every closed form, and the preconditioner, is diagonal in."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headstart.arrays import Array

Doubles = npt.NDArray[np.float64]

_NEGLIGIBLE = 1e-12  # of the rows' squared lengths: below it a direction is rounding


@dataclass(frozen=True)
class Spectrum:
    """Centred features X = P V', where V has orthonormal columns and P'P is diagonal.

    ``mean`` (width,); ``values`` (rank,), the diagonal of P'P, ascending; ``basis`` V (width, rank); ``projected``
    P (rows, rank). The rank is that of X, so few rows make a small problem of any width.
    """

    mean: Doubles
    values: Doubles
    basis: Doubles
    projected: Doubles


def spectrum(x: Array) -> Spectrum:
    """The spectrum of features of shape (rows, width), in double precision."""
    mean = x.mean(axis=0, dtype=np.float64)
    centred = x - mean
    scatter = centred.T @ centred
    values, basis = eigenbasis(scatter, float(np.trace(scatter)))
    return Spectrum(mean, values, basis, centred @ basis)


def eigenbasis(scatter: Doubles, scale: float) -> tuple[Doubles, Doubles]:
    """The eigenvalues, ascending, and eigenvectors of a scatter (width, width), without those that are rounding.

    Args:
        scatter: Around the mean.
        scale: What it was computed from: the sum of squares that rounding is to be measured by.
    """
    values, basis = np.linalg.eigh(scatter)
    kept = values > _NEGLIGIBLE * scale
    return values[kept], basis[:, kept]
