"""Training rows whose label may be wrong, by confident learning.

Every training row gets probabilities from heads that were fitted without it. A row is suspect where another label is
more probable for it than that label is, on average, for the rows that have it; so labels that the model is
never sure of make no suspects of their neighbours (Northcutt, Jiang and Chuang 2021, https://arxiv.org/abs/1911.00068).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from headstart.arrays import Targets

_SHOWN = 20
_CHARACTERS = 200


class Suspect(BaseModel):
    """A training row: where it stands in the export, its text, its label, and the one that it may rather have."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    place: str
    text: str
    label: str
    rather: str
    probability: float


class Suspects(BaseModel):
    """How many of the rows that were looked at are suspect, and the most suspect of them first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    count: int
    of: int
    rows: tuple[Suspect, ...]


def rather(probabilities: npt.NDArray[np.float64], targets: Targets) -> tuple[npt.NDArray[np.intp], Targets]:
    """The suspect rows, the most suspect first, and for each the label that it may rather have.

    Args:
        probabilities: Of each row by heads that were fitted without it, shape (rows, labels).
        targets: The labels that the rows have, shape (rows,).
    """
    labels = probabilities.shape[1]
    counts = np.bincount(targets, minlength=labels)
    own = probabilities[np.arange(len(targets)), targets]
    # Of a label without rows nobody knows how sure one can be.
    usual = np.where(counts > 0, np.bincount(targets, weights=own, minlength=labels) / np.maximum(counts, 1), np.inf)
    confident = np.where(probabilities >= usual, probabilities, -1.0)
    best = confident.argmax(axis=1)
    found = np.flatnonzero((confident.max(axis=1) >= 0) & (best != targets) & (confident.max(axis=1) > own))
    order = found[np.argsort(own[found] - confident[found].max(axis=1), kind="stable")]
    return order, best[order].astype(np.int64)


def suspects(
    probabilities: npt.NDArray[np.float64],
    targets: Targets,
    texts: Sequence[str],
    places: Sequence[str],
    labels: Sequence[str],
) -> Suspects:
    """The suspect rows, in words; see :func:`rather`."""
    order, better = rather(probabilities, targets)
    return Suspects(
        count=len(order),
        of=len(targets),
        rows=tuple(
            Suspect(
                place=places[row],
                text=texts[row][:_CHARACTERS],
                label=labels[targets[row]],
                rather=labels[label],
                probability=round(float(probabilities[row, label]), 4),
            )
            for row, label in zip(order[:_SHOWN].tolist(), better.tolist(), strict=False)
        ),
    )
