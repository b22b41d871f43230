"""Large objects from a store to a file: ranges, several at once, and continued where an earlier attempt was cut off."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from headstart.store import Moved, Store

_RANGE = 8 * 2**20
_AT_ONCE = 8
_DONE = b"\1"


def download(store: Store, key: str, size: int, target: Path, moved: Moved) -> bool:
    """Bring an object's bytes into a file.

    Which ranges are there stands in a file beside ``target``, one byte a range, so that the next attempt after a
    SIGKILL asks for the others only. It is gone when all are there. One process at a time may do this to one file.

    Args:
        store: Where the object is.
        key: The object's key.
        size: Its size in bytes; an object of another size gives a file that does not match its digest.
        target: The file; it may hold what an earlier attempt has brought.
        moved: Hears of the bytes that came or were there already.

    Returns:
        False where there is no such object.
    """
    journal = journal_of(target)
    starts = range(0, size, _RANGE) or range(1)  # an empty object is asked for, too: it may be missing
    if not (target.is_file() and target.stat().st_size == size and journal.is_file()):
        journal.unlink(missing_ok=True)
        with target.open("wb") as stream:
            stream.truncate(size)
    there = journal.read_bytes() if journal.is_file() else b""
    file, log = os.open(target, os.O_WRONLY), os.open(journal, os.O_WRONLY | os.O_CREAT)

    def bring(index: int) -> bool:
        start = starts[index]
        length = min(_RANGE, size - start)
        if there[index : index + 1] != _DONE:
            more = index == len(starts) - 1  # one byte that should not be there: a longer object is not the right one
            data = store.read(key, start, length + more)
            if data is None:
                return False
            os.pwrite(file, data, start)
            os.pwrite(log, _DONE, index)
        moved(length)
        return True

    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = all(pool.map(bring, range(len(starts))))
    finally:
        os.close(file)
        os.close(log)
    journal.unlink()
    return found


def journal_of(target: Path) -> Path:
    """The file that says which ranges of ``target`` are there."""
    return target.with_name(f"{target.name}.ranges")
