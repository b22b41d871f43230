"""A linear head that knows how sure it can be: for very few rows.

The weights are the most probable ones under a Gaussian prior, whose precision is that of the greatest evidence (MacKay
1992, "Bayesian interpolation"). Around them the posterior is taken to be Gaussian; a row's logits x have the variance
v = x' H^-1 x, and are multiplied by (1 + pi v / 8)^-1/2, so that a row unlike those of training is answered less surely
(MacKay 1992, "The evidence framework applied to classification networks"; Kristiadi et al. 2020).

All labels share one H, whose curvature at a row is sum_{a<b} p_a p_b: p (1 - p) for two labels. The evidence takes the
Hessian to be diagonal in the features' eigenbasis, as :mod:`headstart.heads.multinomial` does.
"""

from collections.abc import Sequence

import numpy as np

from headstart.arrays import Array, Targets, softmax
from headstart.heads import linear
from headstart.heads.fitted import Fitted, Setting
from headstart.heads.spectrum import Doubles, spectrum

CLOSED_FORM = False
TRAINABLE = True
_PRECISIONS = tuple(float(each) for each in np.geomspace(30, 0.003, 9))
_FACTORS = (1.0, 0.3, 3.0, 0.1, 10.0)


def settings(most: int) -> tuple[Setting, ...]:
    """Precisions of the prior as multiples of the one with the greatest evidence."""
    return tuple({"relative_precision": factor} for factor in _FACTORS[:most])


def fit(x: Array, targets: Targets, labels: int, settings: Sequence[Setting], seed: int) -> list[Fitted]:
    """One head for each multiple of the precision with the greatest evidence."""
    found = spectrum(x)
    grid = linear.fit(x, targets, labels, [{"c": 1 / each} for each in _PRECISIONS], seed)
    evidences = [
        log_evidence(head, x, targets, found.values, precision)
        for head, precision in zip(grid, _PRECISIONS, strict=True)
    ]
    best = _PRECISIONS[int(np.argmax(evidences))]
    precisions = [best * setting["relative_precision"] for setting in settings]
    heads = linear.fit(x, targets, labels, [{"c": 1 / each} for each in precisions], seed)
    return [
        {**head, "variance.factor": _factor(head, x, precision)}
        for head, precision in zip(heads, precisions, strict=True)
    ]


def log_evidence(head: Fitted, x: Array, targets: Targets, spread: Doubles, precision: float) -> float:
    """The logarithm of the probability of the labels under the prior, in nats, up to a term that no precision changes.

    Args:
        head: The most probable head under the prior.
        x: Features of shape (rows, width).
        targets: Label numbers of shape (rows,).
        spread: The eigenvalues of the features' scatter (:class:`headstart.heads.spectrum.Spectrum`).
        precision: The prior's: one over C.
    """
    present, position = np.unique(targets, return_inverse=True)
    labels = len(present)
    weight, bias = head["weight"][present], head["bias"][present]
    p = softmax(x @ weight.T + bias)
    fit = np.log(np.maximum(p[np.arange(len(x)), position], np.finfo(float).tiny)).sum()
    penalty = linear.penalty(1 / precision, labels)
    prior = penalty / 2 * (weight.astype(np.float64) ** 2).sum()
    # A direction that all labels share changes no probability: of `labels` blocks, labels - 1 are determined.
    curvature = (p * (1 - p)).mean(axis=0) * labels / max(labels - 1, 1)
    determined = np.log1p(np.outer(curvature, spread) / penalty).sum() * (labels - 1) / labels
    return float(fit - prior - determined / 2)


def _factor(head: Fitted, x: Array, precision: float) -> Array:
    """F of shape (width + 1, width + 1) with v = |F (x, 1)|^2."""
    p = softmax(x @ head["weight"].T + head["bias"])
    curvature = np.maximum((1 - (p**2).sum(axis=1)) / 2, np.finfo(np.float32).eps)
    # Around the mean with these weights the intercept, which has no prior, is independent of the weights.
    mean = curvature @ x / curvature.sum()
    centred = x - mean
    values, basis = np.linalg.eigh((centred.T * curvature) @ centred)
    factor = (basis / np.sqrt(np.maximum(values, 0) + precision)).T
    intercept = np.append(np.zeros(x.shape[1]), 1 / np.sqrt(curvature.sum()))
    return np.vstack([np.column_stack([factor, -factor @ mean]), intercept]).astype(np.float32)
