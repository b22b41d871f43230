"""Searches on Ray Tune: trials share one copy of the features and reuse their actors."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from headstart.compute import Report, Shared

T = TypeVar("T")
R = TypeVar("R")


def on_one_thread(function: Callable[[T, Shared], R], item: T, shared: Shared) -> R:
    """Call the function with the numeric libraries held to one thread: the task holds one CPU."""
    import threadpoolctl
    import torch

    torch.set_num_threads(1)
    with threadpoolctl.threadpool_limits(1):
        return function(item, shared)


def search(
    function: Callable[[T, Shared], R], trials: Sequence[T], shared: Shared, budget_seconds: float, report: Report
) -> list[R]:
    """Run every trial that the budget reaches; gives their results in the order of the trials."""
    from ray import tune

    results: dict[int, R] = {}
    with tempfile.TemporaryDirectory(prefix="headstart-tune-") as storage:
        tuner = tune.Tuner(
            tune.with_parameters(_trial, function=function, trials=tuple(trials), shared=shared),
            param_space={"number": tune.grid_search(list(range(len(trials))))},
            tune_config=tune.TuneConfig(reuse_actors=True, time_budget_s=budget_seconds),
            run_config=tune.RunConfig(
                storage_path=storage, name="heads", verbose=0, callbacks=[_collecting(results, report, len(trials))]
            ),
        )
        for error in tuner.fit().errors:
            raise error
    return [results[number] for number in sorted(results)]


def _trial(config: Mapping[str, Any], function: Callable[[T, Shared], R], trials: Sequence[T], shared: Shared) -> None:
    from ray import tune

    number = config["number"]
    tune.report({"number": number, "result": on_one_thread(function, trials[number], shared)})


def _collecting(results: dict[int, R], report: Report, total: int) -> Any:
    """A Tune callback that keeps each trial's result and tells how many there are."""
    from ray.tune import Callback

    class Collecting(Callback):
        def __init__(self, results: dict[int, R], report: Report) -> None:
            self.results, self.report = results, report

        def __getstate__(self) -> dict[str, object]:
            return {}  # Tune pickles its callbacks to restore a search; there is nothing here to restore

        def on_trial_result(
            self, iteration: int, trials: list[Any], trial: Any, result: Mapping[str, Any], **info: Any
        ) -> None:
            if "result" in result:
                self.results[result["number"]] = result["result"]
                self.report(len(self.results), total, "populations of heads")

    return Collecting(results, report)
