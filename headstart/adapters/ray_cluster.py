"""Starting or joining a Ray cluster, quietly, and hearing from its workers."""

import atexit
import contextlib
import functools
import logging
import os
import secrets
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from headstart.compute import Hear, Report
from headstart.errors import UsageError

# Read by Ray when it is imported, here and in the workers it starts.
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_TRAIN_ENABLE_PRINT_PATCH": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_COLOR_PREFIX": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    # S3 servers other than AWS refuse the newer checksums; every byte is verified by sha256 anyway.
    "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
    "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
}
_POLL_SECONDS = 0.2
_ANSWER_SECONDS = 5.0


@contextlib.contextmanager
def cluster(worker_output: bool) -> Iterator[None]:
    """Join the cluster that RAY_ADDRESS names, or start one on this machine for as long as the block lasts.

    ``worker_output`` brings what workers print to this process's standard output and error.

    A cluster of our own asks for a token, kept in a file that only this user can read: whoever can reach an
    open Ray cluster can run code on it.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    import ray

    if ray.is_initialized():
        yield
        return
    if not os.environ.get("RAY_ADDRESS"):
        _use_own_token()
    # We keep results ourselves, so Tune need not complain that its loggers did not; the token is our doing.
    for name in ("tune.analysis.experiment_analysis", "_private.authentication.authentication_token_setup"):
        logging.getLogger(f"ray.{name}").setLevel(logging.ERROR)
    with _own_signals():
        ray.init(
            include_dashboard=True,
            log_to_driver=worker_output,
            logging_level=logging.ERROR,
            configure_logging=False,
            namespace="headstart",
        )
    try:
        yield
    finally:
        ray.shutdown()


@contextlib.contextmanager
def _own_signals() -> Iterator[None]:
    """Keep what this process does at SIGTERM: Ray would end it at once, with a status that says it has failed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, handler)


def _use_own_token() -> None:
    """Give Ray a token before it writes one into the home folder where others may read it.

    Ray keeps a token in memory, so that a process has one for all the clusters it starts.
    """
    if not {"RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"} & os.environ.keys():
        os.environ["RAY_AUTH_TOKEN_PATH"] = str(_token_file())


@functools.cache
def _token_file() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="headstart-ray-"))  # readable by this user alone
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    token = folder / "token"
    token.touch(mode=0o600)
    token.write_text(secrets.token_hex(32))
    return token


class Board:
    """An actor on which workers leave their latest progress for the driver, and the driver its wish that they leave."""

    def __init__(self) -> None:
        self._latest: tuple[float, float, str] | None = None
        self._figures: list[Mapping[str, float]] = []
        self._leaving = self._left = False
        self._refusal: UsageError | None = None

    def post(self, done: float, total: float, note: str) -> None:
        """Leave the latest progress."""
        self._latest = (done, total, note)

    def tell(self, figures: Mapping[str, float]) -> None:
        """Leave figures."""
        self._figures.append(figures)

    def read(self) -> tuple[tuple[float, float, str] | None, list[Mapping[str, float]]]:
        """The latest progress, and the figures that nobody has read yet."""
        figures, self._figures = self._figures, []
        return self._latest, figures

    def refuse(self, error: UsageError) -> None:
        """Say what is wrong with what was asked for; of several the first counts."""
        self._refusal = self._refusal or error

    def refusal(self) -> UsageError | None:
        """What is wrong with what was asked for, if that was found out."""
        return self._refusal

    def leave(self) -> None:
        """Ask the workers to keep what they did, and to end."""
        self._leaving = True

    def is_leaving(self) -> bool:
        """Whether the workers were asked to end."""
        return self._leaving

    def left(self) -> None:
        """Say that what was done is kept."""
        self._left = True

    def has_left(self) -> bool:
        """Whether what was done is kept."""
        return self._left


@contextlib.contextmanager
def listening(report: Report, hear: Hear) -> Iterator[Any]:
    """A board whose posts reach ``report``, and its figures ``hear``, for as long as the block lasts."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    # On this machine: one that is lost takes along a training's worker, and must not take along what all of them ask.
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    actor: Any = ray.remote(num_cpus=0)(Board)
    board = actor.options(scheduling_strategy=here).remote()
    done = threading.Event()
    listener = threading.Thread(target=_listen, args=(board, report, hear, done), daemon=True)
    listener.start()
    try:
        yield board
    finally:
        done.set()
        listener.join()
        ray.kill(board)


def _listen(board: Any, report: Report, hear: Hear, done: threading.Event) -> None:
    import ray

    shown, is_last = None, False
    while not is_last:
        is_last = done.wait(_POLL_SECONDS)  # what was told at the very end is read once more
        # Progress is a courtesy: a board that does not answer must not end the training.
        with contextlib.suppress(ray.exceptions.RayError):
            latest, figures = ray.get(board.read.remote(), timeout=_ANSWER_SECONDS)
            if latest is not None and latest != shown:
                report(*latest)
                shown = latest
            for each in figures:
                hear(each)
