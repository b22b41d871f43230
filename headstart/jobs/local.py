"""Jobs on this machine: each a process that goes on without the client, seen by any other through files.

In a job's folder in the user's cache are ``work.json`` (what was handed over), ``process.json`` and ``ended.json`` (the
keeper's, :mod:`headstart.jobs.keeper`), ``cancelled`` (that it was asked to end) and ``log``.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from headstart.cache import cache_folder
from headstart.errors import JobError, NoSuchJobError
from headstart.jobs import following, keeper, names
from headstart.jobs.job import Job, State, Work

_CANCEL_SECONDS = 5.0  # for how long a cancel looks whether the job has ended
_LOOK_SECONDS = 0.1


class LocalRunner:
    """Fills :class:`headstart.jobs.runner.Runner`."""

    name = "local"
    elsewhere = False
    pause = 0.5

    def submit(self, work: Work) -> Job:
        """See :meth:`headstart.jobs.runner.Runner.submit`.

        Raises:
            JobError: ``job/refused``, where the cache cannot be written, or no process be started.
        """
        folder = self._folder(work.id)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with _locked(folder) as lock:
                if not (folder / "process.json").exists():
                    self._start(work, folder, lock)
            with _locked(folder):  # the keeper has it until it has said which processes there are
                pass
        except OSError as error:
            remedy = "Free space there, or set HEADSTART_CACHE to another folder."
            raise JobError("job/refused", f"{error.strerror}.", remedy=remedy, where=str(folder)) from error
        if not (folder / "process.json").exists():
            remedy = f"See what Python says in {folder / 'log'}."
            raise JobError("job/refused", "no process starts.", remedy=remedy, where=work.id)
        return self.get(work.id)

    def get(self, job: str) -> Job:
        """See :meth:`headstart.jobs.runner.Runner.get`."""
        folder = self._folder(job)
        handed = _read(folder / "work.json")
        process = _read(folder / "process.json")
        if handed is None or (process is None and not _is_locked(folder)):
            raise _not_found(job)
        lives = process is not None and any(_lives(process[each]) for each in ("keeper", "command"))
        ended = _read(folder / "ended.json")  # after the look at the processes: they may have ended since
        state, reason, message = _state(process is not None, lives, ended, (folder / "cancelled").exists())
        return Job(
            id=job,
            runner=self.name,
            state=state,
            name=handed["name"],
            spec_uri=handed["spec_uri"],
            reason=reason,
            message=message,
            submitted=handed["submitted"],
            started=process["started"] if process else "",
            finished=ended["finished"] if ended else "",
            exit_status=ended["status"] if ended else None,
        )

    def list(self) -> Sequence[Job]:
        """See :meth:`headstart.jobs.runner.Runner.list`."""
        found = []
        for work in cache_folder().glob("jobs/*/work.json"):
            with contextlib.suppress(JobError):  # its handing over came to nothing
                found.append(self.get(work.parent.name))
        return sorted(found, key=lambda job: job.submitted, reverse=True)

    def log(self, job: str, follow: bool = False) -> Iterator[str]:
        """See :meth:`headstart.jobs.runner.Runner.log`."""
        return following.lines(self._pieces(job, follow))

    def _pieces(self, job: str, follow: bool) -> Iterator[str]:
        final = self.get(job).state.is_final
        with (self._folder(job) / "log").open(encoding="utf-8", errors="replace") as log:
            while True:
                yield log.read()
                if final or not follow:
                    return
                time.sleep(_LOOK_SECONDS)
                final = self.get(job).state.is_final

    def cancel(self, job: str) -> Job:
        """See :meth:`headstart.jobs.runner.Runner.cancel`: the command has some seconds to keep what it has done."""
        folder = self._folder(job)
        self.get(job)
        with _locked(folder):  # it may be about to start
            process = _read(folder / "process.json")
        found = self.get(job)
        if found.state.is_final or process is None:
            return found
        (folder / "cancelled").touch()
        with contextlib.suppress(ProcessLookupError):
            if _lives(process["keeper"]):
                os.kill(process["keeper"][0], signal.SIGTERM)
            elif _lives(process["command"]):
                os.killpg(process["command"][0], signal.SIGKILL)
        until = time.monotonic() + _CANCEL_SECONDS
        while not (found := self.get(job)).state.is_final and time.monotonic() < until:
            time.sleep(_LOOK_SECONDS)
        return found

    def close(self) -> None:
        """See :meth:`headstart.jobs.runner.Runner.close`."""

    def _start(self, work: Work, folder: Path, lock: int) -> None:
        """Start the keeper, which takes the lock over."""
        submitted = datetime.now(UTC).isoformat(timespec="milliseconds")
        handed = {"name": work.spec.name, "spec_uri": work.spec_uri, "submitted": submitted}
        program = [sys.executable, "-P", "-m", *work.command]
        with (folder / "log").open("ab") as log:
            keeper.write(folder / "work.json", handed)
            subprocess.run(  # noqa: S603 (the program is our own)
                [sys.executable, "-I", keeper.__file__, str(folder), str(lock), *program],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | work.environment,
                start_new_session=True,
                pass_fds=(lock,),
                check=False,
            )

    def _folder(self, job: str) -> Path:
        if not names.number_of(job):
            raise _not_found(job)
        return cache_folder().absolute() / "jobs" / job


def _not_found(job: str) -> JobError:
    problem = f"there is no job {job!r} on this machine."
    return NoSuchJobError("job/not-found", problem, remedy="See headstart jobs list --on local.")


def _state(started: bool, lives: bool, ended: dict[str, Any] | None, cancelled: bool) -> tuple[State, str, str]:
    """Where a job stands, a word and a sentence about it."""
    if not started:
        return State.QUEUED, "", ""
    if ended is None and lives:
        return (State.RUNNING, "Ending", "it is told to end.") if cancelled else (State.RUNNING, "", "")
    status = ended["status"] if ended else None
    if status == 0:
        return State.SUCCEEDED, "", ""
    if cancelled:
        return State.CANCELLED, "Cancelled", "it was cancelled."
    if status is None:
        message = "its processes are gone: they were killed, or the machine was restarted."
        return State.FAILED, "Died", message
    if status < 0:
        return State.FAILED, "Killed", f"its command was ended by {signal.Signals(-status).name}."
    return State.FAILED, "Failed", f"its command ended with status {status}."


def _lives(process: tuple[int, str]) -> bool:
    pid, birth = process
    return bool(birth) and keeper.born(pid) == birth


def _read(path: Path) -> dict[str, Any] | None:
    try:
        said: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return said


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[int]:
    """Hold the folder's lock; it is free once every process that has the descriptor has closed it."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _is_locked(folder: Path) -> bool:
    try:
        descriptor = os.open(folder / "lock", os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
