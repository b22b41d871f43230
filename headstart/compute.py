"""Where work runs: the protocol that :mod:`headstart.adapters.ray_compute` fills, and an in-process stand-in.

Functions that travel are functions of this package, sent by name; what they need comes in as plain data.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from headstart.errors import ComputeError
from headstart.spec import ComputeSpec

T = TypeVar("T")
R = TypeVar("R")

Shared = Mapping[str, Any]
"""Arrays and plain data that every task reads; sent to a machine once, not with each task."""

Report = Callable[[float, float, str], None]
"""Is told how much is done, how much there is, and a few words on the state."""


Hear = Callable[[Mapping[str, float]], None]
"""Is told figures of a training as it goes; ``step`` is among them."""


def unheard(figures: Mapping[str, float]) -> None:
    """For figures that nobody wants."""


class Peers(Protocol):
    """What a training worker knows of the others, and how it speaks to the run.

    ``keeps`` says whether the run keeps checkpoints at all.
    """

    rank: int
    world: int
    keeps: bool

    def place(self, network: Any) -> Any:
        """The network, on this worker's device."""

    def resume(self) -> AbstractContextManager[Path | None]:
        """The folder of the run's newest whole checkpoint, or None where there is none."""

    def progress(self, done: float, total: float, note: str) -> None:
        """Tell the user how it goes; any rank, at any time."""

    def tell(self, figures: Mapping[str, float]) -> None:
        """Let the run hear what was measured at a ``step``; any rank, at any time."""

    def report(self, metrics: Mapping[str, Any], checkpoint: Path | None = None) -> None:
        """Record metrics; every rank calls this equally often, and rank 0 may give away a folder as a checkpoint.

        It is stored in the background, and counts once it is stored whole; the folder is gone then.
        """

    def is_leaving(self) -> bool:
        """Whether this worker should end soon, because its machine is taken away or the run was told to end.

        Every rank asks equally often.
        """

    def settle(self) -> None:
        """Wait until all that was reported is stored; every rank calls this."""


TrainWorker = Callable[[Mapping[str, Any], Peers], None]


@dataclass(frozen=True)
class TrainJob:
    """A data-parallel training: what each worker runs, and where the run keeps its checkpoints.

    ``name`` must say everything that decides the result: a run of the same name continues an earlier one. ``title`` is
    what people call it.
    """

    worker: TrainWorker
    config: Mapping[str, Any]
    name: str
    storage: str
    compute: ComputeSpec
    title: str = ""


Keep = Callable[[int, R], None]
"""Is given the number of a trial and its result, in the process that searches."""


@dataclass(frozen=True)
class SearchJob(Generic[T, R]):
    """The trials of a search, and what a trial does.

    ``function(trial, shared)`` gives ever better knowledge of the trial; what it gives last is the result. ``measure``
    turns any of it into figures for schedulers and dashboards, of which ``score`` counts, more being better. With
    ``halving``, trials that lag behind others after part of their results end with the result that they have by then.
    ``storage`` is a folder or an ``s3://`` prefix for what dashboards read, under ``name``.
    """

    function: Callable[[T, Shared], Iterator[R]]
    trials: Sequence[T]
    shared: Shared
    measure: Callable[[R], Mapping[str, float]]
    budget_seconds: float
    storage: str
    name: str
    halving: bool = False


class Handle(Protocol):
    """A value that tasks may read without it being sent with each of them."""

    def get(self) -> Any:
        """The value; arrays are not copied and must not be changed."""


