"""Files inside a folder that an export's words lead to, and none outside it."""

import contextlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
# To open a pipe for reading waits for a writer, and a terminal could become this process's own.
_AT_ONCE = os.O_NONBLOCK | os.O_NOCTTY
_FILE = os.O_RDONLY | os.O_NOFOLLOW | _AT_ONCE


def read(name: str, folder: Path, linked: Sequence[Path], most: int) -> bytes | None:
    """The bytes of a file by its name; None where it is not there, is no plain file, or may not be read.

    The name is resolved as the system would. What it comes to must lie in the folder, or in one that links may lead
    to; it is then opened without following any link, so that nothing can be put in its place meanwhile.

    Args:
        name: Relative to the folder, or absolute.
        folder: The folder.
        linked: Further folders that a link in the folder may lead to.
        most: How many bytes are wanted; one more is given where there are more.
    """
    try:
        path = Path(os.path.realpath(folder / name))
        for each in (folder, *linked):
            inside = Path(os.path.realpath(each))
            if path != inside and path.is_relative_to(inside):
                return _read(inside, path.relative_to(inside).parts, most)
    except (OSError, ValueError):  # among them a name that is too long, or that no file can have
        return None
    return None


def whole(path: Path, most: int) -> bytes | None:
    """The bytes of a file that was chosen already, links and all; None where it is no plain file."""
    try:
        held = os.open(path, os.O_RDONLY | _AT_ONCE)
    except OSError:
        return None
    try:
        return _bytes(held, most)
    finally:
        os.close(held)


def _read(folder: Path, parts: Sequence[str], most: int) -> bytes | None:
    with contextlib.ExitStack() as opened:
        held = os.open(folder, _FOLDER)
        opened.callback(os.close, held)
        for part, flags in (*((part, _FOLDER) for part in parts[:-1]), (parts[-1], _FILE)):
            held = os.open(part, flags, dir_fd=held)
            opened.callback(os.close, held)
        return _bytes(held, most)


def _bytes(held: int, most: int) -> bytes | None:
    if not stat.S_ISREG(os.fstat(held).st_mode):
        return None
    with open(held, "rb", closefd=False) as stream:
        return stream.read(most + 1)
