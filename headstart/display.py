"""Showing a run to people: one line a step, a bar while a step works long, and everybody else's noise in a log."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

_STEP_WIDTH = 16
_PLAIN_SECONDS = 20.0  # where there is no terminal: the least time between two lines on one step


@contextlib.contextmanager
def quiet(log: Path) -> Iterator[tuple[TextIO, TextIO]]:
    """Send all that this process and its children write to a log; gives the real standard output and error.

    The file descriptors themselves are redirected: Ray's C++ parts and child processes write to them
    without asking Python.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(1), os.dup(2)]
    with log.open("ab") as sink, os.fdopen(os.dup(kept[0]), "w") as out, os.fdopen(os.dup(kept[1]), "w") as err:
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


def progress(stream: TextIO) -> contextlib.AbstractContextManager["Bars | Lines"]:
    """A display for a stream: bars on a terminal, plain lines elsewhere."""
    console = Console(file=stream, highlight=False)
    return Bars(console) if console.is_terminal else contextlib.nullcontext(Lines(console))


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
        self._live = Progress(*columns, console=console, transient=True)
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

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last = time.monotonic()

    def started(self, step: str) -> None:
        """See :meth:`headstart.progress.Progress.started`."""
        self._last = time.monotonic()

    def advanced(self, step: str, done: float, total: float, note: str) -> None:
        """See :meth:`headstart.progress.Progress.advanced`."""
        if time.monotonic() - self._last >= _PLAIN_SECONDS:
            self._last = time.monotonic()
            self._console.print(f"  {step:<{_STEP_WIDTH}} {done:.4g} of {total:.4g} {note}".rstrip(), markup=False)

    def finished(self, step: str, summary: str, seconds: float, reused: bool) -> None:
        """See :meth:`headstart.progress.Progress.finished`."""
        cost = "found" if reused else f"{seconds:.1f} s"
        self._console.print(f"✓ {step:<{_STEP_WIDTH}} {cost:>7}  {summary}", markup=False, soft_wrap=True)


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
