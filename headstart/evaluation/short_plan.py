"""What short trainings a budget pays for: how many rows each, and how often over.

What a budget pays for is reckoned in operations on a machine of :data:`CORES` and :data:`SPEED`, so that the same rows
have the same verdict wherever it is reached. A machine that would take :data:`PATIENCE` times as long trains on less.
"""

import math
from dataclasses import dataclass
from typing import Literal

from headstart.evaluation.cross_validation import Ground

Start = Literal["pretrained", "random"]
JUDGED = 400  # rows at most that a run is judged on
LEAST_EPOCHS, MOST_EPOCHS = 3, 10  # rows come first; what the budget pays for beyond all of them goes into epochs
TUNED, SCRATCH = 3, 1  # runs of each kind, on the first folds
LEAST_ROWS = 64  # fewer say nothing of what tuning does with all
SPEED, CORES = 1e11, 2  # operations a second of a core
PATIENCE = 4.0  # times the budget that a slower machine takes before it trains on less
_OVERHEAD_SECONDS = 2.0  # of a run: loading the network, the head and the bag of words
_JUDGING = 1 / 3  # what a row costs to be asked about, of what it costs to be trained on


@dataclass(frozen=True)
class Run:
    """A training from pretrained or random weights, on some rows of a fold."""

    start: Start
    fold: int


@dataclass(frozen=True)
class RowCost:
    """What a row costs in an epoch: operations, which are the same everywhere, and seconds of computing here."""

    operations: float
    seconds: float


@dataclass(frozen=True)
class Planned:
    """The runs, the rows and epochs of each, why there are no runs, and what a slow machine made of the plan."""

    runs: tuple[Run, ...]
    rows: int
    epochs: int
    why_not: str = ""
    cut: str = ""


def plan_runs(budget_seconds: float, row: RowCost, ground: Ground, cores: int) -> Planned:
    """As many rows a run as the budget pays for, then epochs, and none where these are too few.

    Args:
        budget_seconds: What all runs may take.
        row: What a row costs.
        ground: The folds that rows are taken from.
        cores: How many this machine has.
    """
    due = _divided(_row_epochs(budget_seconds, row.operations / SPEED, ground, CORES), ground)
    borne = _divided(_row_epochs(PATIENCE * budget_seconds, row.seconds, ground, cores), ground)
    rows, epochs = min(due, borne)
    slow = f"this machine takes {row.seconds:.2g} s for a row of a training step"
    least = min(_fitted(ground), max(LEAST_ROWS, ground.labels))
    if due[0] < least:
        per_row = f"a row of a training step takes {row.operations / 1e9:.2g} billion operations"
        return _none(f"{per_row}, so that {budget_seconds:.0f} s pay for {due[0]} rows a run; {least} are needed")
    if rows < least:
        return _none(f"{slow}, so that {PATIENCE * budget_seconds:.0f} s pay for {rows} rows a run; {least} are needed")
    runs = [Run("pretrained", fold) for fold in range(TUNED)] + [Run("random", fold) for fold in range(SCRATCH)]
    cut = "" if (rows, epochs) == due else f"{slow}, too long for {due[0]} rows and {due[1]} epochs"
    return Planned(tuple(runs), rows, epochs, cut=cut)


def _none(why: str) -> Planned:
    return Planned((), 0, 0, why_not=f"{why} (assess.budget)")


def _fitted(ground: Ground) -> int:
    return min(len(fit) for fit, _ in ground.folds)


def _row_epochs(seconds: float, row_seconds: float, ground: Ground, cores: int) -> float:
    """The rows that one run can be trained on, each counted in every epoch."""
    judged = min(JUDGED, *(len(judge) for _, judge in ground.folds))
    each_seconds = seconds / math.ceil((TUNED + SCRATCH) / cores) - _OVERHEAD_SECONDS
    return max(0.0, each_seconds / row_seconds - judged * _JUDGING)


def _divided(row_epochs: float, ground: Ground) -> tuple[int, int]:
    """The rows and the epochs that make up so many."""
    rows = min(_fitted(ground), int(row_epochs / LEAST_EPOCHS))
    return rows, min(MOST_EPOCHS, max(LEAST_EPOCHS, int(row_epochs / max(rows, 1))))
