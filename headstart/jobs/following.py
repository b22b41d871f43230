"""Following something that may not answer for a while: how long that is borne, and lines out of pieces of text."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from headstart.errors import JobError

T = TypeVar("T")

SECONDS = 60.0
"""For how long a place may be silent before who follows a job there is told."""


def answered(ask: Callable[[], T], pause: float, bears: bool = True, until: float | None = None) -> T:
    """What a place answers; while it cannot be reached it is asked again, for :data:`SECONDS` at most.

    Args:
        ask: Asks the place.
        pause: The seconds between two questions.
        bears: Whether a silence is borne at all.
        until: When to give up in any case, by the monotonic clock.

    Raises:
        JobError: The place's own, or that it cannot be reached.
    """
    end: float | None = None
    while True:
        try:
            return ask()
        except JobError as error:
            now = time.monotonic()
            end = end or min(now + SECONDS, math.inf if until is None else until)
            if not bears or error.code != "job/unreachable" or now + pause > end:
                raise
            time.sleep(pause)


def lines(pieces: Iterable[str]) -> Iterator[str]:
    """The lines of a text that comes in pieces, each as soon as its end is there; the last may have none."""
    rest = ""
    for piece in pieces:
        *whole, rest = (rest + piece).split("\n")
        yield from whole
    if rest:
        yield rest
