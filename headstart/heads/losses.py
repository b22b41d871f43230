"""What a row costs as a function of logits, for several weightings of the rows at once.

Logits lie as (weightings, logits, rows), so that both products with the features are one GEMM and everything else runs
along memory that is contiguous in rows.
"""

from typing import Protocol

import torch

Pair = tuple[torch.Tensor, torch.Tensor]


class Loss(Protocol):
    """The weighted losses of rows, in nats. ``columns`` (rows, columns) are the features and a column of ones.

    ``row_weights`` (weightings, rows) say what each row counts for; ``width`` is the number of logits of a row.
    """

    columns: torch.Tensor
    row_weights: torch.Tensor
    width: int

    def at(self, logits: torch.Tensor) -> Pair:
        """The sum over rows for each weighting, shape (weightings,), float64; and the probabilities, as the logits."""

    def gradient(self, probabilities: torch.Tensor) -> Pair:
        """The gradient by the weights (weightings, width, columns), and sum_i p_ik (1 - p_ik) (weightings, width)."""


def logits_of(loss: Loss, weights: torch.Tensor) -> torch.Tensor:
    """Shape (weightings, width, rows), of weights (weightings, width, columns)."""
    found: torch.Tensor = (weights.flatten(0, 1) @ loss.columns.T).unflatten(0, weights.shape[:2])
    return found


class Softmax:
    """A logit for each label.

    Args:
        columns: See :class:`Loss`, float32.
        targets: Label numbers (rows,), int64.
        labels: The number of labels.
        row_weights: See :class:`Loss`, float32.
    """

    def __init__(self, columns: torch.Tensor, targets: torch.Tensor, labels: int, row_weights: torch.Tensor) -> None:
        self.columns, self.row_weights, self.width = columns, row_weights, labels
        self._right = (slice(None), targets, torch.arange(len(targets)))

    def at(self, logits: torch.Tensor) -> Pair:
        """See :meth:`Loss.at`."""
        top = logits.amax(1)
        p = (logits - top[:, None]).exp_()
        total = p.sum(1)
        p /= total[:, None]
        losses = total.log() + top - logits[self._right]
        return (losses.double() * self.row_weights).sum(1), p

    def gradient(self, probabilities: torch.Tensor) -> Pair:
        """See :meth:`Loss.gradient`."""
        weighted = probabilities * self.row_weights[:, None]
        curvature = weighted.sum(2) - torch.linalg.vecdot(weighted, probabilities)
        weighted[self._right] -= self.row_weights
        return times_columns(weighted, self.columns), curvature


class Logistic:
    """One logit for two labels: how much likelier the second is. Arguments as for :class:`Softmax`."""

    width = 1

    def __init__(self, columns: torch.Tensor, targets: torch.Tensor, row_weights: torch.Tensor) -> None:
        self.columns, self.row_weights = columns, row_weights
        self._targets = targets.to(columns.dtype)

    def at(self, logits: torch.Tensor) -> Pair:
        """See :meth:`Loss.at`."""
        losses = torch.nn.functional.softplus(logits[:, 0] * (1 - 2 * self._targets))
        return (losses.double() * self.row_weights).sum(1), logits.sigmoid()

    def gradient(self, probabilities: torch.Tensor) -> Pair:
        """See :meth:`Loss.gradient`."""
        p = probabilities[:, 0]
        curvature = (self.row_weights * p * (1 - p)).sum(1)
        weighted = (self.row_weights * (p - self._targets))[:, None]
        return times_columns(weighted, self.columns), curvature[:, None]


def times_columns(weighted: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
    """Shape (weightings, width, columns), of what rows weigh (weightings, width, rows): the other product."""
    found: torch.Tensor = (weighted.flatten(0, 1) @ columns).unflatten(0, weighted.shape[:2])
    return found
