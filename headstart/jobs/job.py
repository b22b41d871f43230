"""What is handed over, and what is known of it afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from headstart.origin import JOB
from headstart.spec import Spec


class State(StrEnum):
    """Where a job stands. The last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self in (State.SUCCEEDED, State.FAILED, State.CANCELLED)


@dataclass(frozen=True)
class Work:
    """What a runner is to start.

    ``id`` is the job's name wherever it runs: who submits the same work twice gives it the same id. At most 40
    characters of a-z, 0-9 and hyphens, and begins with a letter. ``spec_uri`` is where the spec lies, which workers can
    reach. ``step`` is one step with the digests of its ``inputs``, or the whole job where it is empty.
    """

    id: str
    spec: Spec
    spec_uri: str
    step: str = ""
    inputs: tuple[tuple[str, str], ...] = ()

    @property
    def command(self) -> tuple[str, ...]:
        """What runs on the machine or cluster."""
        if not self.step:
            return ("headstart", "run", self.spec_uri)
        given = (part for name, digest in self.inputs for part in ("--input", f"{name}={digest}"))
        return ("headstart", "step", self.step, "--spec", self.spec_uri, *given)

    @property
    def environment(self) -> Mapping[str, str]:
        """What the command has to find in its environment beside what the place gives: no secret is among it."""
        return {JOB: self.id}


@dataclass(frozen=True)
class Job:
    """What a runner says of a job at one moment.

    ``name`` is the spec's and ``spec_uri`` where it lies, if the place still knows. ``reference`` is the place's own id
    of it, where that is another. ``reason`` is one word of the place's, ``message`` its sentence. Times are ISO 8601 in
    UTC, or empty where they are not known; ``exit_status`` is the command's, where it has ended and the place knows it.
    """

    id: str
    runner: str
    state: State
    name: str = ""
    spec_uri: str = ""
    reference: str = ""
    reason: str = ""
    message: str = ""
    submitted: str = ""
    started: str = ""
    finished: str = ""
    exit_status: int | None = None
