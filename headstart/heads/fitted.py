"""A fitted head: named tensors, and what they compute."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from headstart.arrays import Array, Outputs, Targets

Setting = Mapping[str, float]
Fitted = Mapping[str, Array]
"""``weight`` (labels, width) and ``bias`` (labels,); an MLP has ``hidden.weight`` and ``hidden.bias`` below them."""


def outputs(head: Fitted, x: Array) -> Outputs:
    """The head's outputs for features of shape (rows, width): shape (rows, labels)."""
    if "hidden.weight" in head:
        x = np.maximum(x @ head["hidden.weight"].T + head["hidden.bias"], 0)
    return x @ head["weight"].T + head["bias"]


def scaled(head: Fitted, temperature: float) -> Fitted:
    """The same head with its outputs divided by a temperature."""
    return {**head, "weight": head["weight"] / np.float32(temperature), "bias": head["bias"] / np.float32(temperature)}


def linear_head(
    weight: npt.NDArray[np.floating], bias: npt.NDArray[np.floating], present: Targets, labels: int
) -> Fitted:
    """A linear head over all labels from one over the labels that were present in training.

    A label without training rows gets no weights and the lowest bias: it is possible, but never preferred.
    """
    full_weight = np.zeros((labels, weight.shape[1]), dtype=np.float32)
    full_bias = np.full(labels, bias.min(), dtype=np.float32)
    full_weight[present], full_bias[present] = weight, bias
    return {"weight": full_weight, "bias": full_bias}
