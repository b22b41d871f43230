"""How a command that works for a job leaves word in the workspace of what came of it: its place may soon be gone."""

import contextlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from headstart import origin
from headstart.errors import HeadstartError, StoreError
from headstart.extras import extra_of
from headstart.jobs.kept import Ended, Kept, Trouble

LINES = 200
_BYTES = 64 << 10


class Ending:
    """What came of the command, as JSON data, once it is known."""

    def __init__(self) -> None:
        self.result: Mapping[str, Any] | None = None


@contextlib.contextmanager
def told(workspace: str, log: Path) -> Iterator[Ending]:
    """Keep how the block ended, where this process works for a job: its result, the log's last lines, the error.

    Args:
        workspace: The URI of the job's workspace.
        log: The file that is written to within the block.

    Raises:
        StoreError: The result cannot be kept, so that the job has not succeeded.
    """
    ending = Ending()
    if not origin.job():
        yield ending
        return
    kept = Kept(workspace, origin.job())
    started, start = _now(), log.stat().st_size if log.exists() else 0
    trouble = None
    try:
        yield ending
        if ending.result is not None:
            kept.keep_result(ending.result)
    except BaseException as error:
        trouble = _trouble(error)
        raise
    finally:
        with contextlib.suppress(StoreError):  # must not hide what went wrong; and a result that is kept is enough
            lines = _tail(log, start) + ([] if trouble is None else [f"error {trouble}"])
            kept.keep_end(
                "".join(f"{line}\n" for line in lines[-LINES:]),
                Ended(started=started, finished=_now(), trouble=trouble),
            )


def _trouble(error: BaseException) -> Trouble:
    if isinstance(error, ModuleNotFoundError):
        error = extra_of(error) or error
    if isinstance(error, HeadstartError):
        return Trouble(code=error.code, where=error.where, problem=error.problem, remedy=error.remedy)
    if isinstance(error, Exception):
        problem = f"{type(error).__name__}: {error}"
        return Trouble(code="bug", where="", problem=problem, remedy="The log has the stack trace.")
    return Trouble(code="stopped", where="", problem="it was told to end.", remedy="Resume it.")


def _tail(log: Path, start: int) -> list[str]:
    """The last lines that were written after ``start``; the first of them may be a part of one."""
    try:
        with log.open("rb") as stream:
            end = stream.seek(0, 2)
            stream.seek(max(start, end - _BYTES))
            return stream.read().decode("utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
