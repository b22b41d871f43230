"""Linear discriminant analysis: every shrinkage from one eigendecomposition of the within-class covariance.

Labels are Gaussians with means of their own and one covariance S = Q L Q', which is drawn towards the scaled identity:
(1 - g) L + g t, where t is the mean of L (Friedman 1989, with one covariance for all). The outputs are the logarithms
of the posteriors up to a term that all labels share (Hastie, Tibshirani and Friedman 2009, section 4.3).
"""

from collections.abc import Sequence

import numpy as np

from headstart.arrays import Array, Targets
from headstart.heads.fitted import Fitted, Setting, linear_head
from headstart.heads.spectrum import Doubles

CLOSED_FORM = True
TRAINABLE = True
_MOST = 8
_NEGLIGIBLE = 1e-10  # of the greatest eigenvalue; smaller ones are not inverted


def settings(most: int) -> tuple[Setting, ...]:
    """Shrinkages from 0.01 to 1; at 1 the head is the nearest centroid with priors."""
    count = min(most, _MOST)
    return tuple({"shrinkage": float(each)} for each in (np.geomspace(0.01, 1, count) if count > 1 else (0.1,)))


def fit(x: Array, targets: Targets, labels: int, settings: Sequence[Setting], seed: int) -> list[Fitted]:
    """One head for each shrinkage."""
    present, position, counts = np.unique(targets, return_inverse=True, return_counts=True)
    means = np.stack([x[targets == label].mean(axis=0, dtype=np.float64) for label in present])
    within = x - means[position]
    values, basis = np.linalg.eigh(within.T @ within / len(x))
    values = np.maximum(values, 0)
    mean, rotated = means.mean(axis=0), (means - means.mean(axis=0)) @ basis
    heads = []
    for setting in settings:
        weight = rotated * _inverse(values, setting["shrinkage"])
        # Around the centroids' mean the terms are small; around the origin they nearly cancel.
        bias = np.log(counts / len(x)) - (weight * rotated).sum(axis=1) / 2
        weight = weight @ basis.T
        heads.append(linear_head(weight, bias - weight @ mean, present, labels))
    return heads


def _inverse(values: Doubles, shrinkage: float) -> Doubles:
    """The reciprocals of the shrunk eigenvalues; of a covariance that is zero, those of the identity."""
    if not values[-1] > 0:
        return np.ones_like(values)
    shrunk = (1 - shrinkage) * values + shrinkage * values.mean()
    kept = shrunk > _NEGLIGIBLE * shrunk[-1]
    return np.where(kept, 1 / np.where(kept, shrunk, 1), 0)
