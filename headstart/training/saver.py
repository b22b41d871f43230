"""When checkpoints are taken, and how they are written beside the training."""

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from headstart.compute import Peers
from headstart.training import checkpoint
from headstart.training.checkpoint import Snapshot

SHARE = 0.03
"""The most of a training's time that its checkpoints may take."""


def pause(cost: float, least: float) -> float:
    """The seconds to wait before the next checkpoint, when the last one took ``cost`` seconds."""
    return max(least, cost / SHARE)


class Saver:
    """Rank 0 copies the state and writes the copy in a thread; all workers hand it over once it is written.

    Args:
        peers: The workers.
        least: The least time between two checkpoints, in seconds.
    """

    def __init__(self, peers: Peers, least: float) -> None:
        self._peers, self._least = peers, least
        self._folder: Path | None = None
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None
        self._cost = 0.0
        self._last = time.monotonic()

    @property
    def is_due(self) -> bool:
        """Whether this worker should take a snapshot now."""
        if not self._peers.keeps or self._peers.rank != 0 or self._thread is not None:
            return False
        return time.monotonic() - self._last >= pause(self._cost, self._least)

    @property
    def is_written(self) -> bool:
        """Whether this worker has a checkpoint that waits to be handed over."""
        return self._thread is not None and not self._thread.is_alive()

    def begin(self, take: Callable[[], Snapshot]) -> None:
        """Take a snapshot and begin to write it."""
        started = time.monotonic()
        snapshot = take()
        self._folder = Path(tempfile.mkdtemp(prefix="headstart-checkpoint-"))
        self._thread = threading.Thread(target=self._write, args=(self._folder, snapshot, started), daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Wait until what was begun is written."""
        if self._thread is not None:
            self._thread.join()

    def hand_over(self, metrics: Mapping[str, Any]) -> None:
        """Give the written checkpoint to the run; every worker calls this when one of them has one.

        Raises:
            OSError: It could not be written.
        """
        folder, self._folder, self._thread = self._folder, None, None
        if self._failure is not None:
            raise self._failure
        self._peers.report(metrics, folder)
        self._last = time.monotonic()

    def close(self) -> None:
        """Drop what was begun and not handed over."""
        self.finish()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = self._thread = None

    def _write(self, folder: Path, snapshot: Snapshot, started: float) -> None:
        try:
            checkpoint.write(folder, snapshot)
        except OSError as error:  # told where it can be raised: in the thread that trains
            self._failure = error
        self._cost = time.monotonic() - started
