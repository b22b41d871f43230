"""The learning rate over a training: linear warm-up, then down to nothing."""

import math
from typing import Literal

WARMUP = 0.06

Shape = Literal["cosine", "linear"]


def rate(step: int, steps: int, shape: Shape = "cosine") -> float:
    """The share of the peak rate at a step, counted from 0, of a training of ``steps`` steps.

    After the warm-up it follows a cosine (Loshchilov and Hutter 2017) or a straight line.
    """
    warmup = math.ceil(WARMUP * steps)
    if step < warmup:
        return (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    return 1 - done if shape == "linear" else 0.5 * (1 + math.cos(math.pi * done))
