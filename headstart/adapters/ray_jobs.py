"""Jobs on a Ray cluster that is there, through the Jobs API of its dashboard: HTTP, so that Ray need not be installed.

The paths and shapes are those of Ray's ``dashboard/modules/job/job_head.py``; ``/logs`` always gives the whole log.
"""

import contextlib
import os
import re
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from headstart.adapters.rest import Answer, Rest
from headstart.errors import JobError, NoSuchJobError
from headstart.jobs import following
from headstart.jobs.job import Job, State, Work
from headstart.version import __version__

RAY = (2, 60)
"""The version of Ray that this Headstart runs on: workers, drivers and the cluster must have the same."""

_STATES: Mapping[str, State] = {
    "PENDING": State.QUEUED,
    "RUNNING": State.RUNNING,
    "SUCCEEDED": State.SUCCEEDED,
    "FAILED": State.FAILED,
    "STOPPED": State.CANCELLED,
}
_MARK = "headstart"  # the key of a job's metadata that says it is ours
_NOT_FOUND_STATUS = 127  # of a shell that finds no such command
_LOGIN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_QUIET_SHARE = 4  # a log that takes a second to fetch is fetched every five


class RayRunner:
    """Fills :class:`headstart.jobs.runner.Runner`.

    Args:
        address: Of the dashboard, such as ``http://localhost:8265``. The token is what ``RAY_AUTH_TOKEN`` says, or the
            file that ``RAY_AUTH_TOKEN_PATH`` names, or with ``RAY_AUTH_MODE=token`` Ray's own in the home folder.
        any_job: Whether a job that somebody else submitted, such as KubeRay's operator, is found by its id too.

    Raises:
        UsageError: The address is none.
    """

    name = "ray"
    pause = 1.0

    def __init__(self, address: str, any_job: bool = False) -> None:
        self._rest = Rest(address, _authorization)
        self._any_job = any_job
        self.elsewhere = urlsplit(address).hostname not in ("localhost", "127.0.0.1", "::1")

    def submit(self, work: Work) -> Job:
        """See :meth:`headstart.jobs.runner.Runner.submit`.

        Raises:
            JobError: ``job/refused`` where the cluster has another Ray, or does not take the work.
        """
        self._check_version()
        body = {
            "entrypoint": shlex.join(work.command),
            "submission_id": work.id,
            "runtime_env": {"env_vars": dict(work.environment)},
            "metadata": {_MARK: __version__, "name": work.spec.name, "spec": work.spec_uri},
        }
        try:
            answer = self._rest.ask("POST", "/api/jobs/", body)
        except JobError:
            # The reply may be lost and the job there; where it is not, nothing was done and the error stands.
            found = self._find(work.id)
            if found is None:
                raise
            return found
        if answer.is_good:
            return self.get(work.id)
        found = self._find(work.id)  # an id that is taken is somebody who handed over the same
        if found is None:
            raise self._refused(answer)
        return found

    def get(self, job: str) -> Job:
        """See :meth:`headstart.jobs.runner.Runner.get`."""
        found = self._find(job)
        if found is None:
            raise self._not_found(job)
        return found

    def list(self) -> Sequence[Job]:
        """See :meth:`headstart.jobs.runner.Runner.list`."""
        said = self._said(self._rest.ask("GET", "/api/jobs/"), list)
        with self._reading():
            ours = [_job(each) for each in said if _MARK in (each.get("metadata") or {}) and each.get("submission_id")]
        return sorted(ours, key=lambda job: job.submitted, reverse=True)

    def log(self, job: str, follow: bool = False) -> Iterator[str]:
        """See :meth:`headstart.jobs.runner.Runner.log`."""
        return following.lines(self._pieces(job, follow))

    def cancel(self, job: str) -> Job:
        """See :meth:`headstart.jobs.runner.Runner.cancel`: Ray ends the command, and after three seconds kills it."""
        self.get(job)
        answer = self._rest.ask("POST", f"/api/jobs/{quote(job, safe='')}/stop")
        if _knows_none(answer):
            raise self._not_found(job)
        if not answer.is_good:
            raise self._refused(answer)
        return self.get(job)

    def close(self) -> None:
        """See :meth:`headstart.jobs.runner.Runner.close`."""

    def _find(self, job: str) -> Job | None:
        if not job:  # that would be the list
            return None
        answer = self._rest.ask("GET", f"/api/jobs/{quote(job, safe='')}")
        if _knows_none(answer):
            return None
        with self._reading():
            found = self._said(answer, dict)
            told = _job(found)
            return told if self._any_job or _MARK in (found.get("metadata") or {}) else None

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        """Within, data of another shape than Ray's are of somebody who is no Ray."""
        try:
            yield
        except (LookupError, TypeError, AttributeError, ValueError, OverflowError):
            raise self._stranger() from None

    def _pieces(self, job: str, follow: bool) -> Iterator[str]:
        """What is new of the log, each time that it is fetched; what is written in a silence comes after it."""

        def ask() -> tuple[bool, str, float]:
            began = time.monotonic()
            final = self.get(job).state.is_final  # before the log: what is written until the end is then in it
            return final, self._log(job), began

        seen = 0
        while True:
            final, text, began = following.answered(ask, self.pause, bears=follow)
            yield text[seen:]
            seen = max(seen, len(text))
            if final or not follow:
                return
            time.sleep(max(self.pause, _QUIET_SHARE * (time.monotonic() - began)))

    def _log(self, job: str) -> str:
        answer = self._rest.ask("GET", f"/api/jobs/{quote(job, safe='')}/logs")
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:  # the node that has the log is gone, or not yet there
            return ""
        return str(self._said(answer, dict).get("logs") or "")

    def _check_version(self) -> None:
        """Whether the cluster has our Ray, before anything is started there."""
        version = str(self._said(self._rest.ask("GET", "/api/version"), dict).get("ray_version"))
        found = re.match(r"(\d+)\.(\d+)\.", version)
        if found is None or (int(found[1]), int(found[2])) != RAY:
            wanted = ".".join(map(str, RAY))
            problem = f"the cluster has Ray {version}, and Headstart {__version__} runs on Ray {wanted}."
            remedy = f"Start the cluster from Headstart's image, or another with Ray {wanted} and headstart[engine]."
            raise JobError("job/refused", problem, remedy=remedy, where=self._rest.address)

    def _said(self, answer: Answer, kind: type[Any]) -> Any:
        """The JSON of an answer.

        Raises:
            JobError: It is a refusal, or nothing that Ray answers.
        """
        return answer.of(kind, self._refused, self._stranger)

    def _stranger(self) -> JobError:
        remedy = "Give the address of a Ray dashboard, such as http://localhost:8265."
        return JobError("job/unreachable", "what answers is no Ray.", remedy=remedy, where=self._rest.address)

    def _refused(self, answer: Answer) -> JobError:
        where = self._rest.address
        if answer.status in _LOGIN or 300 <= answer.status < 400:
            problem = f"it lets nobody in without a token, or not with this one: {answer.told()}."
            remedy = "Set RAY_AUTH_TOKEN, or RAY_AUTH_TOKEN_PATH to a file that holds it; a proxy may want its own."
            return JobError("job/refused", problem, remedy=remedy, where=where)
        if answer.status == HTTPStatus.NOT_FOUND:  # a proxy whose dashboard is away, or that knows none
            problem = f"no Ray dashboard answers there: {answer.told()}."
            remedy = "Check the address, and that the dashboard runs; a job that runs there goes on."
            return JobError("job/unreachable", problem, remedy=remedy, where=where)
        remedy = "Look at the dashboard; the head node's dashboard_agent.log says more."
        if answer.is_trouble:
            return JobError("job/unreachable", f"its head node fails: {answer.told()}.", remedy=remedy, where=where)
        return JobError("job/refused", f"{answer.told()}.", remedy=remedy, where=where)

    def _not_found(self, job: str) -> JobError:
        problem = f"there is no job {job!r}."
        remedy = "See headstart jobs list. A cluster that was restarted has forgotten its jobs: resume or run it again."
        return NoSuchJobError("job/not-found", problem, remedy=remedy, where=self._rest.address)


