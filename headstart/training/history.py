"""What a training leaves behind to be shown."""

from pydantic import BaseModel, ConfigDict


class Epoch(BaseModel):
    """How an epoch ended: mean training loss, and score and log loss (nats) on the validation rows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    train_loss: float
    score: float
    log_loss: float
