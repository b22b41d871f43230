"""What the loss of a classifier asks for beside the right answer."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from headstart.arrays import Targets


@dataclass(frozen=True)
class Objective:
    """How cross-entropy is shaped.

    - ``smoothing``: the share of the target that is spread over all labels (Szegedy et al. 2016).
    - ``focus``: gamma of the focal loss, which weights each row by (1 - p)^gamma, p being the probability of its label
      (Lin et al. 2017); 0 is cross-entropy.
    - ``weights``: shape (labels,), the weight of rows by their label; empty for equal weights.
    """

    smoothing: float = 0.0
    focus: float = 0.0
    weights: tuple[float, ...] = ()


def loss(outputs: torch.Tensor, targets: torch.Tensor, objective: Objective) -> torch.Tensor:
    """The loss summed over the rows (a scalar), for outputs (rows, labels) and targets (rows,)."""
    each = cross_entropy(outputs, targets, reduction="none", label_smoothing=objective.smoothing)
    if objective.focus:
        right = outputs.log_softmax(dim=1).gather(1, targets[:, None])[:, 0].exp()
        each = each * (1 - right) ** objective.focus
    if objective.weights:
        each = each * torch.tensor(objective.weights, device=each.device)[targets]
    return each.sum()


def balanced(targets: Targets, labels: int) -> tuple[float, ...]:
    """Weights under which all labels count alike: rows / (labels that occur * rows of the label).

    Their mean over the rows is 1, so that learning rates keep their meaning. A label without rows has weight 0.
    """
    counts = np.bincount(targets, minlength=labels)
    present = np.count_nonzero(counts)
    weights = np.divide(len(targets), present * counts, out=np.zeros(labels), where=counts > 0)
    return tuple(map(float, weights))
