"""This machine's cache of remote blobs: each is downloaded once, by one process at a time, and the oldest make room."""

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from headstart.errors import UsageError
from headstart.ranged import journal_of

LIMIT = "HEADSTART_CACHE_GB"
_DEFAULT_GB = 100.0
_IN_USE_SECONDS = 3600.0
"""A blob that was asked for so lately may be about to be opened."""
_UNSEEN = 0.01
"""The share of the limit that a process may bring before it looks again what the cache holds."""


def cache_folder() -> Path:
    """Where bytes from remote stores are kept on this machine: ``HEADSTART_CACHE``, or the user's cache folder."""
    base = os.environ.get("HEADSTART_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "headstart"
    return Path(base).expanduser()


def limit() -> float:
    """How many bytes of blobs may stay: ``HEADSTART_CACHE_GB``, in units of 10^9 bytes.

    Raises:
        UsageError: It is set to what is no number, or is negative.
    """
    said = os.environ.get(LIMIT) or str(_DEFAULT_GB)
    with contextlib.suppress(ValueError):
        if float(said) >= 0:
            return float(said) * 1e9
    raise UsageError("usage", f"{LIMIT} is {said!r}.", remedy="Set it to a number of gigabytes, as 20.")


class _Looks:
    """When this process has to look through the cache, which takes as long as there are files in it.

    It looks at its first file, and then each time that it has brought a hundredth of what may stay.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: dict[tuple[Path, float], float] = {}  # bytes until the next look, by folder and limit

    def are_due(self, brought: int) -> bool:
        """Whether it is time, now that so many more bytes have come."""
        cache = cache_folder(), limit()
        with self._lock:
            left = self._left.get(cache, 0.0) - brought
            due = left <= 0
            self._left[cache] = cache[1] * _UNSEEN if due else left
        return due


_looks = _Looks()


def keep(target: Path, right: Callable[[Path], bool], bring: Callable[[Path], None]) -> Path:
    """The cached file ``target``: the one that is there, or else one that is brought now.

    Processes that want the same file wait for the one that brings it. A process that dies leaves its part to the next.

    Args:
        target: Where the file stands in the cache.
        right: Whether a file holds the right bytes.
        bring: Fills a file, which may hold what an earlier attempt has brought; raises where it cannot.

    Raises:
        OSError: The cache cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with _alone(target.with_name(f"{target.name}.part")) as part:
        if not (target.is_file() and right(target)):
            try:
                bring(part)
                part.chmod(0o444)
                part.replace(target)
            except OSError:  # a full disk, above all: what is there of it helps nobody
                _forget(part)
                raise
        else:
            _forget(part)
    _use(target)
    if _looks.are_due(target.stat().st_size):
        _make_room(target)
    return target


def cached(target: Path, right: Callable[[Path], bool]) -> bool:
    """Whether ``target`` is in the cache, with the right bytes; it is then in use."""
    if not (target.is_file() and right(target)):
        return False
    _use(target)
    return True


@contextlib.contextmanager
def _alone(part: Path) -> Iterator[Path]:
    """Within, no other process works on ``part``: it is locked, and its name still leads to it."""
    while True:
        file = os.open(part, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if _leads_to(part, file):
                yield part
                return
        finally:
            os.close(file)


def _leads_to(part: Path, file: int) -> bool:
    try:
        return part.stat().st_ino == os.fstat(file).st_ino
    except FileNotFoundError:  # who had it before has finished and given it its last name
        return False


def _forget(part: Path) -> None:
    for path in (journal_of(part), part):
        path.unlink(missing_ok=True)


def _use(target: Path) -> None:
    with contextlib.suppress(OSError):  # another's file, in a cache that several users share
        os.utime(target)


def _make_room(newest: Path) -> None:
    """Remove the blobs that were not used for longest until the rest is within the limit."""
    held = []
    for path in (cache_folder() / "blobs").rglob("*"):
        with contextlib.suppress(OSError):
            if path.is_file():
                status = path.stat()
                held.append((status.st_mtime, status.st_size, path))
    excess = sum(size for _, size, _ in held) - limit()
    unused_since = time.time() - _IN_USE_SECONDS
    for used, size, path in sorted(held):
        if excess <= 0 or used > unused_since:
            return
        if path != newest:
            with contextlib.suppress(OSError):
                path.unlink()
                excess -= size
