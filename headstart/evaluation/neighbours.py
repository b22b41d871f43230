"""Test rows that a backbone can hardly tell from training rows: what a model may have learned by heart.

Texts that share no words may still say the same, so this looks further than MinHash over their characters does. The
common direction of all vectors is taken out first, since in most language models any two texts point the same way
(Ethayarajh 2019, https://aclanthology.org/D19-1006; Mu and Viswanath 2018, https://arxiv.org/abs/1702.01417).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from headstart.arrays import Array, Targets, unit
from headstart.evaluation.estimate import Estimate
from headstart.evaluation.intervals import measured
from headstart.spec import Metric

THRESHOLD = 0.95
MOST = 50_000  # training rows that are compared; of more, as many drawn at random
_BLOCK = 1024
_EXAMPLES = 10
_SHOWN = 200  # characters of a text


class Neighbours(BaseModel):
    """How many test rows have a training row next to them, the nearest of these, and the score without them.

    ``of`` are the test rows, ``among`` the training rows that were compared. An example is the test text, the training
    text and their cosine. ``others`` is the candidate's score, in the gate's metric, on the test rows that have no such
    neighbour; None where all or none have.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    count: int
    of: int
    among: int
    examples: tuple[tuple[str, str, float], ...]
    others: Estimate | None


def nearest(test: Array, train: Array) -> tuple[Targets, Array]:
    """For each test row the training row whose direction from the training rows' mean is nearest, and the cosine.

    Args:
        test: Features, shape (test rows, width), float32.
        train: Features, shape (training rows, width), float32.

    Returns:
        Indices into ``train`` and cosines, both of shape (test rows,).
    """
    middle = train.mean(axis=0)
    known = unit(train - middle).T
    index = np.empty(len(test), np.int64)
    cosine = np.empty(len(test), np.float32)
    for start in range(0, len(test), _BLOCK):
        block = slice(start, start + _BLOCK)
        similarities = unit(test[block] - middle) @ known
        index[block] = similarities.argmax(axis=1)
        cosine[block] = similarities.max(axis=1)
    return index, cosine


def sample(rows: int, seed: int = 0) -> Targets:
    """Which of so many training rows are compared, in order."""
    if rows <= MOST:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).permutation(rows)[:MOST])


def without(
    near: npt.NDArray[np.bool], metric: Metric, targets: Targets, predicted: Targets, labels: int
) -> Estimate | None:
    """The score on the rows that have no neighbour, with its interval; None where all or none have."""
    if near.all() or not near.any():
        return None
    return measured(metric, targets[~near], predicted[~near], labels)


def examples(
    texts: Sequence[str], others: Sequence[str], index: Targets, cosine: Array
) -> tuple[tuple[str, str, float], ...]:
    """The nearest pairs that count as neighbours: the test text, the training text, and their cosine."""
    near = [row for row in np.argsort(-cosine, kind="stable")[:_EXAMPLES].tolist() if cosine[row] >= THRESHOLD]
    return tuple((texts[row][:_SHOWN], others[index[row]][:_SHOWN], round(float(cosine[row]), 3)) for row in near)
