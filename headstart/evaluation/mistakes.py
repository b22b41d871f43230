"""The worst mistakes: the wrong answers that the model was surest of, each with the training row that is nearest."""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from headstart.arrays import Array, Targets
from headstart.evaluation.conformal import Probabilities

_SHOWN = 20
_CHARACTERS = 200


class Mistake(BaseModel):
    """A test row that got a wrong answer, how probable the answer was said to be, and the nearest training row.

    ``place`` is where the test row stands in the export; ``cosine`` tells how near the training row is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    place: str
    text: str
    label: str
    said: str
    probability: float
    near: str
    near_label: str
    cosine: float


def mistakes(
    probabilities: Probabilities,
    targets: Targets,
    texts: Sequence[str],
    places: Sequence[str],
    labels: Sequence[str],
    nearest: Sequence[tuple[str, int]],
    cosine: Array,
) -> tuple[Mistake, ...]:
    """The wrong answers, from the surest.

    Args:
        probabilities: Of the test rows, shape (rows, labels).
        targets: Shape (rows,).
        texts: Their texts.
        places: Where they stand in the export.
        labels: The vocabulary.
        nearest: For each the text and the target of the nearest training row.
        cosine: How near it is, shape (rows,).
    """
    answers, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(answers != targets)
    return tuple(
        Mistake(
            place=places[row],
            text=texts[row][:_CHARACTERS],
            label=labels[targets[row]],
            said=labels[answers[row]],
            probability=round(float(sure[row]), 4),
            near=nearest[row][0][:_CHARACTERS],
            near_label=labels[nearest[row][1]],
            cosine=round(float(cosine[row]), 3),
        )
        for row in wrong[np.argsort(-sure[wrong], kind="stable")][:_SHOWN].tolist()
    )
