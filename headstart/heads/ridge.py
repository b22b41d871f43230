"""Ridge regression on one-hot targets: every strength, and every left-out row, from one eigendecomposition.

With centred features X = P V' (:mod:`headstart.heads.spectrum`) the weights for strength a are V (P'P + a)^-1 P'Y, and
row i has the leverage h_i = 1/n + sum_j P_ij^2 / (P'P + a)_jj. The prediction for a row by the head that was fitted
without it is y_i - (y_i - yhat_i) / (1 - h_i), exactly (Hastie, Tibshirani and Friedman 2009, sections 3.4.1, 7.10).
"""

from collections.abc import Sequence

import numpy as np

from headstart.arrays import Array, Outputs, Targets
from headstart.errors import DataError
from headstart.heads.fitted import Fitted, Setting
from headstart.heads.moments import Moments
from headstart.heads.spectrum import spectrum

CLOSED_FORM = True
TRAINABLE = True
_MOST = 16


def settings(most: int) -> tuple[Setting, ...]:
    """Strengths from 0.001 to 100; features have unit length, so the squared singular values sum to the rows."""
    return tuple({"strength": float(strength)} for strength in np.logspace(-3, 2, min(most, _MOST)))


def fit(x: Array, targets: Targets, labels: int, settings: Sequence[Setting], seed: int) -> list[Fitted]:
    """One head for each strength."""
    return from_moments(Moments.of(x, targets, labels), settings)


def from_moments(moments: Moments, settings: Sequence[Setting]) -> list[Fitted]:
    """One head for each strength. A label without training rows gets the least output everywhere."""
    values, basis = moments.eigenbasis
    y_mean, mean = moments.counts / moments.rows, moments.mean
    shared = basis.T @ (moments.sums - np.outer(moments.counts, mean)).T
    heads: list[Fitted] = []
    for setting in settings:
        weight = (basis / (values + setting["strength"])) @ shared
        bias = y_mean - mean @ weight
        heads.append({"weight": weight.T.astype(np.float32), "bias": bias.astype(np.float32)})
    return heads


def leave_one_out(x: Array, targets: Targets, labels: int, settings: Sequence[Setting]) -> Outputs:
    """What each strength's head answers for each row when it is fitted on all the others.

    Args:
        x: Unit-length features of shape (rows, width).
        targets: Label numbers of shape (rows,).
        labels: The number of labels.
        settings: Strengths above zero.

    Returns:
        Outputs of shape (settings, rows, labels), float32; computed in double precision.

    Raises:
        DataError: There is one row, and without it none.
    """
    rows = len(x)
    if rows < 2:
        problem = f"a head cannot be fitted without one of {rows} rows."
        raise DataError("data/too-few-rows", problem, remedy="Label more rows.")
    y = np.eye(labels)[targets]
    y_mean, found = y.mean(axis=0), spectrum(x)
    projected = (x - found.mean) @ found.basis
    shared = projected.T @ (y - y_mean)
    left_out = np.empty((len(settings), rows, labels), dtype=np.float32)
    for number, setting in enumerate(settings):
        scaled = projected / (found.values + setting["strength"])
        leverage = 1 / rows + (scaled * projected).sum(axis=1)
        left_out[number] = y - (y - y_mean - scaled @ shared) / (1 - leverage)[:, None]
    return left_out
