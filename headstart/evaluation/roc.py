"""The ROC curve of a model that tells two labels apart.

For more labels there is none: a curve of one label against the others leaves out which of those was answered, and the
average of such curves has no thresholds, so nobody could choose a point of it.
"""

import numpy as np
from pydantic import BaseModel, ConfigDict

from headstart.arrays import Outputs, Targets, softmax

_MOST_POINTS = 200


class RocPoint(BaseModel):
    """What comes of saying the label from a probability on: which shares of the others and of its own rows get it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold: float
    false_positive_rate: float
    true_positive_rate: float


class Roc(BaseModel):
    """The curve of ``label``, from the highest threshold down, and the area under it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str
    area: float
    points: tuple[RocPoint, ...]


def roc(outputs: Outputs, targets: Targets, labels: tuple[str, ...]) -> Roc | None:
    """The curve of the rarer of two labels; None where there are more, or the rows have one alone.

    The first threshold is 1, with no row at all: scikit-learn's infinity is no number in JSON. Of very many points some
    evenly many are kept; the area is that of all.

    Args:
        outputs: Calibrated, shape (rows, 2).
        targets: Shape (rows,).
        labels: The vocabulary.
    """
    rows = np.bincount(targets, minlength=len(labels))
    if len(labels) != 2 or not rows.all():
        return None
    from sklearn.metrics import auc, roc_curve

    rarer = int(rows[1] <= rows[0])
    others, own, thresholds = roc_curve(targets == rarer, softmax(outputs)[:, rarer])
    kept = np.unique(np.linspace(0, len(own) - 1, min(len(own), _MOST_POINTS)).round().astype(int))
    points = zip(np.minimum(thresholds, 1.0)[kept], others[kept], own[kept], strict=True)
    return Roc(
        label=labels[rarer],
        area=float(auc(others, own)),
        points=tuple(
            RocPoint(threshold=float(threshold), false_positive_rate=float(false), true_positive_rate=float(true))
            for threshold, false, true in points
        ),
    )
