"""Nearest centroid: a label is the mean of its rows, drawn towards the mean of all (few-shot's baseline).

The squared distance to a centroid is linear in the features up to a term that all labels share, so the
head is a linear one (Hastie, Tibshirani and Friedman 2009, section 18.2).
"""

from collections.abc import Sequence

import numpy as np

from headstart.arrays import Array, Targets
from headstart.heads.fitted import Fitted, Setting, linear_head
from headstart.heads.moments import Moments

CLOSED_FORM = True
TRAINABLE = True
_MOST = 4


def settings(most: int) -> tuple[Setting, ...]:
    """How far each centroid is drawn towards the common mean: from not at all to half way."""
    return tuple({"shrinkage": float(shrinkage)} for shrinkage in np.linspace(0, 0.5, min(most, _MOST)))


def fit(x: Array, targets: Targets, labels: int, settings: Sequence[Setting], seed: int) -> list[Fitted]:
    """One head for each shrinkage."""
    return from_moments(Moments.of(x, targets, labels), settings)


def from_moments(moments: Moments, settings: Sequence[Setting]) -> list[Fitted]:
    """One head for each shrinkage."""
    heads = []
    for setting in settings:
        centroids = (1 - setting["shrinkage"]) * moments.means + setting["shrinkage"] * moments.mean
        bias = -(centroids**2).sum(axis=1) / 2
        heads.append(linear_head(centroids, bias, moments.present, len(moments.counts)))
    return heads
