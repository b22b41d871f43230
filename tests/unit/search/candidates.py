"""Candidates for tests of plans and rules."""

from headstart.search import Candidate
from headstart.spec import HeadFamily
from headstart.views import View


def candidate(
    score: float,
    log_loss: float = 1.0,
    layer: int = 1,
    family: HeadFamily = "ridge",
    setting: dict[str, float] | None = None,
    complete: bool = True,
) -> Candidate:
    return Candidate(
        view=View(layers=(layer,), pooling="mean"),
        family=family,
        setting=setting or {},
        score=score,
        log_loss=log_loss,
        temperature=1.0,
        complete=complete,
        seconds=0.1,
    )
