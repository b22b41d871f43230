"""Tasks: how labels become targets, what the loss is, how outputs are read. One file a task."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, cast

from headstart.arrays import Outputs, Targets
from headstart.errors import SpecError
from headstart.tasks import text_classification
from headstart.tasks.prediction import Prediction

if TYPE_CHECKING:
    import torch

    from headstart.tasks.objective import Objective

__all__ = ["Prediction", "Task", "get_task"]


class Task(Protocol):
    """What a kind of label needs; a module of this package fills it."""

    def encode(self, labels: Sequence[str], vocabulary: Sequence[str]) -> Targets:
        """Labels as targets, shape (rows,)."""

    def loss(self, outputs: "torch.Tensor", targets: "torch.Tensor", objective: "Objective") -> "torch.Tensor":
        """The loss summed over the rows (a scalar), for outputs of shape (rows, labels), as the objective shapes it."""

    def decode(self, outputs: Outputs, vocabulary: Sequence[str]) -> list[Prediction]:
        """Calibrated outputs as answers, one a row."""


_TASKS = MappingProxyType({"text-classification": cast(Task, text_classification)})


def get_task(name: str) -> Task:
    """The task of this name, as the spec calls it.

    Raises:
        SpecError: It can be imported but not trained yet.
    """
    if name not in _TASKS:
        problem = f"the task is {name}, which can be imported but not trained yet."
        raise SpecError(
            "spec/invalid-value", problem, remedy=f"Tasks that can be trained: {', '.join(_TASKS)}.", where="task"
        )
    return _TASKS[name]
