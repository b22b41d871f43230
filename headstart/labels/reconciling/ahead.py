"""Making items while earlier ones are dealt with."""

import threading
from collections.abc import Iterable, Iterator
from queue import Queue
from typing import TypeVar

T = TypeVar("T")

_MOST = 1  # items that wait: they may be large


class _End:
    """The end of the items, and the error that it was, if it was one."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def ahead(items: Iterable[T]) -> Iterator[T]:
    """The same items, and the error that ends them, made in a thread of their own.

    Parsing and writing release Python's lock for most of their time, hashing does not: together they take little longer
    than the slower of them. When the caller stops before the end, the thread does so too, at its next item.
    """
    waiting: Queue[T | _End] = Queue(_MOST)
    is_over = threading.Event()

    def make() -> None:
        try:
            for item in items:
                waiting.put(item)
                if is_over.is_set():
                    return
            waiting.put(_End())
        except BaseException as error:
            waiting.put(_End(error))

    thread = threading.Thread(target=make, name="ahead", daemon=True)
    thread.start()
    try:
        while not isinstance(item := waiting.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        is_over.set()
        while thread.is_alive():  # it may be waiting to put one more
            while not waiting.empty():
                waiting.get()
            thread.join(0.01)
