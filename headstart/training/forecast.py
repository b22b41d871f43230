"""What a training will take, from some of its steps tried beforehand. Pure functions.

Nothing of it decides what comes of a training, unless the spec sets a budget.
"""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from headstart.errors import SpecError
from headstart.training.batches import Indices, Lengths
from headstart.training.history import PATIENCE

STEPS = 20
"""Steps that are tried."""
WARMING = 2
"""Steps before them, which find caches cold, and count for memory alone; the first has the longest texts."""
SHARE = 0.05
"""The most of a training that trying may take, where no budget asks for it."""
_SCORING = 1 / 3  # what a token costs to be scored, of what it costs to be trained on: one pass of two and a backward


class Forecast(BaseModel):
    """What a training was said to take.

    ``epoch`` holds the seconds of an epoch: as if all steps were as quick as the quicker half of those tried, as they
    were on average, and as the slower half. ``least`` and ``most`` are the epochs that it may come to, and ``memory``
    the most bytes of the first worker.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: int
    epoch: tuple[float, float, float]
    least: int
    most: int
    memory: int

    @property
    def seconds(self) -> tuple[float, float]:
        """The least and the most seconds of the whole training."""
        return self.least * self.epoch[0], self.most * self.epoch[2]


def is_worthwhile(steps: int, budget: float | None) -> bool:
    """Whether a training of so many steps is long enough to be tried first."""
    if budget is not None:
        return steps > STEPS + WARMING
    return SHARE * steps >= (STEPS + WARMING)


def tried(plan: Sequence[Indices], lengths: Lengths) -> list[Indices]:
    """The batches of an epoch that stand for all: the one with the longest texts, and then some of every length."""
    by_length = sorted(plan, key=lambda batch: int(lengths[batch].max()))
    places = np.linspace(0, len(by_length) - 1, STEPS).round().astype(int)
    return [by_length[-1]] * WARMING + [by_length[place] for place in places]


def foretold(per_token: Sequence[float], trained: int, scored: int, epochs: int, memory: int) -> Forecast:
    """A forecast.

    Args:
        per_token: The seconds a token of each step that counts.
        trained: The tokens of an epoch's steps, of all workers.
        scored: The tokens that are scored after each epoch.
        epochs: How many there may be.
        memory: The most bytes of the first worker.
    """
    ordered = sorted(per_token)
    half = max(1, len(ordered) // 2)
    tokens = trained + scored * _SCORING
    quick, mean, slow = (tokens * float(np.mean(each)) for each in (ordered[:half], ordered, ordered[-half:]))
    least = min(epochs, PATIENCE + 1)  # the first may stay the best
    return Forecast(steps=len(ordered), epoch=(quick, mean, slow), least=least, most=epochs, memory=memory)


def within(forecast: Forecast, budget: float | None, strategy: str) -> Forecast:
    """The forecast of a training that keeps to a budget of seconds, by fewer epochs where it takes that.

    Raises:
        SpecError: Not even one epoch fits.
    """
    if budget is None:
        return forecast
    most = min(forecast.most, int(budget / forecast.epoch[2]))
    if most < 1:
        quick, _, slow = forecast.epoch
        raise SpecError(
            "tune/budget",
            f"an epoch of {strategy} takes {span(quick, slow)}, and the budget is {duration(budget)}.",
            remedy="Raise tune.budget or tune.cost, add workers, or set tune.strategy to a cheaper one, such as top-k.",
            where="tune",
        )
    return forecast.model_copy(update={"most": most, "least": min(forecast.least, most)})


def duration(seconds: float) -> str:
    """Seconds in the unit that people would use."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def span(low: float, high: float) -> str:
    """From so many seconds to so many."""
    first, last = duration(low), duration(high)
    return first if first == last else f"{first} to {last}"
