"""Who hears the figures of a training as it goes: TensorBoard always, MLflow where the environment names a server.

They are told as far as they listen: a training never fails for them. One that did not take a figure is told no more.
"""

import contextlib
import logging
import os
from collections.abc import Iterator, Mapping
from typing import Protocol

from headstart.compute import Hear
from headstart.extras import extra_of
from headstart.origin import run_folder
from headstart.spec import Spec
from headstart.spelling import scrubbed
from headstart.training.strategy import Strategy
from headstart.workspace import Workspace

MLFLOW = "MLFLOW_TRACKING_URI"
FOLDER = "tensorboard"
_log = logging.getLogger(__name__)


class Tracker(Protocol):
    """Keeps figures for who looks at them later, or at once."""

    def hear(self, figures: Mapping[str, float]) -> None:
        """Keep what was measured at a ``step``."""

    def close(self, failed: bool) -> None:
        """Keep the rest, and say how the training ended."""


@contextlib.contextmanager
def tracked(spec: Spec, strategy: Strategy, name: str, workspace: Workspace) -> Iterator[Hear]:
    """Within the block, what is given to the function reaches all trackers.

    Args:
        spec: What is done.
        strategy: How it trains.
        name: The training's; a training that goes on has the name that it had.
        workspace: Where files for TensorBoard go, beside the run's report.

    Raises:
        UsageError: The environment names an MLflow server, and the ``mlflow`` extra is missing.
    """
    trackers = _opened(spec, strategy, name, workspace)

    def hear(figures: Mapping[str, float]) -> None:
        for tracker in list(trackers):
            with _listening(tracker, trackers):
                tracker.hear(figures)

    failed = True
    try:
        yield hear
        failed = False
    finally:
        for tracker in list(trackers):
            with _listening(tracker, trackers):
                tracker.close(failed)


def _opened(spec: Spec, strategy: Strategy, name: str, workspace: Workspace) -> list[Tracker]:
    from headstart.adapters.tensorboard import EventFile

    trackers: list[Tracker] = [EventFile(workspace.store, f"{run_folder(spec)}/{FOLDER}")]
    if os.environ.get(MLFLOW):
        try:
            from headstart.adapters.mlflow import MlflowRun
        except ModuleNotFoundError as error:
            raise extra_of(error) or error from error
        try:
            trackers.append(MlflowRun(spec, strategy, name))
        except Exception as error:  # whatever its client meets on the way
            _log.warning("MLflow is not told of this training: %s", scrubbed(str(error)))
    return trackers


@contextlib.contextmanager
def _listening(tracker: Tracker, trackers: list[Tracker]) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # each has errors of its own, and none may end a training
        _log.warning("%s is told no more of this training: %s", type(tracker).__name__, scrubbed(str(error)))
        trackers.remove(tracker)
