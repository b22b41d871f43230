"""Keeping quiet what libraries print, in the thread that calls them: what other threads print is printed."""

import contextlib
import sys
import threading
from collections.abc import Iterator
from typing import Any, TextIO

_lock = threading.Lock()
_here = threading.local()
_standing: "list[_Output]" = []  # the stand-in for standard output, while a thread is within


class _Output:
    """Standard output, for all threads but those that are within."""

    def __init__(self, real: TextIO) -> None:
        self.real = real
        self.within = 0

    def write(self, text: str) -> int:
        return len(text) if getattr(_here, "depth", 0) else self.real.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """Drop what this thread prints to standard output, which may be for a program to read.

    contextlib.redirect_stdout would drop what all threads print, and where two of them overlap leave it so.
    """
    with _lock:
        if not _standing:
            _standing.append(_Output(sys.stdout))
            sys.stdout = _standing[0]
        output = _standing[0]
        output.within += 1
    _here.depth = getattr(_here, "depth", 0) + 1
    try:
        yield
    finally:
        _here.depth -= 1
        with _lock:
            output.within -= 1
            if not output.within:
                _standing.clear()
                if sys.stdout is output:  # else somebody has put another in its place meanwhile
                    sys.stdout = output.real
