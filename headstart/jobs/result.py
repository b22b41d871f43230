"""What came of a job, as whoever handed it over sees it: figures, without the engine that made them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.errors import IntegrityError


@dataclass(frozen=True)
class Figure:
    """A number and its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True)
class Decided:
    """Whether the candidate takes over, why, and the test figures: by the contender's name, then the metric's."""

    promote: bool
    reason: str
    candidate: str
    test_rows: int
    scores: Mapping[str, Mapping[str, Figure]]


@dataclass(frozen=True)
class Released:
    """The version that was registered."""

    name: str
    version: int
    registry: str


@dataclass(frozen=True)
class Outcome:
    """The end of the whole job: the verdict and its reason, the decision, the version, and where the report is."""

    verdict: str
    verdict_reason: str
    decision: Decided
    version: Released
    report: str


@dataclass(frozen=True)
class Result:
    """What came of a job: the digest of each step's value by the step's name; of the whole job also the outcome."""

    job: str
    digests: Mapping[str, str]
    outcome: Outcome | None


def read(job: str, said: Mapping[str, Any], where: str) -> Result:
    """A result from its JSON data.

    Raises:
        IntegrityError: It is not what this Headstart writes.
    """
    try:
        return Result(job, dict(said["digests"]), _outcome(said) if "version" in said else None)
    except (LookupError, TypeError, AttributeError):
        remedy = "Use the Headstart that ran the job."
        raise IntegrityError("integrity/record", "not a result.", remedy=remedy, where=where) from None


def _outcome(said: Mapping[str, Any]) -> Outcome:
    decision = said["decision"]
    scores = {
        contender["name"]: {metric: Figure(**figure) for metric, figure in contender["scores"].items()}
        for contender in decision["contenders"]
    }
    return Outcome(
        verdict=said["verdict"]["answer"],
        verdict_reason=said["verdict"]["reason"],
        decision=Decided(
            decision["promote"], decision["reason"], decision["candidate_name"], decision["test_rows"], scores
        ),
        version=Released(**said["version"]),
        report=said["report"],
    )
