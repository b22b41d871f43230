"""Ridge regression on one-hot targets: every strength from one singular value decomposition.

With centred features X = U S V' the weights for strength a are V diag(s / (s^2 + a)) U'Y
(Hastie, Tibshirani and Friedman 2009, section 3.4.1).
"""

from collections.abc import Sequence

import numpy as np

from headstart.arrays import Array, Targets
from headstart.heads.fitted import Fitted, Setting

CLOSED_FORM = True
_MOST = 16


def settings(most: int) -> tuple[Setting, ...]:
    """Strengths from 0.001 to 100; features have unit length, so the squared singular values sum to the rows."""
    return tuple({"strength": float(strength)} for strength in np.logspace(-3, 2, min(most, _MOST)))


def fit(x: Array, targets: Targets, labels: int, settings: Sequence[Setting], seed: int) -> list[Fitted]:
    """One head for each strength. A label without training rows gets the least output everywhere."""
    y = np.eye(labels)[targets]
    x_mean, y_mean = x.mean(axis=0, dtype=np.float64), y.mean(axis=0)
    u, s, v = np.linalg.svd(x - x_mean, full_matrices=False)
    projected = u.T @ (y - y_mean)
    heads: list[Fitted] = []
    for setting in settings:
        weight = (v.T * (s / (s**2 + setting["strength"]))) @ projected
        heads.append({"weight": weight.T.astype(np.float32), "bias": (y_mean - x_mean @ weight).astype(np.float32)})
    return heads
