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

    Raises:
        Terminated: The signal came, and the block has ended for it, with whatever error: where it meets the inside of
            another library, that may make an error of its own of it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = threading.Event()

    def end(signum: int, frame: FrameType | None) -> None:
        if not asked.is_set():  # a second signal must not cut short what the first one has begun
            asked.set()
            raise Terminated

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except BaseException as error:
        if asked.is_set() and not isinstance(error, Terminated):
            raise Terminated from error
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
