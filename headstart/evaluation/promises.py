"""What a model's answers promise, and how it was learned: what travels with the model as its calibration."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from headstart.arrays import Array, Outputs, Targets, softmax
from headstart.evaluation import scaling
from headstart.evaluation.abstention import Abstention, abstention
from headstart.evaluation.conformal import Probabilities, Sets, sets
from headstart.evaluation.novelty import Unusual, unusual
from headstart.evaluation.scaling import Scaling
from headstart.spec import CalibrationSpec

FEWEST = 50  # rows to calibrate on: fewer promise next to nothing

LearnedOn = Literal["validation", "cross-validation", "nothing"]


class Calibration(BaseModel):
    """How outputs become probabilities, and what the answers promise.

    ``learned_on`` says on which rows, and ``rows`` how many there were: the validation rows; or, where these are few
    and the backbone was not tuned, the training rows, each answered by a head that was fitted without it; or none. Each
    promise is None where the rows are too few for it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    learned_on: LearnedOn
    rows: int
    scaling: Scaling
    sets: Sets | None
    abstention: Abstention | None
    unusual: Unusual | None

    def in_set(self, probabilities: Probabilities) -> npt.NDArray[np.bool] | None:
        """Which labels are in the prediction set of each row, shape (rows, labels)."""
        return None if self.sets is None else self.sets.of(probabilities)

    def abstains(self, probabilities: Probabilities) -> npt.NDArray[np.bool] | None:
        """On which rows the model abstains, shape (rows,)."""
        if self.abstention is None:
            return None
        below: npt.NDArray[np.bool] = probabilities.max(axis=1) < self.abstention.threshold
        return below

    def is_unusual(self, nearness: Array) -> npt.NDArray[np.bool] | None:
        """Which rows are of unusual texts, by their nearness to the landmarks, shape (rows,)."""
        return None if self.unusual is None else self.unusual.of(nearness)


UNCALIBRATED = Calibration(learned_on="nothing", rows=0, scaling=scaling.NONE, sets=None, abstention=None, unusual=None)


@dataclass(frozen=True)
class HeldOut:
    """Rows that a model was not fitted on.

    ``outputs`` have shape (rows, labels), ``nearness`` to its landmarks and ``targets`` shape (rows,); ``groups`` are
    what rows share that must stay together.
    """

    learned_on: LearnedOn
    outputs: Outputs
    nearness: Array
    targets: Targets
    groups: tuple[str, ...]


def learn(rows: HeldOut, spec: CalibrationSpec) -> Calibration:
    """The calibration that these rows allow, for the coverage and the precision that are wished for."""
    if len(rows.targets) < FEWEST:
        return UNCALIBRATED
    targets = rows.targets
    scale, held_out = scaling.choose(rows.outputs, targets, rows.groups)
    probabilities = softmax(held_out)
    return Calibration(
        learned_on=rows.learned_on,
        rows=len(targets),
        scaling=scale,
        sets=sets(probabilities, targets, spec.coverage),
        abstention=abstention(probabilities.max(axis=1), probabilities.argmax(axis=1) == targets, spec.precision),
        unusual=unusual(rows.nearness),
    )
