"""Linear discriminant analysis: every shrinkage from the eigenbasis of the scatter of all rows.

Labels are Gaussians with means of their own and one covariance W, which is drawn towards the scaled identity:
S = (1 - g) W + g t I, where t is the mean of W's eigenvalues (Friedman 1989, with one covariance for all). The outputs
are the logarithms of the posteriors up to a term that all labels share (Hastie, Tibshirani and Friedman 2009, section
4.3).

W is the scatter of all rows less that of the means, n W = Q L Q' - M N M', with the centred means as columns of M and
the numbers of their rows in N. So S = A - (1 - g) / n M N M' with A diagonal in Q, and by Woodbury's identity
S^-1 M = A^-1 M (I - (1 - g) / n N M' A^-1 M)^-1: beside the basis, which ridge shares, a shrinkage takes the solution
of one system of as many equations as there are labels.
"""

from collections.abc import Sequence

import numpy as np

from headstart.arrays import Array, Targets
from headstart.heads.fitted import Fitted, Setting, linear_head
from headstart.heads.moments import Moments

CLOSED_FORM = True
TRAINABLE = True
_MOST = 8
_LEAST = 1e-8  # shrinkage: with less, a direction in which no label varies would decide everything
_NEGLIGIBLE = 1e-12  # of the scatter: below it no label varies at all


def settings(most: int) -> tuple[Setting, ...]:
    """Shrinkages from 0.01 to 1; at 1 the head is the nearest centroid with priors."""
    count = min(most, _MOST)
    return tuple({"shrinkage": float(each)} for each in (np.geomspace(0.01, 1, count) if count > 1 else (0.1,)))


def fit(x: Array, targets: Targets, labels: int, settings: Sequence[Setting], seed: int) -> list[Fitted]:
    """One head for each shrinkage."""
    return from_moments(Moments.of(x, targets, labels), settings)


def from_moments(moments: Moments, settings: Sequence[Setting]) -> list[Fitted]:
    """One head for each shrinkage; where no label varies, that of the identity as covariance for all."""
    rows, mean, counts = moments.rows, moments.mean, moments.counts[moments.present]
    values, basis = moments.eigenbasis
    means = (moments.means - mean) @ basis
    varies = values.sum() - counts @ (means**2).sum(axis=1)
    scale = varies / (rows * len(mean))
    heads = []
    for setting in settings:
        if varies > _NEGLIGIBLE * values.sum():
            shrinkage = max(setting["shrinkage"], _LEAST)
            covariance = (1 - shrinkage) * values / rows + shrinkage * scale
            among = (1 - shrinkage) / rows * (means / covariance) @ means.T * counts
            weight = np.linalg.solve(np.eye(len(counts)) - among, means / covariance)
        else:
            weight = means
        # Around the common mean the terms are small; around the origin they nearly cancel.
        bias = np.log(counts / rows) - (weight * means).sum(axis=1) / 2
        weight = weight @ basis.T
        heads.append(linear_head(weight, bias - weight @ mean, moments.present, len(moments.counts)))
    return heads
