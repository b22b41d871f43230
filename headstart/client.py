"""The client of all places where jobs run: hand a spec over, look at it from anywhere, and have what came of it.

It speaks HTTP and reads stores: neither torch nor Ray is loaded, nor need they be installed.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from headstart.errors import HeadstartError, JobError, UsageError
from headstart.jobs import following, registered, submitting
from headstart.jobs import result as results
from headstart.jobs.job import Job, State
from headstart.jobs.kept import Kept
from headstart.jobs.places import command, open_place
from headstart.jobs.result import Result
from headstart.spec import Spec, require_spec

_LAST_LINES = 10  # of a log, in an error

Heard = Callable[[Job], None]
"""Hears how a job stands, once at first and then at every change."""


class Client:
    """Hands work over to one place, and looks at what is there.

    Args:
        on: ``local`` (this machine), ``ray`` (a cluster, by the address of its dashboard), ``kuberay`` (a RayJob on a
            cluster of its own) or ``kubeflow`` (a run of the transfer pipeline).
        address: Where the place answers. For Kubeflow it may be left to ``KF_PIPELINES_ENDPOINT``, or to the cluster
            that this process is in; for KubeRay it is a context of the kubeconfig file, by default the current one.
        namespace: The Kubernetes namespace, where the place has one.

    Raises:
        UsageError: There is no such place, or it lacks an address.
    """

    def __init__(self, on: str = "local", address: str | None = None, namespace: str | None = None) -> None:
        self._runner = open_place(on, address, namespace)
        self.on, self._address, self._namespace = on, address, namespace

    def __repr__(self) -> str:
        return f"<Client of {', '.join(filter(None, (self.on, self._address, self._namespace)))}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def submit(self, spec: Spec, step: str = "", inputs: Mapping[str, str] | None = None) -> "Handle":
        """Start the work that a spec describes, or adopt its job that waits or runs: nothing runs twice.

        A job that has ended is followed by the next, which finds the steps that were finished.

        Args:
            spec: What to do; relative paths in it mean the current folder.
            step: One step only, instead of the whole job.
            inputs: The digest of each value that the step takes, by name.

        Raises:
            UsageError: There is no such step, it takes other inputs, or ``spec`` is none.
            HeadstartError: The place cannot see a file that the spec names, refuses, or cannot be reached.
        """
        here = Path.cwd()
        return Handle(self, submitting.submit(self._runner, require_spec(spec).anchored(here, here), step, inputs))

    def list(self) -> Sequence[Job]:
        """The jobs that the place knows, the newest first."""
        return self._runner.list()

    def get(self, job: str) -> Job:
        """How a job stands now.

        Raises:
            JobError: ``job/not-found``; ``job/unreachable``, which says nothing of the job.
        """
        return self._runner.get(job)

    def wait(self, job: str, timeout: float | None = None, progress: Heard | None = None) -> Job:
        """Wait for a job to succeed. A place that is silent for up to a minute is borne.

        Args:
            job: Its id.
            timeout: For how many seconds at most.
            progress: Hears of each change.

        Raises:
            JobError: ``job/failed`` where it failed or was cancelled, with what the place says and the log's last
                lines; ``job/timeout`` where it still goes on; ``job/unreachable``; ``job/not-found``.
        """
        for found in self.watch(job, timeout):
            if progress:
                progress(found)
        if found.state is not State.SUCCEEDED:
            raise self._failure(found)
        return found

    def watch(self, job: str, timeout: float | None = None) -> Iterator[Job]:
        """How a job stands, now and at every change, until it has ended in whatever way.

        Raises:
            JobError: As :meth:`wait`, but for ``job/failed``.
        """
        until = None if timeout is None else time.monotonic() + timeout
        seen, pause = None, min(0.1, self._runner.pause)
        while seen is None or not seen.state.is_final:
            found = following.answered(lambda: self._runner.get(job), self._runner.pause, until=until)
            if found != seen:
                seen = found
                yield found
                continue  # whoever was told may have taken its time
            if until is not None and time.monotonic() + pause > until:
                problem = f"it is {found.state} after {timeout:g} seconds, and goes on."
                raise JobError("job/timeout", problem, remedy="Wait for longer, or cancel it.", where=job)
            time.sleep(pause)
            pause = min(pause * 1.5, self._runner.pause)

    def logs(self, job: str, follow: bool = False) -> Iterator[str]:
        """The lines of a job's log from the first; with ``follow`` until the job has ended.

        Where the place has no log, these are the last lines, as the workspace keeps them.

        Raises:
            JobError: ``job/not-found``; ``job/unreachable``, after a minute's silence where it follows.
        """
        has_log = False
        for line in self._runner.log(job, follow):
            has_log = True
            yield line
        spec_uri = "" if has_log else self.get(job).spec_uri
        if spec_uri:
            yield from Kept.beside(spec_uri).log() or ()

    def cancel(self, job: str) -> Job:
        """Have a job ended; comes back within seconds. What its finished steps have made stays.

        Raises:
            JobError: ``job/not-found``, or the place cannot be reached or refuses.
        """
        return self._runner.cancel(job)

    def resume(self, job: str) -> "Handle":
        """Hand the work of a job over again; where it still goes on, that is the job that is given.

        Raises:
            UsageError: The workspace no longer has its spec.
            JobError: ``job/not-found``, or the place cannot be reached or refuses.
        """
        kept = self._kept(job)
        text, handed = kept.spec(), kept.handed()
        if text is None or handed is None:
            remedy = "Submit its spec again."
            raise UsageError("usage", f"what {job} was to do is not kept.", remedy=remedy, where=kept.uri)
        return self.submit(Spec.parse(text), handed.step, handed.inputs)

    def result(self, job: str) -> Result:
        """What came of a job that succeeded, from its workspace; of a run on Kubeflow from the registry.

        Raises:
            JobError: ``job/failed`` where it failed; ``job/timeout`` where it still goes on.
            StoreError: The workspace or the registry cannot be read.
            UsageError: What it left is no longer there.
        """
        kept = self._kept(job)
        said = kept.result()
        if said is not None:
            return results.read(job, said, kept.uri)
        found = self.get(job)
        if not found.state.is_final:
            problem = f"it is {found.state}, and has no result yet."
            raise JobError("job/timeout", problem, remedy="Wait for it.", where=job)
        if found.state is not State.SUCCEEDED:
            raise self._failure(found)
        text = kept.spec()
        published = registered.said(found, Spec.parse(text)) if text is not None else None
        if published is None:
            remedy = "Look into the registry: headstart models list."
            raise UsageError("usage", "it left no result in its workspace.", remedy=remedy, where=kept.uri)
        return results.read(job, published, kept.uri)

    def close(self) -> None:
        """Let go of connections; jobs go on."""
        self._runner.close()

    def _kept(self, job: str) -> Kept:
        spec_uri = self.get(job).spec_uri
        if not spec_uri:
            remedy = "Submit its spec again, or look into its workspace."
            raise UsageError("usage", f"{self.on} does not know where the spec of {job} is.", remedy=remedy)
        return Kept.beside(spec_uri)

    def _failure(self, job: Job) -> JobError:
        """All that is known of why a job failed: the place's word, the command's own error, the last lines."""
        told = (": ".join(filter(None, (job.reason, job.message))) or "no reason is told").rstrip(".") + "."
        lines: Sequence[str] = ()
        try:
            kept = Kept.beside(job.spec_uri) if job.spec_uri else None
            ended = kept.ended() if kept else None
            if ended is not None and ended.trouble is not None:
                told += f" {ended.trouble}"
            if ended is None or ended.trouble is None or not ended.trouble.is_known:
                lines = (kept.log() if kept and ended else None) or list(self.logs(job.id))
        except HeadstartError:  # the place or the workspace is gone, and the job has failed all the same
            pass
        shown = "".join(f"\n  | {line}" for line in lines[-_LAST_LINES:])
        state = "it was cancelled" if job.state is State.CANCELLED else "it failed"
        remedy = f"Once the cause is mended: {command('resume', job.id, self.on, self._address, self._namespace)}"
        return JobError("job/failed", f"{state}. {told}{shown}", remedy=remedy, where=job.id)


class Handle:
    """A job that was handed over, and where to. ``job`` is how it stood at the last look."""

    def __init__(self, client: Client, job: Job) -> None:
        self._client = client
        self.job = job

    def __repr__(self) -> str:
        return f"<Handle of {self.id} by {self._client!r}: {self.state}>"

    @property
    def id(self) -> str:
        """The job's name, wherever it runs."""
        return self.job.id

    @property
    def state(self) -> State:
        """Where the job stood at the last look."""
        return self.job.state

    def refresh(self) -> Job:
        """See :meth:`Client.get`."""
        self.job = self._client.get(self.id)
        return self.job

    def wait(self, timeout: float | None = None, progress: Heard | None = None) -> Job:
        """See :meth:`Client.wait`."""
        self.job = self._client.wait(self.id, timeout, progress)
        return self.job

    def logs(self, follow: bool = False) -> Iterator[str]:
        """See :meth:`Client.logs`."""
        return self._client.logs(self.id, follow)

    def cancel(self) -> Job:
        """See :meth:`Client.cancel`."""
        self.job = self._client.cancel(self.id)
        return self.job

    def result(self) -> Result:
        """See :meth:`Client.result`."""
        return self._client.result(self.id)
