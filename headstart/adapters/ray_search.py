"""Searches on Ray Tune: trials share one copy of the features and reuse their actors."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from headstart.adapters.ray_storage import storage
from headstart.compute import Keep, Report, SearchJob, Shared

T = TypeVar("T")
R = TypeVar("R")


def on_one_thread(function: Callable[[T, Shared], R], item: T, shared: Shared) -> R:
    """Call the function with the numeric libraries held to one thread: the task holds one CPU."""
    import threadpoolctl
    import torch

    torch.set_num_threads(1)
    with threadpoolctl.threadpool_limits(1):
        return function(item, shared)


def search(job: SearchJob[T, R], report: Report, keep: Keep[R]) -> list[R]:
    """What is known of each trial that the budget reaches, in the order of the trials; nothing where none finished."""
    from ray import tune
    from ray.tune.logger import TBXLoggerCallback
    from ray.tune.schedulers import ASHAScheduler

    collecting = _collecting(keep, lambda done: report(done, len(job.trials), "populations of heads"))
    tuner = tune.Tuner(
        tune.with_parameters(_trial, function=job.function, measure=job.measure, trials=job.trials, shared=job.shared),
        param_space={"number": tune.grid_search(list(range(len(job.trials))))},
        tune_config=tune.TuneConfig(
            reuse_actors=True,
            time_budget_s=job.budget_seconds,
            metric="score",
            mode="max",
            scheduler=ASHAScheduler(grace_period=1, reduction_factor=2) if job.halving else None,
        ),
        run_config=tune.RunConfig(
            name=f"{job.name}-{uuid.uuid4().hex[:8]}",  # an earlier search of the name may have left its own
            verbose=0,
            callbacks=[collecting, TBXLoggerCallback()],
            **storage(job.storage),
        ),
    )
    for error in tuner.fit().errors:
        raise error
    return [collecting.results[number] for number in sorted(collecting.results)] if collecting.finished else []


def _trial(
    config: Mapping[str, Any],
    function: Callable[[T, Shared], Iterator[R]],
    measure: Callable[[R], Mapping[str, float]],
    trials: Sequence[T],
    shared: Shared,
) -> None:
    from ray import tune

    number = config["number"]

    def run(trial: T, shared: Shared) -> None:
        told = function(trial, shared)
        result = next(told)
        for better in told:
            tune.report({**measure(result), "number": number, "result": (result,), "is_last": False})
            result = better
        tune.report({**measure(result), "number": number, "result": (result,), "is_last": True})

    on_one_thread(run, trials[number], shared)


def _collecting(keep: Keep[R], report: Callable[[int], None]) -> Any:
    """A Tune callback that has the latest result of each trial, hands on the last ones, and counts the ended trials."""
    from ray.tune import Callback

    class Collecting(Callback):
        def __init__(self, keep: Keep[R], report: Callable[[int], None]) -> None:
            # Tune pickles this class with all that its methods close over, so that these are the instance's own.
            self.keep, self.report = keep, report
            self.results: dict[int, R] = {}
            self.finished: set[int] = set()
            self.ended = 0

        def __getstate__(self) -> dict[str, object]:
            return {}  # Tune pickles its callbacks to restore a search; there is nothing here to restore

        def on_trial_result(
            self, iteration: int, trials: list[Any], trial: Any, result: Mapping[str, Any], **info: Any
        ) -> None:
            if "result" not in result:
                return
            number = result["number"]
            (self.results[number],) = result["result"]
            if result["is_last"] and number not in self.finished:
                self.finished.add(number)
                self.keep(number, self.results[number])

        def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
            self.ended += 1
            self.report(self.ended)

    return Collecting(keep, report)