def _authorization() -> Mapping[str, str]:
    """The header that says who we are, if anything does, in the order in which Ray itself looks."""
    token = os.environ.get("RAY_AUTH_TOKEN", "")
    path = os.environ.get("RAY_AUTH_TOKEN_PATH", "")
    if not token and not path and os.environ.get("RAY_AUTH_MODE") == "token":
        path = "~/.ray/auth_token"
    if not token and path:
        try:
            token = Path(path).expanduser().read_text().strip()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            remedy = "Set RAY_AUTH_TOKEN_PATH to a file that holds the cluster's token."
            raise JobError("job/refused", f"the token: {reason}.", remedy=remedy, where=path) from None
    return {"Authorization": f"Bearer {token}"} if token else {}


def _knows_none(answer: Answer) -> bool:
    """Whether it is Ray's word that there is no such job; a proxy, too, answers 404 while the dashboard is away."""
    return answer.status == HTTPStatus.NOT_FOUND and b"does not exist" in answer.body


def _job(said: Mapping[str, Any]) -> Job:
    metadata = said.get("metadata") or {}
    state = _STATES.get(said["status"], State.RUNNING)
    status = said.get("driver_exit_code")
    # Ray appends the log's last lines, which are had elsewhere.
    message = str(said.get("message") or "").partition(", last available logs")[0].strip().splitlines()
    if status == _NOT_FOUND_STATUS:
        message = ["the cluster's image has no headstart: use Headstart's, or install headstart[engine] in it."]
    started = _time(said.get("start_time"))
    return Job(
        id=str(said["submission_id"]),
        runner=RayRunner.name,
        state=state,
        name=str(metadata.get("name", "")),
        spec_uri=str(metadata.get("spec", "")),
        reason=_words(said.get("error_type") or "") if state.is_final else "",
        message=message[-1] if message and state is not State.RUNNING else "",
        submitted=started,
        finished=_time(said.get("end_time")),
        exit_status=status,
    )


def _words(constant: str) -> str:
    """A constant of Ray's, JOB_ENTRYPOINT_COMMAND_ERROR, as a word: JobEntrypointCommandError."""
    return "".join(part.capitalize() for part in constant.split("_"))


def _time(milliseconds: int | None) -> str:
    if not milliseconds:
        return ""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
