"""The learning rate over a training: linear warm-up, then a cosine to zero (Loshchilov and Hutter 2017)."""

import math

WARMUP = 0.06


def rate(step: int, steps: int) -> float:
    """The share of the peak rate at a step, counted from 0, of a training of ``steps`` steps."""
    warmup = math.ceil(WARMUP * steps)
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))
