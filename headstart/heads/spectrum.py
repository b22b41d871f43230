"""The eigenbasis of the features' scatter: what every closed form, and the preconditioner, is diagonal in."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headstart.arrays import Array

Doubles = npt.NDArray[np.float64]

_NEGLIGIBLE = 1e-12  # of the greatest eigenvalue: below it a direction is rounding


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
    values, basis = np.linalg.eigh(centred.T @ centred)
    kept = values > _NEGLIGIBLE * max(values[-1], 0)
    return Spectrum(mean, values[kept], basis[:, kept], centred @ basis[:, kept])
