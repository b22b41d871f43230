"""Transferability: how well a layer's features suit a task, in closed form, in a fraction of a second.

Three estimators, none of which is best everywhere; they rank layers and backbones before any head is fitted.

- LogME: the log evidence of a Bayesian linear model of the one-hot labels, per row and averaged over labels (You et al.
  2021, "LogME: Practical assessment of pre-trained models for transfer learning").
- H-score with Ledoit and Wolf's shrinkage (Ibrahim et al. 2022, "Newer is not always better"): the trace of the
  shrunk covariance's inverse times the covariance of the label means.
- The score of ridge regression by exact leave-one-out (:func:`headstart.heads.ridge.leave_one_out`).
"""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from headstart.arrays import Array, Targets
from headstart.evaluation import metrics
from headstart.heads import ridge
from headstart.heads.spectrum import Doubles
from headstart.spec import Metric

_STRENGTHS = tuple({"strength": float(strength)} for strength in np.logspace(-2, 1, 4))
_ITERATIONS, _CLOSE = 50, 1e-4
_TINY = 1e-12


class Transferability(BaseModel):
    """``logme`` in nats a row; ``h_score`` below the number of labels; ``left_out``, the metric of rows left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    logme: float
    h_score: float
    left_out: float


def transferability(x: Array, targets: Targets, labels: int, metric: Metric) -> Transferability:
    """All three, for unit-length features (rows, width) and label numbers (rows,), two rows at least."""
    return Transferability(
        logme=logme(x, targets, labels), h_score=h_score(x, targets), left_out=left_out(x, targets, labels, metric)
    )


def logme(x: Array, targets: Targets, labels: int) -> float:
    """The evidence, maximised over the prior's precision a and the noise's precision b for each label by itself.

    With F = U S V' and z = U'y the fixed point is g = sum of s^2/(s^2 + a/b), a = g/|m|^2, b = (n - g)/|Fm - y|^2.
    """
    rows, width = x.shape
    features = x.astype(np.float64)
    squares, basis = _squared_singular_values(features)
    y = np.eye(labels)[targets][:, np.unique(targets)]
    z2 = ((features @ basis).T @ y) ** 2 / squares[:, None]  # (U'y)^2, of shape (rank, labels)
    outside = np.maximum((y**2).sum(axis=0) - z2.sum(axis=0), 0)
    a, b = np.ones(y.shape[1]), np.ones(y.shape[1])
    for _ in range(_ITERATIONS):
        ratio = a / b
        gamma = (squares[:, None] / (squares[:, None] + ratio)).sum(axis=0)
        length, residual = _solution(squares, z2, outside, ratio)
        a, b = gamma / (length + _TINY), np.maximum(rows - gamma, _TINY) / (residual + _TINY)
        if np.all(np.abs(a / b - ratio) <= _CLOSE * ratio):
            break
    length, residual = _solution(squares, z2, outside, a / b)
    determinant = np.log(a + b * squares[:, None]).sum(axis=0) + (width - len(squares)) * np.log(a)
    evidence = width * np.log(a) + rows * np.log(b / (2 * np.pi)) - b * residual - a * length - determinant
    return float(evidence.mean() / (2 * rows))


def h_score(x: Array, targets: Targets) -> float:
    """The trace of (shrunk covariance)^-1 (1 - shrinkage) (covariance of the label means, each row counting)."""
    from sklearn.covariance import ledoit_wolf

    features = x.astype(np.float64) - x.mean(axis=0, dtype=np.float64)
    covariance, shrinkage = ledoit_wolf(features, assume_centered=True)
    present, position = np.unique(targets, return_inverse=True)
    means = np.stack([features[targets == label].mean(axis=0) for label in present])[position]
    if not np.trace(covariance) > 0:
        return 0.0  # all rows are one point
    between = means.T @ means / len(features)
    return float((1 - shrinkage) * np.trace(np.linalg.lstsq(covariance, between, rcond=None)[0]))


def left_out(x: Array, targets: Targets, labels: int, metric: Metric) -> float:
    """The best score, over a few strengths, of ridge heads each asked about a row that it was fitted without."""
    answers = ridge.leave_one_out(x, targets, labels, _STRENGTHS).argmax(axis=2)
    return max(metrics.score(metric, targets, each, labels) for each in answers)


def shortlist(evidence: Sequence[float], left_out: Sequence[float], most: int) -> list[int]:
    """The places of those to try in earnest: the best by LogME, the best left out, then by the sum of both ranks."""
    by_logme = sorted(range(len(evidence)), key=lambda place: -evidence[place])
    by_left_out = sorted(range(len(evidence)), key=lambda place: (-left_out[place], -evidence[place]))
    by_both = sorted(range(len(evidence)), key=lambda place: by_logme.index(place) + by_left_out.index(place))
    return list(dict.fromkeys([by_logme[0], by_left_out[0], *by_both]))[:most]


def _squared_singular_values(features: Doubles) -> tuple[Doubles, Doubles]:
    """Those that are not rounding, shape (rank,), and their right singular vectors, shape (width, rank)."""
    squares, basis = np.linalg.eigh(features.T @ features)
    kept = squares > _TINY * max(squares[-1], _TINY)
    return squares[kept], basis[:, kept]


def _solution(squares: Doubles, z2: Doubles, outside: Doubles, ratio: Doubles) -> tuple[Doubles, Doubles]:
    """The squared length of the weights, and of the residual, for each label."""
    shrunk = squares[:, None] + ratio
    length = (squares[:, None] * z2 / shrunk**2).sum(axis=0)
    residual = (ratio**2 * z2 / shrunk**2).sum(axis=0) + outside
    return length, residual
