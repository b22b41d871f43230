"""SIGTERM, by which a container is stopped, ends a command as Ctrl-C does: what it started ends too."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

STATUS = 128 + signal.SIGTERM


class Terminated(BaseException):
    """The process was asked to end. Like KeyboardInterrupt it is nothing that a program should recover from."""


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Make SIGTERM a :class:`Terminated` for as long as the block lasts.

    The first process of a container has no other way to hear it: the kernel drops signals that it does not handle.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(signum: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not cut short what the first one has begun
    raise Terminated
