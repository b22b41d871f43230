"""Log lines for machines: with ``HEADSTART_LOG=json`` each is one JSON object. Lines for people are in display.py."""

import json
import os
import time
from datetime import UTC, datetime
from typing import Any, TextIO

from headstart import origin
from headstart.errors import HeadstartError, UsageError

LOG = "HEADSTART_LOG"
_FORMS = ("text", "json")
_SECONDS = 20.0  # the least time between two lines on one step's progress


def check() -> None:
    """Look at what is asked for.

    Raises:
        UsageError: ``HEADSTART_LOG`` is neither json nor text.
    """
    form = os.environ.get(LOG, "")
    if form and form not in _FORMS:
        raise UsageError("usage", f"{form!r} is no form of log lines.", remedy="Write text or json.", where=LOG)


def as_json() -> bool:
    """Whether log lines are JSON."""
    return os.environ.get(LOG) == "json"


def line(message: str, run: str = "", level: str = "info", **more: Any) -> str:
    """One line: the time (ISO 8601, UTC), the level, the run and its job where they are known, and the message.

    Args:
        message: A sentence.
        run: The run's id (:func:`headstart.origin.run_id`).
        level: info, warning or error.
        more: Other fields, such as ``step``; empty ones are left out.
    """
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    named = {"run": run, "job": origin.job()} | more
    said = {name: value for name, value in named.items() if value not in ("", None)}
    return json.dumps({"time": now, "level": level, **said, "message": message}, ensure_ascii=False)


def of_error(error: HeadstartError, run: str = "") -> str:
    """The line of an error that the user can mend."""
    return line(error.problem, run, "error", code=error.code, where=error.where, remedy=error.remedy)


class JsonLines:
    """A :class:`headstart.progress.Progress` that writes a line for each thing it hears, and now and then for progress.

    Args:
        stream: Where lines go.
        run: The run's id.
    """

    def __init__(self, stream: TextIO, run: str) -> None:
        self._stream = stream
        self._run = run
        self._last = time.monotonic()

    def started(self, step: str) -> None:
        """See :meth:`headstart.progress.Progress.started`."""
        self._last = time.monotonic()
        self._write("started", step=step)

    def advanced(self, step: str, done: float, total: float, note: str) -> None:
        """See :meth:`headstart.progress.Progress.advanced`."""
        if time.monotonic() - self._last >= _SECONDS:
            self._last = time.monotonic()
            self._write(note or "working", step=step, done=round(done / total if total else 1.0, 4))

    def finished(self, step: str, summary: str, seconds: float, reused: bool) -> None:
        """See :meth:`headstart.progress.Progress.finished`."""
        self._write(summary, step=step, seconds=seconds, found=reused)

    def _write(self, message: str, **more: Any) -> None:
        print(line(message, self._run, **more), file=self._stream, flush=True)
