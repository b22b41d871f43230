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

    def within(self, least: float, most: float) -> "Estimate":
        """The same estimate with its interval cut to the values that are possible."""
        return self.model_copy(update={"low": max(least, self.low), "high": min(most, self.high)})
