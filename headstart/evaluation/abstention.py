"""Abstaining: answers below a probability are left to people, so that the others are right as often as wished.

Learn, then test (Angelopoulos et al. 2021, https://arxiv.org/abs/2110.01052): thresholds that answer a tenth, two
tenths and so on of the rows are tested, each at its part of the risk, with the exact binomial bound of Clopper and
Pearson. So the chance that the chosen threshold does not keep the promise is at most 1 - CONFIDENCE.
"""

import math

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from headstart.evaluation.estimate import CONFIDENCE
from headstart.evaluation.shares import at_least

_LEVELS = 10
_RISK = (1 - CONFIDENCE) / _LEVELS


class Abstention(BaseModel):
    """Answers of less probability than ``threshold`` are not relied on.

    ``precision`` was wished for, ``answered`` is the share of the calibration rows that are answered, and ``bound``
    what their precision exceeds with confidence.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    precision: float
    threshold: float
    answered: float
    bound: float


def abstention(confidence: npt.NDArray[np.float64], right: npt.NDArray[np.bool], precision: float) -> Abstention | None:
    """The threshold that answers most rows at the wished precision; None where none can be trusted to.

    Args:
        confidence: The probability of the answer to each row that the model was not fitted on, shape (rows,).
        right: Whether the answer is right, shape (rows,).
        precision: In (0, 1).
    """
    order = np.argsort(-confidence, kind="stable")
    hits = np.cumsum(right[order])
    for level in range(_LEVELS, 0, -1):
        threshold = float(confidence[order[math.ceil(len(order) * level / _LEVELS) - 1]])
        answered = int((confidence >= threshold).sum())
        # The row that sets the threshold is no draw from those above it, unless all are answered anyway.
        last = answered < len(order)
        bound = at_least(int(hits[answered - 1]) - last, answered - last, _RISK)
        if bound >= precision:
            return Abstention(
                precision=precision,
                threshold=threshold if last else 0.0,
                answered=answered / len(order),
                bound=bound,
            )
    return None


def fewest(precision: float) -> int:
    """The rows that must be answered, all of them rightly, before any threshold can be trusted."""
    return math.ceil(math.log(_RISK) / math.log(precision))
