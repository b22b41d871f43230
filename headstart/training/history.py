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
