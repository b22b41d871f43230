"""Jobs as runs of the transfer pipeline on Kubeflow: the whole job each, in pods of their own.

Kubeflow takes two runs of one name. So who has started one looks again, and where there are two of a job's, all who
look keep the older and end the other.
"""

import contextlib
import re
import time
from collections.abc import Iterator, Mapping, Sequence

from headstart.adapters.kubeflow import Kubeflow, Run
from headstart.errors import HeadstartError, JobError, NoSuchJobError, UsageError
from headstart.jobs import following
from headstart.jobs.job import Job, State, Work
from headstart.pods import CPUS
from headstart.spec import ComputeSpec

EXPERIMENT = "headstart-jobs"
PIPELINE = "transfer"
_MARK = re.compile(r"^headstart: job of (\S+) spec=(\S+)$", re.MULTILINE)
_STATES: Mapping[str, State] = {
    "PENDING": State.QUEUED,
    "RUNTIME_STATE_UNSPECIFIED": State.QUEUED,
    "": State.QUEUED,
    "SUCCEEDED": State.SUCCEEDED,
    "SKIPPED": State.SUCCEEDED,
    "FAILED": State.FAILED,
    "CANCELED": State.CANCELLED,
}
_CODES = {"kubeflow/unreachable": "job/unreachable", "kubeflow/refused": "job/refused"}


class KubeflowRunner:
    """Fills :class:`headstart.jobs.runner.Runner`. Its log is how the tasks of a run went; the UI has the pods' own.

    Args:
        endpoint: As :class:`headstart.adapters.kubeflow.Kubeflow` takes it.
        namespace: As there.

    Raises:
        JobError: It cannot be reached.
    """

    name = "kubeflow"
    elsewhere = True
    pause = 2.0

    def __init__(self, endpoint: str | None, namespace: str | None) -> None:
        with _asking():
            self._kubeflow = Kubeflow(endpoint, namespace)

    def submit(self, work: Work) -> Job:
        """See :meth:`headstart.jobs.runner.Runner.submit`.

        Raises:
            UsageError: It is a single step, or the pipeline was not uploaded.
        """
        if work.step:
            remedy = "Hand over the whole job, or make a pipeline of components."
            raise UsageError("usage", "Kubeflow runs whole jobs, no single step.", remedy=remedy, where=work.step)
        with _asking():
            experiment = self._kubeflow.experiment(EXPERIMENT)
            if not self._kubeflow.runs(experiment, work.id):
                description = f"{work.spec.name}\n\nheadstart: job of {work.spec.name} spec={work.spec_uri}"
                parameters = {"spec": work.spec.to_json(), **_resources(work.spec.compute)}
                pipeline = self._kubeflow.pipeline(PIPELINE)
                self._kubeflow.start(experiment, pipeline, work.id, description, parameters)
            kept, *others = self._kubeflow.runs(experiment, work.id)
            for other in others:
                if not _state(other).is_final:
                    self._kubeflow.terminate(other.id)
        return _job(kept)

    def get(self, job: str) -> Job:
        """See :meth:`headstart.jobs.runner.Runner.get`."""
        return _job(self._find(job))

    def list(self) -> Sequence[Job]:
        """See :meth:`headstart.jobs.runner.Runner.list`."""
        with _asking():
            experiment = self._kubeflow.find_experiment(EXPERIMENT)
            found = self._kubeflow.runs(experiment) if experiment else []
        oldest: dict[str, Job] = {}
        for run in found:
            if _MARK.search(run.description):
                oldest.setdefault(run.name, _job(run))
        return sorted(oldest.values(), key=lambda job: job.submitted, reverse=True)

    def log(self, job: str, follow: bool = False) -> Iterator[str]:
        """See :meth:`headstart.jobs.runner.Runner.log`."""
        id_ = self._find(job).id
        seen: set[tuple[str, str, str]] = set()
        while True:
            run = following.answered(lambda: self._details(id_), self.pause, bears=follow)
            yield from (" ".join(change) for change in run.tasks if change not in seen)
            seen.update(run.tasks)
            if not follow or _state(run).is_final:
                return
            time.sleep(self.pause)

    def cancel(self, job: str) -> Job:
        """See :meth:`headstart.jobs.runner.Runner.cancel`."""
        run = self._find(job)
        if not _state(run).is_final:
            with _asking():
                self._kubeflow.terminate(run.id)
        return self.get(job)

    def close(self) -> None:
        """See :meth:`headstart.jobs.runner.Runner.close`."""

    def _details(self, id_: str) -> Run:
        with _asking():
            return self._kubeflow.details(id_)

    def _find(self, job: str) -> Run:
        with _asking():
            experiment = self._kubeflow.find_experiment(EXPERIMENT)
            found = self._kubeflow.runs(experiment, job) if experiment else []
        if not found:
            remedy = "See headstart jobs list --on kubeflow."
            raise NoSuchJobError("job/not-found", f"there is no run {job!r} in {EXPERIMENT}.", remedy=remedy)
        return found[0]


def _state(run: Run) -> State:
    return _STATES.get(run.state, State.RUNNING)


def _job(run: Run) -> Job:
    mark, state = _MARK.search(run.description), _state(run)
    return Job(
        id=run.name,
        runner=KubeflowRunner.name,
        state=state,
        name=mark[1] if mark else "",
        spec_uri=mark[2] if mark else "",
        reference=run.id,
        reason=run.state.capitalize() if state is State.FAILED else "",
        message=run.error,
        submitted=run.created,
        finished=run.finished,
    )


def _resources(compute: ComputeSpec) -> dict[str, str]:
    """The pipeline's parameters for what the workers ask for: all of them are in one pod."""
    cpus = compute.cpus_per_worker if isinstance(compute.cpus_per_worker, int) else 1
    gpus = compute.gpus_per_worker if isinstance(compute.gpus_per_worker, int) else 0
    return {"cpus": str(max(compute.workers * cpus, int(CPUS))), "accelerators": str(compute.workers * gpus)}


@contextlib.contextmanager
def _asking() -> Iterator[None]:
    """Say Kubeflow's errors as those of a place where jobs run."""
    try:
        yield
    except HeadstartError as error:
        if error.code not in _CODES:
            raise
        raise JobError(_CODES[error.code], error.problem, remedy=error.remedy, where=error.where) from None
