"""Jobs as RayJob objects of KubeRay: each on a Ray cluster that is made for it and goes with it."""

import contextlib
import os
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from headstart.adapters.kubernetes import access
from headstart.adapters.ray_jobs import RayRunner
from headstart.adapters.rayjobs import RayJobs
from headstart.errors import HeadstartError, JobError, StoreError
from headstart.jobs import following, rayjob, raystatus, reaping
from headstart.jobs.cluster import ClusterSpec
from headstart.jobs.job import Job, State, Work
from headstart.jobs.kept import Ended, Kept, Trouble
from headstart.jobs.rayjob import Object, Owner
from headstart.jobs.reaping import Reaped

_BEAT_SECONDS = 60.0


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
        self._rayjobs = RayJobs(found.rest, namespace or found.namespace)
        self._cluster = cluster
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
        job = raystatus.job_of(self._rayjobs.create(made))
        self._cancelled.pop(work.id, None)
        return job

    def get(self, job: str) -> Job:
        """See :meth:`headstart.jobs.runner.Runner.get`.

        A job that was deleted is not found, but by the runner that has cancelled it.
        """
        found = self._rayjobs.find(job)
        if found is None and job in self._cancelled:
            return self._cancelled[job]
        found = found or self._rayjobs.get(job)
        self._beat(found)
        return raystatus.job_of(found)

    def list(self) -> Sequence[Job]:
        """See :meth:`headstart.jobs.runner.Runner.list`."""
        return sorted(map(raystatus.job_of, self._rayjobs.ours()), key=lambda job: job.submitted, reverse=True)

    def log(self, job: str, follow: bool = False) -> Iterator[str]:
        """See :meth:`headstart.jobs.runner.Runner.log`.

        The lines come from the cluster's head, where this process can reach it and has its token; else they are the
        last ones, which the job left in its workspace, once it has ended.
        """
        # Of which cluster lines were told: a job that is tried again has another.
        told = ""
        while True:
            found = following.answered(lambda: self._rayjobs.get(job), self.pause, bears=follow)
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
        found = self._rayjobs.get(job)
        ended = raystatus.job_of(found)
        if ended.state.is_final:
            return ended
        self._rayjobs.delete(job, found["metadata"]["uid"])
        cancelled = {**found, "metadata": {**found["metadata"], "deletionTimestamp": _now()}}
        self._cancelled[job] = raystatus.job_of(cancelled)
        if ended.spec_uri:
            with contextlib.suppress(StoreError):
                _note_cancelled(ended)
        return self._cancelled[job]

    def reap(self, silent: timedelta, keep: timedelta, apply: bool) -> Sequence[Reaped]:
        """The jobs that nobody waits for any more (:func:`headstart.jobs.reaping.reapable`), deleted if ``apply``.

        One that gives a sign of life meanwhile is left alone.
        """
        due = list(reaping.reapable(self._rayjobs.ours(), datetime.now(UTC), silent, keep))
        return [each for each in due if not apply or self._rayjobs.delete(each.name, each.uid, each.version)]

    def close(self) -> None:
        """See :meth:`headstart.jobs.runner.Runner.close`."""

    def _beat(self, found: Object) -> None:
        """Show that somebody watches over a job, once a minute, as far as Kubernetes takes it."""
        metadata = found["metadata"]
        job, last = metadata["name"], self._beaten.get(metadata["name"], 0.0)
        watched = self._owner and rayjob.HEARTBEAT in (metadata.get("annotations") or {})
        if not watched or (last and time.monotonic() - last < _BEAT_SECONDS):
            return
        self._beaten[job] = time.monotonic()
        try:
            self._rayjobs.annotate(job, {rayjob.HEARTBEAT: _now()})
        except JobError:
            self._beaten.pop(job)

    @contextlib.contextmanager
    def _watching(self, found: Object) -> Iterator[None]:
        """Show that somebody watches over a job as long as the block lasts, however long it waits for a line."""
        ended = threading.Event()

        def keep() -> None:
            while not ended.wait(_BEAT_SECONDS):
                self._beat(found)

        keeper = threading.Thread(target=keep, daemon=True)
        keeper.start()
        try:
            yield
        finally:
            ended.set()
            keeper.join()

    def _from_head(self, found: Object, follow: bool) -> Iterator[str]:
        """The lines that the cluster's head has; none where it is not reached, or has the wrong token."""
        status = found.get("status") or {}
        if not status.get("dashboardURL"):
            return
        ray = RayRunner(f"http://{status['dashboardURL']}", any_job=True)
        job = status.get("jobId") or found["metadata"]["name"]
        try:
            ray.get(job)  # asked once, before anybody waits for a head that is out of reach
            with self._watching(found):
                yield from ray.log(job, follow)
        except HeadstartError:
            return  # the object says how the job stands, and the workspace has its last lines

    def _kept(self, found: Object) -> Sequence[str]:
        spec_uri = (found["metadata"].get("annotations") or {}).get(rayjob.SPEC, "")
        return (Kept.beside(spec_uri).log() or ()) if spec_uri else ()


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
