"""A fitted head: named tensors, and what they compute."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from headstart.arrays import Array, Outputs, Targets

Setting = Mapping[str, float]
HeldOut = tuple[Array, Targets]
"""Unit-length features (rows, width) and targets (rows,) that judge a population while it is fitted."""

Fitted = Mapping[str, Array]
"""What a head computes with.

- Linear: ``weight`` (labels, width) and ``bias`` (labels,).
- A perceptron has ``hidden.weight`` and ``hidden.bias`` below them.
- A Bayesian head has ``variance.factor`` (any, width + 1) beside them: F in v = |F (x, 1)|^2.
- Nearest neighbours: ``neighbours`` (rows, width), divided by the temperature of their weights; ``votes`` (rows,
  labels); ``nearest`` (1,), how many of them vote; ``scale`` (1,), what the outputs are multiplied by.
"""

_BLOCK = 1024  # rows whose likeness to all neighbours is held at once


def outputs(head: Fitted, x: Array) -> Outputs:
    """The head's outputs for features of shape (rows, width): shape (rows, labels)."""
    if "neighbours" in head:
        blocks = [_votes(head, x[start : start + _BLOCK]) for start in range(0, len(x), _BLOCK)]
        return np.concatenate(blocks) if blocks else np.zeros((0, head["votes"].shape[1]), dtype=np.float32)
    sureness: Outputs | np.float32 = np.float32(1)
    if "variance.factor" in head:
        factor = head["variance.factor"]
        variance = ((x @ factor[:, :-1].T + factor[:, -1]) ** 2).sum(axis=1, keepdims=True)
        sureness = 1 / np.sqrt(1 + np.float32(np.pi / 8) * variance)
    if "hidden.weight" in head:
        x = np.maximum(x @ head["hidden.weight"].T + head["hidden.bias"], 0)
    found: Outputs = (x @ head["weight"].T + head["bias"]) * sureness
    return found


def _votes(head: Fitted, x: Array) -> Outputs:
    likeness = x @ head["neighbours"].T
    nearest = int(head["nearest"][0])
    # Neighbours that are as near as the last one vote too, so that the order of rows decides nothing.
    last = np.partition(likeness, -nearest, axis=1)[:, -nearest, None]
    weights = np.where(likeness >= last, np.exp(likeness - likeness.max(axis=1, keepdims=True)), 0)
    found: Outputs = np.log(weights @ head["votes"] / weights.sum(axis=1, keepdims=True)) * head["scale"]
    return found


def scaled(head: Fitted, temperature: float) -> Fitted:
    """The same head with its outputs divided by a temperature."""
    last = ("scale",) if "neighbours" in head else ("weight", "bias")
    return {**head, **{name: head[name] / np.float32(temperature) for name in last}}


def linear_head(
    weight: npt.NDArray[np.floating], bias: npt.NDArray[np.floating], present: Targets, labels: int
) -> Fitted:
    """A linear head over all labels from one over the labels that were present in training.

    A label without training rows gets no weights and a bias below all others: it is possible, but never preferred.
    """
    full_weight = np.zeros((labels, weight.shape[1]), dtype=np.float32)
    full_bias = np.full(labels, bias.min() - 1, dtype=np.float32)
    full_weight[present], full_bias[present] = weight, bias
    return {"weight": full_weight, "bias": full_bias}
