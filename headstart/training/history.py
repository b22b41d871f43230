"""What a training leaves behind to be shown, and the rules that read it. Pure functions."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from headstart.evaluation.one_error import as_good

PATIENCE = 3  # epochs that bring no better one before training stops


class Epoch(BaseModel):
    """How an epoch ended: mean training loss, and score and log loss (nats) on the validation rows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    train_loss: float
    score: float
    log_loss: float


class Pace(BaseModel):
    """How an epoch went.

    ``seconds`` are those of the whole epoch, scoring included; rows and tokens (without padding) are those of all
    workers, by the seconds of its steps alone. ``rate`` is the mean share of the peak learning rates, ``busy`` the
    share of the time in which the first worker's accelerator computed; None where that is not known.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: float
    rows_per_second: float
    tokens_per_second: float
    rate: float
    busy: float | None = None


class Spent(BaseModel):
    """What a training took: its epochs, the most memory of the first worker in bytes, and how many workers there were.

    Memory is the accelerator's where there is one, else the process's. What a kill cost is not in it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    epochs: tuple[Pace, ...]
    memory: int
    workers: int
    device: str

    @property
    def seconds(self) -> float:
        """The seconds of all epochs."""
        return sum(epoch.seconds for epoch in self.epochs)


def is_kept(history: Sequence[Epoch], rows: int) -> bool:
    """Whether the latest epoch's weights are to be kept instead of an earlier one's.

    They are unless an earlier epoch scored better by more than one standard error on the ``rows``
    validation rows: smaller differences are luck, and the rate has come down further since.
    """
    best = max(epoch.score for epoch in history)
    return history[-1].score >= as_good(best, rows)[0]


def is_exhausted(history: Sequence[Epoch]) -> bool:
    """Whether the last epochs brought none that is better, by score and then by loss, than those before."""
    ranks = [(epoch.score, -epoch.log_loss) for epoch in history]
    return bool(ranks) and len(ranks) - 1 - ranks.index(max(ranks)) >= PATIENCE
