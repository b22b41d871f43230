"""A training as a run of MLflow; the environment says on which server, as it does for MLflow's own client.

The experiment is the one that ``MLFLOW_EXPERIMENT_NAME`` names, or has the model's name.
"""

import os
import time
from collections.abc import Mapping

# Read when it is imported. A server that does not answer must not hold up what else there is to hear.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")

from mlflow import MlflowClient
from mlflow.entities import Metric, Param

from headstart.origin import run_folder
from headstart.spec import Spec
from headstart.training.strategy import Strategy
from headstart.version import __version__

TRAINING = "headstart.training"  # the tag by which a training that goes on finds its run


class MlflowRun:
    """Fills :class:`headstart.tracking.Tracker`.

    Args:
        spec: What is done.
        strategy: How it trains.
        name: The training's.

    Raises:
        MlflowException: The server cannot be reached, or refuses.
    """

    def __init__(self, spec: Spec, strategy: Strategy, name: str) -> None:
        self._client = MlflowClient()
        called = os.environ.get("MLFLOW_EXPERIMENT_NAME") or spec.name
        experiment = self._client.get_experiment_by_name(called)
        number = experiment.experiment_id if experiment else self._client.create_experiment(called)
        found = self._client.search_runs([number], f"tags.`{TRAINING}` = '{name}'", max_results=1)
        if found:
            self._run = found[0].info.run_id
            self._client.update_run(self._run, status="RUNNING")
            return
        tags = {TRAINING: name, "headstart.run": run_folder(spec), "headstart.version": __version__}
        self._run = self._client.create_run(number, tags=tags, run_name=spec.name).info.run_id
        said = spec.tune.model_dump(mode="json") | {"strategy": strategy.name, "backbones": ", ".join(spec.backbones)}
        self._client.log_batch(self._run, params=[Param(key, str(value)) for key, value in said.items()])

    def hear(self, figures: Mapping[str, float]) -> None:
        """See :meth:`headstart.tracking.Tracker.hear`."""
        now, step = int(time.time() * 1000), int(figures["step"])
        metrics = [Metric(name, figures[name], now, step) for name in sorted(figures.keys() - {"step"})]
        self._client.log_batch(self._run, metrics=metrics)

    def close(self, failed: bool) -> None:
        """See :meth:`headstart.tracking.Tracker.close`."""
        self._client.set_terminated(self._run, "FAILED" if failed else "FINISHED")
