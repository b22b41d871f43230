"""The arrays and answers that tasks deal in."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Outputs = npt.NDArray[np.floating]
"""A head's raw numbers (logits), shape (rows, labels)."""

Targets = npt.NDArray[np.int64]
"""What the outputs should point at, shape (rows,)."""


@dataclass(frozen=True)
class Prediction:
    """An answer: the label, its calibrated probability, and the probability of every label."""

    label: str
    probability: float
    probabilities: Mapping[str, float]


def softmax(outputs: Outputs) -> npt.NDArray[np.float64]:
    """Probabilities along the last axis."""
    shifted = outputs.astype(np.float64) - outputs.max(axis=-1, keepdims=True)
    weights: npt.NDArray[np.float64] = np.exp(shifted)
    weights /= weights.sum(axis=-1, keepdims=True)
    return weights
