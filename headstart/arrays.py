"""The arrays that features, heads, tasks and metrics deal in."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
"""Features or weights in single precision."""

Outputs = npt.NDArray[np.floating]
"""A head's raw numbers (logits), shape (rows, labels)."""

Targets = npt.NDArray[np.int64]
"""What the outputs should point at, shape (rows,)."""


@dataclass(frozen=True)
class Computed:
    """What a model makes of texts: ``features`` (texts, width) at unit length, and ``outputs`` (texts, labels)."""

    features: Array
    outputs: Outputs


def softmax(outputs: Outputs) -> npt.NDArray[np.float64]:
    """Probabilities along the last axis."""
    shifted = outputs.astype(np.float64) - outputs.max(axis=-1, keepdims=True)
    weights: npt.NDArray[np.float64] = np.exp(shifted)
    weights /= weights.sum(axis=-1, keepdims=True)
    return weights


def unit(vectors: Array) -> Array:
    """Vectors scaled to unit length along the last axis; a zero vector stays zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Array = vectors / np.maximum(lengths, np.float32(1e-12))
    return scaled
