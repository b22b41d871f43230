"""Unusual texts: those whose features are less like those of any label's training rows than almost all ordinary ones.

The score is the cosine, seen from the mean of all training rows, with the mean of the nearest label's rows. It looks at
features, not at the head's outputs, of which some families' say nothing of the kind; ``benchmarks/unusual_texts.py``
compares it with what outputs tell and with the nearest training row. A text is unusual where its score is below that of
all but a few calibration rows: so ordinary texts are flagged as seldom as that (a conformal test: Bates et al. 2023,
https://arxiv.org/abs/2104.08279). How many texts of another kind are found is not promised.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from headstart.arrays import Array, Targets, unit

FLAGGED = 0.05  # the share of ordinary texts that may be flagged


@dataclass(frozen=True)
class Landmarks:
    """The mean of all training rows' features, shape (width,), and the direction of each label's mean from it.

    ``directions`` has shape (labels with rows, width) and unit length.
    """

    centre: Array
    directions: Array

    @classmethod
    def of(cls, x: Array, targets: Targets) -> "Landmarks":
        """The landmarks of features of shape (rows, width)."""
        centre: Array = x.mean(axis=0, dtype=np.float32)
        means = np.stack([x[targets == label].mean(axis=0, dtype=np.float32) for label in np.unique(targets)])
        return cls(centre, unit(means - centre))

    def nearness(self, x: Array) -> Array:
        """The cosine with the nearest label's direction for features of shape (rows, width): shape (rows,)."""
        if not len(x):
            return np.empty(0, np.float32)
        nearest: Array = (unit(x - self.centre) @ self.directions.T).max(axis=1)
        return nearest


class Unusual(BaseModel):
    """Texts of less nearness than ``threshold`` are unusual; ``flagged`` of ordinary ones are, at most."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold: float
    flagged: float

    def of(self, nearness: Array) -> npt.NDArray[np.bool]:
        """Whether each row is of an unusual text, shape (rows,)."""
        below: npt.NDArray[np.bool] = nearness < self.threshold
        return below


def unusual(nearness: Array) -> Unusual | None:
    """What is unusual, from rows that the landmarks were not made of; None where they are too few."""
    rank = math.floor(FLAGGED * (len(nearness) + 1))
    return Unusual(threshold=float(np.sort(nearness)[rank - 1]), flagged=FLAGGED) if rank else None
