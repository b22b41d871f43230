"""Compute on Ray: tasks, Ray Tune for searches, Ray Train for training."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from headstart.adapters import ray_cluster, ray_search, ray_train
from headstart.adapters.ray_gauges import gauged
from headstart.compute import (
    Compute,
    Handle,
    Hear,
    Keep,
    Report,
    SearchJob,
    Shared,
    TrainJob,
    unheard,
    within_budget,
)
from headstart.errors import ComputeError, HeadstartError
from headstart.threads import ThreadCompute

T = TypeVar("T")
R = TypeVar("R")


_START_SECONDS = 30.0  # of work: what trials and their workers take to start is some seconds for each round


class RayCompute:
    """Fills :class:`headstart.compute.Compute`. The cluster is started or joined at the first use.

    Args:
        worker_output: Whether what workers print comes to this process's standard output and error.
    """

    def __init__(self, worker_output: bool = False) -> None:
        self._worker_output = worker_output
        self._stack = contextlib.ExitStack()
        self._started = False
        self._nearby = ThreadCompute()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def for_work(self, seconds: float) -> Compute:
        """See :meth:`headstart.compute.Compute.for_work`."""
        return self._nearby if seconds < _START_SECONDS else self

    def share(self, value: Any) -> Handle:
        """See :meth:`headstart.compute.Compute.share`; what does not fit into Ray's object store goes to disk."""
        self._start()
        import ray

        return _InObjectStore(ray.put(value))

    def map(self, function: Callable[[T, Shared], R], items: Sequence[T], shared: Shared, report: Report) -> list[R]:
        """See :meth:`headstart.compute.Compute.map`."""
        self._start()
        import ray

        task: Any = ray.remote(num_cpus=1)(ray_search.on_one_thread)
        reference = ray.put(shared)
        pending = {task.remote(function, item, reference): number for number, item in enumerate(items)}
        results: dict[int, R] = {}
        with _clear_errors():
            while pending:
                (ready, *_), _ = ray.wait(list(pending))
                results[pending.pop(ready)] = ray.get(ready)
                report(len(results), len(items), "")
        return [results[number] for number in range(len(items))]

    def search(self, job: SearchJob[T, R], report: Report, keep: Keep[R]) -> list[R]:
        """See :meth:`headstart.compute.Compute.search`."""
        self._start()
        with _clear_errors():
            return within_budget(ray_search.search(job, report, keep), job.budget_seconds)

    def train(self, job: TrainJob, report: Report, hear: Hear = unheard) -> None:
        """See :meth:`headstart.compute.Compute.train`."""
        self._start()
        with _clear_errors(), ray_cluster.listening(report, gauged(job, hear)) as board:
            ray_train.train(job, board)

    def _start(self) -> None:
        if not self._started:
            self._stack.enter_context(ray_cluster.cluster(self._worker_output))
            self._started = True


@dataclass(frozen=True)
class _InObjectStore:
    """Fills :class:`headstart.compute.Handle`."""

    reference: Any

    def get(self) -> Any:
        import ray

        return ray.get(self.reference)


@contextlib.contextmanager
def _clear_errors() -> Iterator[None]:
    """Give our own errors back as they were raised on the worker, and put Ray's into words."""
    import ray

    try:
        yield
    except ray.exceptions.RayError as error:
        raise _our_own(error) or ComputeError(
            "compute/failed",
            f"{_first_line(error)}.",
            remedy="The log has the whole story; free memory if a worker was killed.",
            where="Ray",
        ) from error
    except _failed_trainings() as error:
        raise _our_own(error) or ComputeError(
            "compute/failed",
            f"{_first_line(error)}.",
            remedy="The log has the whole story; run again to continue.",
            where="Ray Train",
        ) from error


def _failed_trainings() -> tuple[type[Exception], ...]:
    """Ray Train's own error, where somebody has loaded it: else it is not what was raised."""
    train = sys.modules.get("ray.train")
    return () if train is None else (train.TrainingFailedError,)


def _our_own(error: BaseException | None) -> HeadstartError | None:
    """The error of ours that a Ray error carries, if one is behind it."""
    seen: set[int] = set()
    queue = [error]
    while queue:
        each = queue.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, HeadstartError):
            return each
        queue += [
            each.__cause__,
            each.__context__,
            getattr(each, "cause", None),
            *getattr(each, "worker_failures", {}).values(),
        ]
    return None


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines else type(error).__name__).rstrip(".")
