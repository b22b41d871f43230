"""How a run tells what it does; :mod:`headstart.display` shows it to people."""

from typing import Protocol


class Progress(Protocol):
    """Hears of each step in turn."""

    def started(self, step: str) -> None:
        """A step begins to work."""

    def advanced(self, step: str, done: float, total: float, note: str) -> None:
        """A part of a step's long work is done."""

    def finished(self, step: str, summary: str, seconds: float, reused: bool) -> None:
        """A step has its result; ``reused`` if it was found rather than made."""


class Silent:
    """Tells nobody."""

    def started(self, step: str) -> None:
        """See :meth:`Progress.started`."""

    def advanced(self, step: str, done: float, total: float, note: str) -> None:
        """See :meth:`Progress.advanced`."""

    def finished(self, step: str, summary: str, seconds: float, reused: bool) -> None:
        """See :meth:`Progress.finished`."""
