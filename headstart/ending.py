"""SIGTERM, by which a container is stopped, ends what goes on as Ctrl-C does: what it started ends too."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

STATUS = 128 + signal.SIGTERM


class Terminated(BaseException):
    """The process was asked to end. Like KeyboardInterrupt it is nothing that a program should recover from."""


@contextlib.contextmanager
def terminable(
    first: Callable[[], None] = lambda: None, ended: Callable[[], BaseException] = Terminated
) -> Iterator[None]:
    """Let SIGTERM end the block, for as long as it lasts.

    The first process of a container has no other way to hear it: the kernel drops signals that it does not handle.

    Args:
        first: What is done before the block ends.
        ended: What the block ends with, unless a handler that was there before raises something of its own: so what is
            inside of a block of the command line ends with :class:`Terminated`.

    Raises:
        BaseException: The signal came, and the block has ended for it, with whatever error: where it meets the inside
            of another library, that may make an error of its own of it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    raised: list[BaseException] = []

    def end(number: int, frame: FrameType | None) -> None:
        if raised:  # a second signal must not cut short what the first one has begun
            return
        raised.append(ended())
        first()
        try:
            if callable(before):
                before(number, frame)
        except BaseException as outer:
            raised[0] = outer
        raise raised[0]

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except BaseException as error:
        if raised and error is not raised[0]:
            raise raised[0] from error
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
