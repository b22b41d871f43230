"""Prediction sets: for each answer the labels that it may be, so many that the true one is mostly among them.

Split conformal prediction (Vovk, Gammerman and Shafer 2005) with the probability of the label as score, which gives the
smallest sets on average (Sadinle, Lei and Wasserman 2019, https://arxiv.org/abs/1609.00451). On rows drawn as the
calibration rows were, the sets hold the true label at least as often as wished: on average over rows and over draws of
the calibration rows, whatever the model and the data; not for each label, and not for texts of another kind.
"""

import math

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from headstart.arrays import Targets
from headstart.evaluation.estimate import CONFIDENCE, Estimate

Probabilities = npt.NDArray[np.float64]


class Sets(BaseModel):
    """The labels of ``threshold`` or more are in the set, and the answer always is.

    ``coverage`` was wished for. ``expected`` is the coverage that calibration rows as many as these lead to: its mean,
    and where it lies for most draws of the rows.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    coverage: float
    threshold: float
    expected: Estimate

    def of(self, probabilities: Probabilities) -> npt.NDArray[np.bool]:
        """Which labels are in the set of each row, for probabilities of shape (rows, labels), of the same shape."""
        members: npt.NDArray[np.bool] = probabilities >= self.threshold
        members[np.arange(len(probabilities)), probabilities.argmax(axis=1)] = True
        return members


def sets(probabilities: Probabilities, targets: Targets, coverage: float) -> Sets | None:
    """Sets that are to cover the true label so often, from rows that the model was not fitted on.

    The threshold is the ⌈(n + 1) coverage⌉-th largest of the n probabilities of true labels. Given these rows the
    coverage on new ones follows a beta distribution (Vovk 2012, https://arxiv.org/abs/1209.2673).

    Args:
        probabilities: Shape (rows, labels).
        targets: Shape (rows,).
        coverage: In (0, 1).

    Returns:
        None where there are too few rows for any threshold: coverage / (1 - coverage) at least.
    """
    from scipy.stats import beta

    rows = len(targets)
    rank = math.ceil((rows + 1) * coverage - 1e-9)
    if rank > rows:
        return None
    truth = np.sort(probabilities[np.arange(rows), targets])[::-1]
    tail = (1 - CONFIDENCE) / 2
    low, high = (float(beta.ppf(each, rank, rows + 1 - rank)) for each in (tail, 1 - tail))
    return Sets(
        coverage=coverage,
        threshold=float(truth[rank - 1]),
        expected=Estimate(value=rank / (rows + 1), low=low, high=high),
    )
