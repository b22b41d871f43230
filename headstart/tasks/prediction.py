"""What a model answers."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Prediction:
    """An answer: the label, its calibrated probability, and the probability of every label.

    ``candidates`` are the labels that the answer may be, the most probable first: they hold the true one as often as
    the spec's ``calibration.coverage`` says. ``abstains`` tells that the answer is less sure than
    ``calibration.precision`` calls for, and ``unusual`` that the text is like few that the model was made from. Each of
    the three is None where the model was given no such calibration, for want of rows or because it is of an older
    format.
    """

    label: str
    probability: float
    probabilities: Mapping[str, float]
    candidates: tuple[str, ...] | None = None
    abstains: bool | None = None
    unusual: bool | None = None
