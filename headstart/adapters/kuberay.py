"""Jobs as RayJob objects of KubeRay: each on a Ray cluster that is made for it and goes with it."""

import contextlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from headstart.adapters.kubernetes import access
from headstart.adapters.ray_jobs import RayRunner
from headstart.adapters.rest import Answer
from headstart.errors import HeadstartError, JobError, StoreError
from headstart.jobs import following, rayjob, raystatus
from headstart.jobs.cluster import ClusterSpec
from headstart.jobs.job import Job, State, Work
from headstart.jobs.kept import Ended, Kept, Trouble
from headstart.jobs.rayjob import Object, Owner
from headstart.jobs.raystatus import Reaped

_PAGE = 250
_BEAT_SECONDS = 60.0
_LATER = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)
_MERGE = "application/merge-patch+json"


class KubeRayRunner:
    """Fills :class:`headstart.jobs.runner.Runner`.

    Args:
        address: See :func:`headstart.adapters.kubernetes.access`.
        namespace: Where the jobs are; by default the pod's own, or the kubeconfig's.
        cluster: What clusters are made of; by default what ``HEADSTART_CLUSTER`` names.

    Raises:
        UsageError: The cluster's address is not known.
    """

    name = raystatus.NAME
    elsewhere = True
    pause = 2.0

    def __init__(
        self, address: str | None = None, namespace: str | None = None, cluster: ClusterSpec | None = None
    ) -> None:
        found = access(address)
        self._rest = found.rest
        self._cluster = cluster
        self._path = f"/apis/{rayjob.VERSION}/namespaces/{quote(namespace or found.namespace, safe='')}/rayjobs"
        self._where = f"{self._rest.address}, namespace {namespace or found.namespace}"
        # A job may be owned by a pod of its own namespace alone.
        self._owner = _owner() if found.inside and namespace in (None, found.namespace) else None
        self._beaten: dict[str, float] = {}
        self._cancelled: dict[str, Job] = {}

    def submit(self, work: Work) -> Job:
        """See :meth:`headstart.jobs.runner.Runner.submit`.

        Raises:
            SpecError: What ``HEADSTART_CLUSTER`` names cannot be used, or no image is known.
            JobError: ``job/refused`` where Kubernetes does not take the object.
        """
        made = rayjob.build(work, self._cluster or ClusterSpec.load(), self._owner, _now())
        try:
            answer = self._rest.ask("POST", self._path, made)
        except JobError:
            # The reply may be lost and the job there; where it is not, nothing was done and the error stands.
            found = self._find(work.id)
            if found is None:
                raise
            return self._adopted(found)
        if answer.status == HTTPStatus.CONFLICT:  # somebody has handed over the same
            return self._adopted(self._object(work.id))
        return raystatus.job_of(self._said(answer))

    def get(self, job: str) -> Job:
        """See :meth:`headstart.jobs.runner.Runner.get`.

        A job that was deleted is not found, but by the runner that has cancelled it.
        """
        found = self._find(job)
        if found is None and job in self._cancelled:
            return self._cancelled[job]
        found = found or self._object(job)
        self._beat(found)
        return raystatus.job_of(found)

    def list(self) -> Sequence[Job]:
        """See :meth:`headstart.jobs.runner.Runner.list`."""
        return sorted(map(raystatus.job_of, self._objects()), key=lambda job: job.submitted, reverse=True)

    def log(self, job: str, follow: bool = False) -> Iterator[str]:
        """See :meth:`headstart.jobs.runner.Runner.log`.

        The lines come from the cluster's head, where this process can reach it and has its token; else they are the
        last ones, which the job left in its workspace, once it has ended.
        """
        # Of which cluster lines were told: a job that is tried again has another.
        told, patience = "", following.Patience()
        while True:
            try:
                found = self._object(job)
            except JobError as error:
                if not follow:
                    raise
                patience.bear(error, self.pause)
                continue
            patience.answered()
            self._beat(found)
            state = raystatus.job_of(found).state
            cluster = str((found.get("status") or {}).get("rayClusterName", ""))
            if cluster != told and state is not State.QUEUED:
                for line in self._from_head(found, follow):
                    told = cluster
                    yield line
            if state.is_final or not follow:
                break
            time.sleep(self.pause)
        if not told:
            yield from self._kept(found)

    def cancel(self, job: str) -> Job:
        """See :meth:`headstart.jobs.runner.Runner.cancel`: the object is deleted, and its cluster with it."""
        if job in self._cancelled:
            return self._cancelled[job]
        found = self._object(job)
        ended = raystatus.job_of(found)
        if ended.state.is_final:
            return ended
        self._delete(Reaped(job, "it is cancelled", found["metadata"].get("uid", ""), ""))
        cancelled = {**found, "metadata": {**found["metadata"], "deletionTimestamp": _now()}}
        self._cancelled[job] = raystatus.job_of(cancelled)
        with contextlib.suppress(StoreError):
            _note_cancelled(self._cancelled[job])
        return self._cancelled[job]

    def reap(self, silent: timedelta, keep: timedelta, apply: bool) -> Sequence[Reaped]:
        """The jobs that nobody waits for any more (:func:`headstart.jobs.raystatus.reapable`), deleted if ``apply``.

        One that gives a sign of life meanwhile is left alone.
        """
        due = list(raystatus.reapable(self._objects(), datetime.now(UTC), silent, keep))
        return [each for each in due if not apply or self._delete(each)]

    def close(self) -> None:
        """See :meth:`headstart.jobs.runner.Runner.close`."""

    def _objects(self) -> Sequence[Object]:
        """Our RayJobs, page by page; from the first again where Kubernetes no longer knows the next one."""
        found: list[Object] = []
        query = {"labelSelector": "=".join(rayjob.OURS), "limit": str(_PAGE)}
        while True:
            answer = self._rest.ask("GET", f"{self._path}?{urlencode(query)}")
            if answer.status == HTTPStatus.GONE and "continue" in query:
                found, query = [], {"labelSelector": query["labelSelector"]}
                continue
            said = self._said(answer)
            found += said.get("items") or []
            more = (said.get("metadata") or {}).get("continue")
            if not more:
                return found
            query["continue"] = more

    def _find(self, job: str) -> Object | None:
        answer = self._rest.ask("GET", self._one(job))
        return None if answer.status == HTTPStatus.NOT_FOUND and _status(answer) else self._said(answer)

    def _object(self, job: str) -> Object:
        found = self._find(job)
        if found is None:
            remedy = "See headstart jobs list. A job that was cancelled or reaped is gone: submit it again."
            raise JobError("job/not-found", f"there is no job {job!r}.", remedy=remedy, where=self._where)
        return found

    def _adopted(self, found: Object) -> Job:
        labels, name = found["metadata"].get("labels") or {}, found["metadata"]["name"]
        if labels.get(rayjob.OURS[0]) != rayjob.OURS[1]:
            problem = f"there is a RayJob {name!r} that Headstart did not make."
            raise JobError(
                "job/refused", problem, remedy="Delete it, or name the model differently.", where=self._where
            )
        return raystatus.job_of(found)

    def _delete(self, due: Reaped) -> bool:
        """Delete an object as it was seen; whether it was."""
        seen = {"uid": due.uid} | ({"resourceVersion": due.version} if due.version else {})
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background", "preconditions": seen}
        answer = self._rest.ask("DELETE", self._one(due.name), body)
        if answer.status in (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT):
            return False
        self._said(answer)
        return True

    def _beat(self, found: Object) -> None:
        """Show that somebody watches over a job, once a minute, as far as Kubernetes takes it."""
        metadata = found["metadata"]
        job, last = metadata["name"], self._beaten.get(metadata["name"], 0.0)
        watched = self._owner and rayjob.HEARTBEAT in (metadata.get("annotations") or {})
        if not watched or (last and time.monotonic() - last < _BEAT_SECONDS):
            return
        self._beaten[job] = time.monotonic()
        try:
            self._rest.ask("PATCH", self._one(job), {"metadata": {"annotations": {rayjob.HEARTBEAT: _now()}}}, _MERGE)
        except JobError:
            self._beaten.pop(job)

    def _from_head(self, found: Object, follow: bool) -> Iterator[str]:
        """The lines that the cluster's head has; none where it is not reached, or has the wrong token."""
        status = found.get("status") or {}
        if not status.get("dashboardURL"):
            return
        ray = RayRunner(f"http://{status['dashboardURL']}")
        job = status.get("jobId") or found["metadata"]["name"]
        try:
            ray.get(job)  # asked once, before anybody waits for a head that is out of reach
            yield from ray.log(job, follow)
        except HeadstartError:
            return  # the object says how the job stands, and the workspace has its last lines

    def _kept(self, found: Object) -> Sequence[str]:
        spec_uri = (found["metadata"].get("annotations") or {}).get(rayjob.SPEC, "")
        return (Kept.beside(spec_uri).log() or ()) if spec_uri else ()

    def _one(self, job: str) -> str:
        return f"{self._path}/{quote(job, safe='')}"

    def _said(self, answer: Answer) -> Object:
        """What the API answered.

        Raises:
            JobError: It is a refusal, or trouble of its own.
        """
        if not answer.is_good:
            raise self._refused(answer)
        try:
            said = answer.said()
        except ValueError:
            said = None
        if not isinstance(said, dict):
            remedy = "Check the context of the kubeconfig file, or the address."
            raise JobError("job/unreachable", "what answers is no Kubernetes.", remedy=remedy, where=self._where)
        return said

    def _refused(self, answer: Answer) -> JobError:
        told, where = _status(answer).get("message") or answer.told(), self._where
        problem = f"Kubernetes answered {answer.status}: {str(told).rstrip('.')[:500]}."
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in _LATER:
            return JobError("job/unreachable", problem, remedy="Try again; the job goes on.", where=where)
        remedies: Mapping[int, str] = {
            HTTPStatus.UNAUTHORIZED: "Log in again: the token is missing or no longer good.",
            HTTPStatus.FORBIDDEN: "Have the right given: the chart's rbac.rayJobs and rbac.pipelineRunner do.",
            HTTPStatus.GONE: "Try again.",
            HTTPStatus.NOT_FOUND: "Install KubeRay 1.7 where it is missing, and check the namespace.",
        }
        remedy = remedies.get(answer.status, "Mend what it says: the cluster's file, or the namespace's quota.")
        return JobError("job/refused", problem, remedy=remedy, where=where)


def _status(answer: Answer) -> dict[str, Any]:
    """The Status object of an answer; empty where it has none, as for a kind that Kubernetes does not know."""
    try:
        said = answer.said()
    except ValueError:
        return {}
    return said if isinstance(said, dict) and said.get("kind") == "Status" else {}


def _note_cancelled(job: Job) -> None:
    """Leave word in the workspace, which outlives the object, unless the command has done so itself."""
    kept = Kept.beside(job.spec_uri)
    if kept.ended() is None:
        trouble = Trouble(code="stopped", where="", problem="it was cancelled.", remedy="Resume it.")
        kept.keep_end("", Ended(started=job.started, finished=_now(), trouble=trouble))


def _owner() -> Owner | None:
    """The pod of a pipeline's step that this process is in, as Kubeflow names it."""
    name, uid = os.environ.get("KFP_POD_NAME"), os.environ.get("KFP_POD_UID")
    return Owner(name, uid) if name and uid else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
