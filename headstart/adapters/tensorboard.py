"""Event files that TensorBoard reads, in a store."""

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from headstart.store import Store

_PAUSE_SECONDS = 10.0


class EventFile:
    """Fills :class:`headstart.tracking.Tracker`.

    The file is written on this machine and stored anew now and then, for objects cannot be added to. A training that
    goes on writes another one into the same folder, which TensorBoard shows as one run.

    Args:
        store: Where it is stored.
        folder: Under which key.
    """

    def __init__(self, store: Store, folder: str) -> None:
        from tensorboardX import SummaryWriter

        self._store, self._folder = store, folder
        self._here = tempfile.TemporaryDirectory(prefix="headstart-tensorboard-")
        self._writer = SummaryWriter(self._here.name)
        self._stored = time.monotonic()

    def hear(self, figures: Mapping[str, float]) -> None:
        """See :meth:`headstart.tracking.Tracker.hear`."""
        for name in figures.keys() - {"step"}:
            self._writer.add_scalar(name, figures[name], int(figures["step"]))
        if time.monotonic() - self._stored >= _PAUSE_SECONDS:
            self._store_now()

    def close(self, failed: bool) -> None:
        """See :meth:`headstart.tracking.Tracker.close`."""
        with self._here:
            self._store_now()
            self._writer.close()

    def _store_now(self) -> None:
        self._writer.flush()
        for path in Path(self._here.name).iterdir():
            self._store.upload(path, f"{self._folder}/{path.name}")
        self._stored = time.monotonic()
