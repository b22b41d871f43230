"""A folder for local stores where syncing a file costs nothing: in memory, where the machine offers that."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108


@contextlib.contextmanager
def quick_folder() -> Iterator[Path]:
    """A temporary folder, in memory where possible."""
    base = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="headstart-test-", dir=base) as name:
        yield Path(name)
