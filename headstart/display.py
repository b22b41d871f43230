"""Showing a run to people: one line a step, a bar while a step works long, and everybody else's noise in a log."""

import contextlib
import math
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, TextIO

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichBars
from rich.table import Table

from headstart import logs
from headstart.errors import StoreError
from headstart.progress import Progress

_STEP_WIDTH = 16
_LOG_SECONDS = 1.0  # in the log: the least time between two lines on one step
_PLAIN_SECONDS = 20.0  # where there is no terminal: the least time between two lines on one step


@contextlib.contextmanager
def quiet(log: Path) -> Iterator[tuple[TextIO, TextIO]]:
    """Send all that this process and its children write to a log; gives the real standard output and error.

    The file descriptors themselves are redirected: Ray's C++ parts and child processes write to them
    without asking Python.

    Raises:
        StoreError: The log cannot be written there.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    sink = _opened(log)
    kept = [os.dup(1), os.dup(2)]
    with sink, os.fdopen(os.dup(kept[0]), "w") as out, os.fdopen(os.dup(kept[1]), "w") as err:
        os.dup2(sink.fileno(), 1)
        os.dup2(sink.fileno(), 2)
        try:
            yield out, err
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            out.flush()
            err.flush()
            for real, descriptor in zip(kept, (1, 2), strict=True):
                os.dup2(real, descriptor)
                os.close(real)


def _opened(log: Path) -> BinaryIO:
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        return log.open("ab")
    except OSError as error:
        remedy = "Name a workspace that is a folder, or can become one, and may be written to."
        raise StoreError("store/unreachable", f"{error.strerror}.", remedy=remedy, where=str(log)) from None


def progress(stream: TextIO, run: str) -> contextlib.AbstractContextManager[Progress]:
    """A display of a run for a stream: bars on a terminal, plain lines elsewhere, and JSON where that is asked for."""
    console = Console(file=stream, highlight=False)
    if console.is_terminal and not logs.as_json():
        return Bars(console)
    return contextlib.nullcontext(lines(stream, run))


def lines(stream: TextIO, run: str) -> Progress:
    """A display of a run as lines, for people or as JSON."""
    return logs.JsonLines(stream, run) if logs.as_json() else Lines(stream)


class Bars:
    """A line for each finished step, and below them a bar for the one that works."""

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = (
            SpinnerColumn(),
            TextColumn(f"{{task.description:<{_STEP_WIDTH}}}"),
            BarColumn(30),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
        )
        self._live = RichBars(*columns, console=console, transient=True)
        self._task: TaskID | None = None

    def __enter__(self) -> "Bars":
        self._live.start()
        return self

    def __exit__(self, *exit_info: object) -> None:
        self._live.stop()

    def started(self, step: str) -> None:
        """See :meth:`headstart.progress.Progress.started`."""
        self._task = self._live.add_task(step, total=None, note="")

    def advanced(self, step: str, done: float, total: float, note: str) -> None:
        """See :meth:`headstart.progress.Progress.advanced`."""
        if self._task is not None:
            self._live.update(self._task, completed=done, total=total, note=note)

    def finished(self, step: str, summary: str, seconds: float, reused: bool) -> None:
        """See :meth:`headstart.progress.Progress.finished`."""
        if self._task is not None:
            self._live.remove_task(self._task)
            self._task = None
        self._console.print(_line(step, summary, seconds, reused))


class Lines:
    """A plain line for each finished step, and now and then one for a step that works long."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._last = time.monotonic()

    def started(self, step: str) -> None:
        """See :meth:`headstart.progress.Progress.started`."""
        self._last = time.monotonic()

    def advanced(self, step: str, done: float, total: float, note: str) -> None:
        """See :meth:`headstart.progress.Progress.advanced`."""
        if time.monotonic() - self._last >= _PLAIN_SECONDS:
            self._last = time.monotonic()
            print(_far(step, done, total, note), file=self._stream, flush=True)

    def finished(self, step: str, summary: str, seconds: float, reused: bool) -> None:
        """See :meth:`headstart.progress.Progress.finished`."""
        print(_done(step, summary, seconds, reused), file=self._stream, flush=True)


class Logged:
    """Passes everything on, and writes it to a log with the time."""

    def __init__(self, shown: Progress, log: TextIO) -> None:
        self._shown = shown
        self._log = log
        self._last = -math.inf

    def started(self, step: str) -> None:
        """See :meth:`headstart.progress.Progress.started`."""
        self._write(f"  {step:<{_STEP_WIDTH}} started")
        self._shown.started(step)

    def advanced(self, step: str, done: float, total: float, note: str) -> None:
        """See :meth:`headstart.progress.Progress.advanced`."""
        if time.monotonic() - self._last >= _LOG_SECONDS:
            self._last = time.monotonic()
            self._write(_far(step, done, total, note))
        self._shown.advanced(step, done, total, note)

    def finished(self, step: str, summary: str, seconds: float, reused: bool) -> None:
        """See :meth:`headstart.progress.Progress.finished`."""
        self._write(_done(step, summary, seconds, reused))
        self._shown.finished(step, summary, seconds, reused)

    def _write(self, line: str) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        print(now, line, file=self._log, flush=True)


def _far(step: str, done: float, total: float, note: str) -> str:
    return f"  {step:<{_STEP_WIDTH}} {done / total if total else 1:7.0%}  {note}".rstrip()


def _done(step: str, summary: str, seconds: float, reused: bool) -> str:
    cost = "found" if reused else f"{seconds:.1f} s"
    return f"✓ {step:<{_STEP_WIDTH}} {cost:>7}  {summary}"


def _line(step: str, summary: str, seconds: float, reused: bool) -> Table:
    line = Table.grid(padding=(0, 1))
    line.add_column(width=1)
    line.add_column(width=_STEP_WIDTH)
    line.add_column(width=7, justify="right")
    line.add_column()
    cost = "[dim]found[/]" if reused else f"{seconds:.1f} s"
    line.add_row("[green]✓[/]", f"[bold]{step}[/]", cost, _escaped(summary))
    return line


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)
