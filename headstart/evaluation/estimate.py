"""A number with its interval: how every measured quantity is said."""

from pydantic import BaseModel, ConfigDict

CONFIDENCE = 0.95


class Estimate(BaseModel):
    """A number and the interval it lies in with :data:`CONFIDENCE`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"

    def signed(self) -> str:
        """The estimate as a difference, with its sign."""
        return f"{self.value:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"
