"""Following something that may not answer for a while: how long that is borne, and lines out of pieces of text."""

import time
from collections.abc import Iterable, Iterator

from headstart.errors import JobError

SECONDS = 60.0
"""For how long a place may be silent before who follows a job there is told."""


class Patience:
    """Bears a place's silence, counted from its last answer."""

    def __init__(self) -> None:
        self._until: float | None = None

    def answered(self) -> None:
        """The place has answered."""
        self._until = None

    def bear(self, error: JobError, pause: float) -> None:
        """Wait a little after an error, if it says that the place cannot be reached and that is not for too long.

        Raises:
            JobError: The error itself.
        """
        now = time.monotonic()
        self._until = self._until or now + SECONDS
        if error.code != "job/unreachable" or now + pause > self._until:
            raise error
        time.sleep(pause)


def lines(pieces: Iterable[str]) -> Iterator[str]:
    """The lines of a text that comes in pieces, each as soon as its end is there; the last may have none."""
    rest = ""
    for piece in pieces:
        *whole, rest = (rest + piece).split("\n")
        yield from whole
    if rest:
        yield rest
