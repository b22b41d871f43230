"""The protocol of all places where jobs run; ``tests/contracts/test_runner.py`` is what it promises."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from headstart.jobs.job import Job, Work


class Runner(Protocol):
    """A place where jobs run. Every method may raise a HeadstartError that says what the place answered.

    ``name`` is the key of :data:`headstart.jobs.places.PLACES`. ``elsewhere`` says that jobs do not see this machine's
    files. ``pause`` is how many seconds who waits for a job should leave between two questions.
    """

    name: str
    elsewhere: bool
    pause: float

    def submit(self, work: Work) -> Job:
        """Start the work, or adopt the job of its id where there is one, whatever its state: nothing runs twice.

        A reply that is lost is planned for: the call may be repeated.

        Raises:
            UsageError: ``usage``, where the place cannot run such work.
        """

    def get(self, job: str) -> Job:
        """How a job stands.

        Raises:
            JobError: ``job/not-found``.
        """

    def list(self) -> Sequence[Job]:
        """The jobs of Headstart's that the place knows, the newest first."""

    def log(self, job: str, follow: bool = False) -> Iterator[str]:
        """The job's lines, without their ends, from the first; with ``follow`` until the job has ended.

        A broken connection is taken up again, and is never taken for the job's end. No line comes twice.

        Raises:
            JobError: ``job/not-found``.
        """

    def cancel(self, job: str) -> Job:
        """Have the job ended: asks once and comes back within seconds. A job that has ended stays as it is.

        Raises:
            JobError: ``job/not-found``.
        """

    def close(self) -> None:
        """Let go of connections; jobs go on."""
