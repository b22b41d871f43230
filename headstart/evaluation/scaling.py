"""Scaling of outputs so that probabilities mean what they say (Guo et al. 2017, https://arxiv.org/abs/1706.04599).

Outputs come scaled by one temperature already. Here they are, on rows that the model was not fitted on, scaled once
more: not at all, by another temperature, or label by label (vector scaling), whichever lowers the cross-validated log
loss beyond what may be luck.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from headstart.arrays import Outputs, Targets, softmax
from headstart.evaluation.calibration import log_losses, temperature
from headstart.evaluation.folds import stratified

Parameters = npt.NDArray[np.float64]
Method = Literal["none", "temperature", "vector"]
_ORDER: tuple[Method, ...] = ("none", "temperature", "vector")
_ROWS_A_LABEL = 5  # for a scale and a shift of each label
_PENALTY = 1.0  # on the squared logarithm of scales and on squared shifts, in nats in all
_FOLDS = 5
_SURE = 2.0  # standard errors by which a method must beat a plainer one


class Scaling(BaseModel):
    """``outputs * scale + shift``; one scale for all labels or one for each, and no shift or one for each."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Method = "none"
    scale: tuple[float, ...] = (1.0,)
    shift: tuple[float, ...] = (0.0,)

    def __call__(self, outputs: Outputs) -> Outputs:
        """Scaled outputs of the same shape."""
        if self.method == "none":
            return outputs
        scaled: Outputs = outputs * np.asarray(self.scale, outputs.dtype) + np.asarray(self.shift, outputs.dtype)
        return scaled


NONE = Scaling()


def choose(outputs: Outputs, targets: Targets, groups: tuple[str, ...]) -> tuple[Scaling, Outputs]:
    """The scaling that these rows call for, and each row's outputs as the method scales them without knowing the row.

    Args:
        outputs: Of rows that the model was not fitted on, shape (rows, labels).
        targets: Shape (rows,).
        groups: What rows share that must stay in one fold.
    """
    methods = [each for each in _ORDER if each != "vector" or len(targets) >= _ROWS_A_LABEL * outputs.shape[1]]
    folds = stratified(targets, groups, _FOLDS, 0)
    held_out = {method: np.empty_like(outputs) for method in methods}
    for fit, judge in folds:
        for method in methods:
            held_out[method][judge] = _FITS[method](outputs[fit], targets[fit])(outputs[judge])
    losses = {method: log_losses(held_out[method], targets) for method in methods}
    best: Method = "none"
    for method in methods[1:]:
        better = losses[best] - losses[method]
        if better.mean() > _SURE * better.std() / np.sqrt(len(better)):
            best = method
    return _FITS[best](outputs, targets), held_out[best]


def _none(outputs: Outputs, targets: Targets) -> Scaling:
    return NONE


def _by_temperature(outputs: Outputs, targets: Targets) -> Scaling:
    return Scaling(method="temperature", scale=(1 / temperature(outputs, targets),))


def _by_label(outputs: Outputs, targets: Targets) -> Scaling:
    """A scale and a shift for each label: least log loss, held near 1 and 0 so that labels without rows stay put."""
    from scipy.optimize import minimize

    labels = outputs.shape[1]
    wide = outputs.astype(np.float64)
    truth = np.eye(labels)[targets]

    def loss(parameters: Parameters) -> tuple[float, Parameters]:
        logs, shifts = parameters[:labels], parameters[labels:]
        scales = np.exp(logs)
        scaled = wide * scales + shifts
        probabilities = softmax(scaled)
        value = float(-np.log(np.maximum(probabilities[np.arange(len(targets)), targets], 1e-300)).sum())
        slope = probabilities - truth
        by_scale = (slope * wide).sum(axis=0) * scales + 2 * _PENALTY * logs
        by_shift = slope.sum(axis=0) + 2 * _PENALTY * shifts
        penalty = _PENALTY * float((parameters**2).sum())
        return value + penalty, np.concatenate([by_scale, by_shift])

    found = minimize(loss, np.zeros(2 * labels), jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    return Scaling(
        method="vector",
        scale=tuple(map(float, np.exp(found[:labels]))),
        shift=tuple(map(float, found[labels:])),
    )


_FITS: Mapping[Method, Callable[[Outputs, Targets], Scaling]] = MappingProxyType(
    {"none": _none, "temperature": _by_temperature, "vector": _by_label}
)
