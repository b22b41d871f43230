"""Large objects from a store to a file: ranges, several at once, and continued where an earlier attempt was cut off.

What has come is hashed, in order, while the rest comes: to verify a file takes no time of its own.
"""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from headstart.digest import sha256
from headstart.store import Moved, Store

_RANGE = 8 * 2**20
_AT_ONCE = 8
_DONE = b"\1"
_CHUNK = 1 << 18
_BEYOND = 1
"""Bytes that are asked for after the last: if they come, the object is longer and not the right one."""


def download(store: Store, key: str, size: int, target: Path, moved: Moved) -> str | None:
    """Bring an object's bytes into a file.

    Which ranges are there stands in a file beside ``target``, one byte a range, so that the next attempt after a
    SIGKILL asks for the others only. It is gone when all are there; an object of one range needs none. One process at
    a time may do this to one file.

    Args:
        store: Where the object is.
        key: The object's key.
        size: Its size in bytes; an object of another size gives a file that does not match its digest.
        target: The file; it may hold what an earlier attempt has brought.
        moved: Hears of the bytes that came or were there already.

    Returns:
        The sha256 of the file's bytes, in hexadecimal; None where there is no such object.
    """
    journal = journal_of(target)
    if size <= _RANGE:
        journal.unlink(missing_ok=True)
        return _download_small(store, key, size, target, moved)
    starts = range(0, size, _RANGE)
    if not (target.is_file() and target.stat().st_size == size and journal.is_file()):
        journal.unlink(missing_ok=True)
        with target.open("wb") as stream:
            stream.truncate(size)
    there = journal.read_bytes() if journal.is_file() else b""
    file, log = os.open(target, os.O_RDWR), os.open(journal, os.O_WRONLY | os.O_CREAT)

    def bring(index: int) -> bool:
        start = starts[index]
        length = min(_RANGE, size - start)
        if there[index : index + 1] != _DONE:
            more = _BEYOND if index == len(starts) - 1 else 0
            data = store.read(key, start, length + more)
            if data is None:
                return False
            _write(file, data, start)
            os.pwrite(log, _DONE, index)
        moved(length)
        return True

    hashed = _Hashed(file)
    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for start, found in zip(starts, pool.map(bring, range(len(starts))), strict=True):
                if not found:
                    break
                hashed.go_on(start + _RANGE)
        hashed.go_on(size + 1)
    finally:
        os.close(file)
        os.close(log)
    journal.unlink()
    return hashed.digest() if found else None


def _download_small(store: Store, key: str, size: int, target: Path, moved: Moved) -> str | None:
    data = store.read(key, 0, size + _BEYOND)
    if data is None:
        return None
    with target.open("wb") as stream:
        _write(stream.fileno(), data, 0)
    moved(size)
    return sha256(data)


def journal_of(target: Path) -> Path:
    """The file that says which ranges of ``target`` are there."""
    return target.with_name(f"{target.name}.ranges")


def _write(file: int, data: bytes, start: int) -> None:
    """Write a range in small steps: of large ones, several at once, recent kernels make a multiple of the work.

    Raises:
        OSError: The disk is full. (A first write there may be short; the next one says why.)
    """
    view, at = memoryview(data), 0
    while at < len(data):
        at += os.pwrite(file, view[at : at + _CHUNK], start + at)


class _Hashed:
    """The sha256 of a file that becomes complete from its start on."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._state = hashlib.sha256()
        self._end = 0
        self._buffer = memoryview(bytearray(_CHUNK))

    def go_on(self, end: int) -> None:
        """Hash the bytes up to ``end``, or the file's end where that comes before."""
        while self._end < end:
            count = os.preadv(self._file, [self._buffer[: end - self._end]], self._end)
            if not count:
                return
            self._state.update(self._buffer[:count])
            self._end += count

    def digest(self) -> str:
        """In hexadecimal."""
        return self._state.hexdigest()
