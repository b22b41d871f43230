"""The errors a user can meet, grouped by what the reader should do next.

Every error names the place (file, line, key or record), the problem with the value that caused it, and
the remedy. Its code never changes, so that scripts and dashboards may rely on it. A stack trace that is
not one of these is a bug in Headstart.
"""

import errno
from collections.abc import Mapping
from types import MappingProxyType

CODES: Mapping[str, str] = MappingProxyType(
    {
        "spec/unreadable": "The spec file is missing or is not valid YAML or JSON.",
        "spec/unknown-key": "The spec holds a key that Headstart does not know.",
        "spec/invalid-value": "A value in the spec has the wrong type or lies outside its range.",
        "spec/missing-key": "A key that every spec needs is missing.",
        "data/not-found": "The label export named in the spec does not exist.",
        "data/unreachable": "A web address or a dataset of the hub cannot be fetched, or not whole.",
        "data/refused-host": "A web address leads to a host that may not be asked, or would be asked unsafely.",
        "data/bad-archive": "An archive among the sources is damaged, hostile, encrypted, nested or too large.",
        "data/ambiguous": "A published dataset has several configurations, or a split of another name.",
        "data/unknown-format": "No reader recognises the label export.",
        "data/unreadable": "A file of the label export cannot be read, decoded or parsed.",
        "data/unknown-field": "A field that the spec names or its task needs is not in the export, or not derived.",
        "data/conflict": "Annotators disagree and the spec says on_conflict: error.",
        "data/rejected": "Records were rejected and the spec says strict: true.",
        "data/contended": "Other imports of the same name kept finishing first.",
        "data/no-rows": "No record of the export became a row.",
        "data/one-class": "The rows hold fewer than two labels, so there is nothing to learn.",
        "data/too-few-rows": "A split has too few rows to train or to judge a model.",
        "backbone/not-found": "The pretrained model does not exist or cannot be reached.",
        "backbone/not-a-model": "The folder is no model that transformers can load from safetensors.",
        "backbone/layer": "The search names a layer that the backbone does not have.",
        "tune/no-weights": "The best head has no weights, and the strategy would train them.",
        "tune/no-blocks": "The strategy tells blocks of the backbone apart, which is not possible in it.",
        "tune/no-adapter": "The backbone has no place that peft knows for adapters of this kind.",
        "tune/no-shards": "Workers are to divide weights that cannot be divided.",
        "tune/budget": "Not even one epoch of the training fits into its budget of time or money.",
        "tune/not-a-number": "The loss of a step is not a finite number.",
        "compute/not-enough": "The machine or cluster is smaller than the spec's compute section asks for.",
        "compute/failed": "A Ray task or worker failed, or the search had no result within its budget.",
        "compute/memory": "A step of the training does not fit into the accelerator's memory, however small its parts.",
        "compute/leaving": "The machine is being taken away, or the process was told to end; what was done is kept.",
        "job/not-found": "The cluster, the machine or Kubeflow knows no such job.",
        "job/unreachable": "What runs jobs cannot be reached, or its answer is none that Headstart understands.",
        "job/refused": "What runs jobs answered that it will not: no access, a bad request, or no room.",
        "job/failed": "A job that was waited for failed or was cancelled.",
        "job/timeout": "A job has not ended yet, and goes on.",
        "store/unreachable": "The object store or folder refused the request or cannot be reached.",
        "store/bad-uri": "The URI names a store that there is not, or carries credentials.",
        "store/unsupported": "The store or file system lacks an operation that safe writing needs.",
        "store/bad-key": "A name would leave the store or cannot be stored.",
        "integrity/digest": "Stored bytes are missing or do not match their sha256 digest.",
        "integrity/record": "A stored record is missing or damaged, or was written by a newer Headstart.",
        "registry/bad-name": "A model or alias has a name that cannot be one.",
        "registry/not-found": "The registry has no such model, version or alias.",
        "registry/deleted": "The version was deleted; its record is there, and its files may be gone.",
        "registry/in-use": "A version cannot be deleted while an alias points at it.",
        "registry/no-earlier": "The alias pointed at no other version before.",
        "registry/contended": "Other writers kept winning the next version number or move of an alias.",
        "registry/diverged": "Two registries hold different versions or moves under one number.",
        "registry/bad-archive": "A file is no archive of a registry, or is damaged.",
        "signature/bad-key": "A key cannot be read, or is no elliptic key that signatures are made with.",
        "signature/missing": "A version is not signed, and only signed ones may be used.",
        "signature/untrusted": "A version is signed by no key that is trusted, or was after the key retired.",
        "signature/mismatch": "A signature is not of this version: its files, record or signature were changed.",
        "hook/bad-config": "The file of hooks cannot be read, or a hook in it cannot be used.",
        "hook/undelivered": "A hook did not take an event, which is kept for it.",
        "retrain/locked": "Another process retrains the same model, or took over from this one.",
        "predict/unreadable": "The file to predict on cannot be read, or it or a row of it holds no text.",
        "usage": "The command line is wrong, or a step is called with other inputs than it takes.",
        "kubeflow/unreachable": "The API of Kubeflow Pipelines cannot be reached.",
        "kubeflow/refused": "The API of Kubeflow Pipelines answered that it will not.",
        "kubeflow/not-found": "Kubeflow has no such pipeline, version or schedule.",
        "install/extra": "The command or function needs packages of an optional extra.",
    }
)


NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says of a write for which a disk, a quota or a limit on files leaves no room."""


class HeadstartError(Exception):
    """Base of every error that a user can mend.

    Args:
        code: A key of :data:`CODES`.
        problem: What is wrong, with the value that caused it.
        remedy: What to do about it.
        where: The file, line, key or record, if there is one.
    """

    exit_status = 1

    def __init__(self, code: str, problem: str, *, remedy: str, where: str = "") -> None:
        if code not in CODES:
            raise KeyError(f"undocumented error code {code!r}")
        super().__init__(problem)
        self.code = code
        self.problem = problem
        self.remedy = remedy
        self.where = where

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"[{self.code}] {place}{self.problem} {self.remedy}"

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword arguments do not survive Exception's own pickling, and errors cross Ray's processes.
        return _rebuild, (type(self), self.code, self.problem, self.remedy, self.where)


def _rebuild(kind: type[HeadstartError], code: str, problem: str, remedy: str, where: str) -> HeadstartError:
    return kind(code, problem, remedy=remedy, where=where)


class UsageError(HeadstartError):
    """Call the command or function differently."""

    exit_status = 2


class SpecError(UsageError):
    """Mend the spec."""


class DataError(UsageError):
    """Mend the label export."""


class BackboneError(UsageError):
    """Choose another pretrained model, or make it reachable."""


class ComputeError(HeadstartError):
    """Ask for less, or look at the cluster."""


class JobError(HeadstartError):
    """Look at the cluster, the machine or Kubeflow that runs the job."""


class NoSuchJobError(JobError, UsageError):
    """Name a job that is there."""


class StoreError(HeadstartError):
    """Look at the object store, its address or the credentials."""


class IntegrityError(HeadstartError):
    """Do not use these bytes; restore them from a good copy."""
