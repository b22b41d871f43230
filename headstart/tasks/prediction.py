"""What a model answers."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Prediction:
    """An answer: the label, its calibrated probability, and the probability of every label."""

    label: str
    probability: float
    probabilities: Mapping[str, float]
