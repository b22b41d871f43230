"""Nearest neighbours by cosine, with votes weighted by likeness. There is nothing to train: the rows are the head.

The probability of a label is the weighted mean of the nearest rows' votes, with weights exp(cosine / temperature)
(Wu et al. 2018, section 3.4); the outputs are its logarithm.
"""

import itertools
from collections.abc import Sequence

import numpy as np

from headstart.arrays import Array, Targets
from headstart.heads.fitted import Fitted, Setting

CLOSED_FORM = True
TRAINABLE = False
_GRID = {"nearest": (10.0, 3.0, 30.0, 1.0), "temperature": (0.05, 0.2)}


def settings(most: int) -> tuple[Setting, ...]:
    """How many neighbours vote, and how fast a vote's weight falls with distance."""
    grid = (dict(zip(_GRID, values, strict=True)) for values in itertools.product(*_GRID.values()))
    return tuple(itertools.islice(grid, most))


def fit(x: Array, targets: Targets, labels: int, settings: Sequence[Setting], seed: int) -> list[Fitted]:
    """One head for each setting. One vote for all labels alike stands beside the neighbours' (Laplace's rule)."""
    y = np.eye(labels, dtype=np.float32)[targets]
    heads: list[Fitted] = []
    for setting in settings:
        nearest = min(int(setting["nearest"]), len(x))
        heads.append(
            {
                "neighbours": x / np.float32(setting["temperature"]),
                "votes": (nearest * y + np.float32(1 / labels)) / np.float32(nearest + 1),
                "nearest": np.array([nearest], dtype=np.float32),
                "scale": np.ones(1, dtype=np.float32),
            }
        )
    return heads
