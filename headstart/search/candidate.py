"""What is tried, what came of it, and which of it wins."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from headstart.evaluation.one_error import as_good
from headstart.heads import Setting
from headstart.spec import HeadFamily
from headstart.views import View


class Trial(BaseModel):
    """A population of settings of one family on one view of the features: fitted together."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    view: View
    family: HeadFamily
    settings: tuple[Setting, ...]


class Candidate(BaseModel):
    """A setting that was tried.

    ``score`` and ``log_loss`` (nats, after scaling by ``temperature``) are of the rows held out in the folds that it
    was judged on; ``complete`` is False where it fell so far behind that it was not judged on all. ``seconds`` is its
    share of the time that its population took.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    view: View
    family: HeadFamily
    setting: Mapping[str, float]
    score: float
    log_loss: float
    temperature: float
    complete: bool
    seconds: float

    def __str__(self) -> str:
        setting = ", ".join(f"{name} {value:.3g}" for name, value in self.setting.items())
        return f"{self.family} ({setting}) on {self.view}"


def winner(tried: Sequence[Candidate], judged: int) -> Candidate:
    """The least log loss among the complete candidates whose score is within one standard error of the best.

    The best of many scores on few rows is mostly lucky; log loss tells candidates apart that the score
    cannot (:mod:`headstart.evaluation.one_error`).

    Args:
        tried: The candidates, at least one of them complete.
        judged: The number of different rows that each was judged on.
    """
    complete = [candidate for candidate in tried if candidate.complete]
    least, _ = as_good(max(candidate.score for candidate in complete), judged)
    near = [candidate for candidate in complete if candidate.score >= least]
    return min(near, key=lambda candidate: (candidate.log_loss, -candidate.score, -candidate.view.top))


def best_of(tried: Sequence[Sequence[Candidate]]) -> Mapping[str, float]:
    """The figures of the best candidate of some populations: what schedulers compare and dashboards show."""
    best = max((each for population in tried for each in population), key=lambda each: (each.score, -each.log_loss))
    return {"score": best.score, "log_loss": best.log_loss}
