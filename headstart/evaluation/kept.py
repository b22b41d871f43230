"""Whether the promises of a calibration were kept on test rows."""

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from headstart.arrays import Array, Outputs, Targets, softmax
from headstart.evaluation.estimate import Estimate
from headstart.evaluation.promises import Calibration
from headstart.evaluation.shares import wilson

_SIZES = 5


class Kept(BaseModel):
    """What became of the promises on test rows. Each is None where there was no such promise.

    ``covered`` is the share of rows whose set holds the true label, ``sizes`` how many rows have a set of 1, 2, …
    labels (the last entry counts all larger ones). ``answered`` is the share that the model does not abstain from and
    ``precision`` how many of these it gets right; ``unusual`` is the share that is flagged.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    covered: Estimate | None
    sizes: tuple[int, ...]
    answered: Estimate | None
    precision: Estimate | None
    unusual: Estimate | None


def kept(calibration: Calibration, outputs: Outputs, nearness: Array, targets: Targets) -> Kept:
    """What the promises came to, on scaled outputs (rows, labels) and the nearness to the landmarks (rows,)."""
    probabilities = softmax(outputs)
    right = probabilities.argmax(axis=1) == targets
    covered: Estimate | None = None
    sizes: tuple[int, ...] = ()
    members = calibration.in_set(probabilities)
    if members is not None:
        covered = _share(members[np.arange(len(targets)), targets])
        counts = np.bincount(np.minimum(members.sum(axis=1), _SIZES), minlength=_SIZES + 1)[1:]
        sizes = tuple(map(int, counts))
    abstains, flagged = calibration.abstains(probabilities), calibration.is_unusual(nearness)
    return Kept(
        covered=covered,
        sizes=sizes,
        answered=None if abstains is None else _share(~abstains),
        precision=None if abstains is None else _share(right[~abstains]),
        unusual=None if flagged is None else _share(flagged),
    )


def _share(rows: npt.NDArray[np.bool]) -> Estimate:
    return wilson(int(rows.sum()), len(rows))