class Compute(Protocol):
    """Runs functions of this package on one machine or many."""

    def for_work(self, seconds: float) -> "Compute":
        """This compute, or one nearby that has done so many seconds of one core's work before this one would begin."""

    def share(self, value: Any) -> Handle:
        """Put a value where every task can read it; it stays as long as somebody holds the handle.

        What is shared piece by piece need not fit into memory together.
        """

    def map(self, function: Callable[[T, Shared], R], items: Sequence[T], shared: Shared, report: Report) -> list[R]:
        """``function(item, shared)`` for each item, in their order.

        Raises:
            ComputeError: A task failed.
        """

    def search(self, job: SearchJob[T, R], report: Report, keep: Keep[R]) -> list[R]:
        """The results of the trials, in their order; those that the time budget does not reach are missing.

        Args:
            job: The search.
            report: Is told how many trials are done.
            keep: Is given each result as soon as it is there.

        Raises:
            ComputeError: A trial failed, or the budget reached none.
        """

    def train(self, job: TrainJob, report: Report, hear: Hear = unheard) -> None:
        """Run a training to its end; what it made, its workers have stored by then.

        Args:
            job: The training.
            report: Is told how far it is.
            hear: Is told, in this process, what its workers tell.

        Raises:
            ComputeError: The workers do not fit the machine, or failed more often than allowed.
        """


@dataclass(frozen=True)
class Held:
    """A handle on a value in this process."""

    value: Any

    def get(self) -> Any:
        """See :class:`Handle`."""
        return self.value


class InlineCompute:
    """Everything in this process, one after the other: for tests, and to step through with a debugger."""

    def for_work(self, seconds: float) -> Compute:
        """See :meth:`Compute.for_work`: nothing is nearer."""
        return self

    def share(self, value: Any) -> Handle:
        """See :meth:`Compute.share`."""
        return Held(value)

    def map(self, function: Callable[[T, Shared], R], items: Sequence[T], shared: Shared, report: Report) -> list[R]:
        """See :meth:`Compute.map`."""
        results = []
        for item in items:
            results.append(function(item, shared))
            report(len(results), len(items), "")
        return results

    def search(self, job: SearchJob[T, R], report: Report, keep: Keep[R]) -> list[R]:
        """See :meth:`Compute.search`; every trial that is begun runs to its end."""
        deadline = time.monotonic() + job.budget_seconds
        results: list[R] = []
        for number, trial in enumerate(job.trials):
            if time.monotonic() < deadline:
                *_, last = job.function(trial, job.shared)
                results.append(last)
                keep(number, last)
                report(len(results), len(job.trials), "")
        return within_budget(results, job.budget_seconds)

    def train(self, job: TrainJob, report: Report, hear: Hear = unheard) -> None:
        """See :meth:`Compute.train`; one worker, whatever the job asks for, and no checkpoints."""
        job.worker(job.config, Alone(report, hear))


def within_budget(results: list[R], budget_seconds: float) -> list[R]:
    """The results of a search, if there are any.

    Raises:
        ComputeError: The budget reached no trial.
    """
    if not results:
        raise ComputeError(
            "compute/failed",
            f"no trial finished in {budget_seconds:.0f} s.",
            remedy="Raise search.budget.",
            where="search",
        )
    return results


class Alone:
    """Fills :class:`Peers` for a training in this process, by one worker and without checkpoints."""

    rank, world, keeps = 0, 1, False

    def __init__(self, report: Report = lambda done, total, note: None, hear: Hear = unheard) -> None:
        self._report, self._hear = report, hear

    def place(self, network: Any) -> Any:
        """See :meth:`Peers.place`; it stays where it is."""
        return network

    @contextlib.contextmanager
    def resume(self) -> Iterator[Path | None]:
        """See :meth:`Peers.resume`."""
        yield None

    def progress(self, done: float, total: float, note: str) -> None:
        """See :meth:`Peers.progress`."""
        self._report(done, total, note)

    def tell(self, figures: Mapping[str, float]) -> None:
        """See :meth:`Peers.tell`."""
        self._hear(figures)

    def report(self, metrics: Mapping[str, Any], checkpoint: Path | None = None) -> None:
        """See :meth:`Peers.report`; nobody else is there to be told."""

    def is_leaving(self) -> bool:
        """See :meth:`Peers.is_leaving`."""
        return False

    def settle(self) -> None:
        """See :meth:`Peers.settle`."""
