"""One label a text, out of two or more."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from headstart.arrays import Outputs, Targets, softmax
from headstart.tasks.prediction import Prediction

if TYPE_CHECKING:
    import torch

    from headstart.tasks.objective import Objective


def encode(labels: Sequence[str], vocabulary: Sequence[str]) -> Targets:
    """The index of each label in the vocabulary."""
    index = {label: number for number, label in enumerate(vocabulary)}
    return np.array([index[label] for label in labels], dtype=np.int64)


def loss(outputs: "torch.Tensor", targets: "torch.Tensor", objective: "Objective") -> "torch.Tensor":
    """Cross-entropy as the objective shapes it, summed over the rows."""
    from headstart.tasks import objective as shaped

    return shaped.loss(outputs, targets, objective)


def decode(outputs: Outputs, vocabulary: Sequence[str]) -> list[Prediction]:
    """The most probable label of each row."""
    return [
        Prediction(vocabulary[int(row.argmax())], float(row.max()), dict(zip(vocabulary, map(float, row), strict=True)))
        for row in softmax(outputs)
    ]
