"""The file of schedules: which pipelines run when, with which parameters."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from headstart.errors import SpecError
from headstart.schedules import cron
from headstart.spec import Section, Spec, document, secret
from headstart.spec.section import Duration, Name, Uri

LATEST = "latest"
Runner = Literal["kubeflow", "cronjob", "cron"]
"""What starts the runs: recurring runs, CronJobs of Kubernetes, or a machine's cron."""

_LEAST_SECONDS = 60


def _checked_cron(expression: str) -> str:
    """Five fields, as in crontab: minute, hour, day of month, month, day of week."""
    return cron.check(expression)


def _checked_zone(name: str) -> str:
    """A time zone by its name, for example Europe/Berlin."""
    return str(cron.zone(name))


Zone = Annotated[str, AfterValidator(_checked_zone)]


class ScheduleSpec(Section):
    """One schedule: a pipeline, when it runs, and with what."""

    name: Name
    """What the schedule is called; in its group it is the only one of this name."""
    pipeline: Name = "retrain"
    """The pipeline, by its name in Kubeflow."""
    version: Annotated[str, Field(min_length=1)] = LATEST
    """The version of the pipeline by name; ``latest`` is at each run the latest one."""
    cron: Annotated[str, AfterValidator(_checked_cron)] | None = None
    """When it runs. A schedule has either this or ``every``."""
    every: Duration | None = None
    """How often it runs, from when it is applied on."""
    time_zone: Zone = "UTC"
    """The time zone in which ``cron`` is meant."""
    spec: Annotated[str, Field(min_length=1)] | None = None
    """The file of the spec, which becomes the pipeline's parameter ``spec``; relative to the file of schedules."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    """The pipeline's other parameters. Secrets are given by the names of Kubernetes secrets, never by value."""
    service_account: Name | None = None
    """The Kubernetes service account that the runs have."""
    paused: bool = False
    """Whether nothing is started for now."""

    @field_validator("parameters", mode="before")
    @classmethod
    def _no_secrets(cls, parameters: object) -> object:
        if isinstance(parameters, dict):
            for name, value in parameters.items():
                if secret.looks_like_one(str(name), value):
                    words = (
                        f"the parameter {name} looks like a secret, and Kubeflow shows all parameters: keep it in a "
                        "Kubernetes secret and name that"
                    )
                    raise PydanticCustomError(document.HIDDEN, "{words}", {"words": words})
        return parameters

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if (self.cron is None) == (self.every is None):
            raise ValueError(f"the schedule {self.name} has either cron or every")
        if self.seconds is not None and self.seconds < _LEAST_SECONDS:
            raise ValueError("every is at least 60s")
        if self.spec is not None and "spec" in self.parameters:
            raise ValueError("spec is given twice, by itself and among the parameters")
        return self

    @property
    def seconds(self) -> int | None:
        """How many seconds lie between two runs, where that is what it says."""
        return int(self.every[:-1]) * {"s": 1, "m": 60, "h": 3600}[self.every[-1]] if self.every else None


class KubeflowSpec(Section):
    """Where the schedules run."""

    endpoint: Uri | None = None
    """The address of the Kubeflow Pipelines API; by default what ``KF_PIPELINES_ENDPOINT`` says, or the cluster that
    the command runs in."""
    namespace: Name | None = None
    """The namespace of the Kubeflow profile, where several people share the installation."""
    experiment: Annotated[str, Field(min_length=1)] = "headstart"
    """The experiment that the runs are grouped under; it is made if there is none."""
    time_zone: Zone = "UTC"
    """The time zone of Kubeflow's controller: its ``CRON_SCHEDULE_TIMEZONE``."""


class Schedules(Section):
    """All schedules of a group."""

    group: Name = "default"
    """Whose these are: schedules of this group that the file does not name are removed, all others left alone."""
    kubeflow: KubeflowSpec = KubeflowSpec()
    """Where they run."""
    schedules: tuple[ScheduleSpec, ...]
    """The schedules."""

    @model_validator(mode="after")
    def _each_can_be_said_and_once(self, info: ValidationInfo) -> Self:
        names = [each.name for each in self.schedules]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two schedules have the name {twice[0]}")
        for each in self.schedules:
            if each.cron is not None and info.context in (None, "kubeflow"):
                try:
                    cron.moved(each.cron, each.time_zone, self.kubeflow.time_zone, datetime.now(UTC))
                except ValueError as error:
                    raise ValueError(f"the schedule {each.name} has cron {each.cron!r}: {error}") from None
        return self

    @classmethod
    def load(cls, path: Path, on: Runner = "kubeflow") -> Self:
        """Read a file of schedules, and the specs that it names.

        Args:
            path: The file.
            on: What runs the schedules. Specs become parameters; on a machine (``cron``) they stay files, whose paths
                are made absolute. Whether times can be said in the zone of Kubeflow's controller is looked at for
                Kubeflow alone.

        Raises:
            SpecError: A file cannot be read, or says something that it cannot say.
        """
        found = document.read(path, first=("schedules",))
        try:
            wanted = cls.model_validate(found.data, context=on)
        except ValidationError as error:
            raise found.explain(error, cls) from None
        schedules = tuple(_with_spec(each, path.resolve().parent, on) for each in wanted.schedules)
        return wanted.model_copy(update={"schedules": schedules})


def _with_spec(schedule: ScheduleSpec, folder: Path, on: Runner) -> ScheduleSpec:
    """The schedule with its spec among the parameters, or on a machine with the path of it."""
    if schedule.spec is None:
        return schedule
    spec = Spec.load(folder / schedule.spec)
    if on == "cron":
        return schedule.model_copy(update={"spec": str(folder / schedule.spec)})
    local = [("data.source", source) for source, _ in spec.data.sources() if "://" not in source]
    places = [("workspace", spec.workspace), ("registry.uri", spec.registry.uri), *local]
    for key, place in [*places, *([("retrain.drift", spec.retrain.drift)] if spec.retrain.drift else [])]:
        if not place.startswith("s3://"):
            problem = f"{key} is a place on this machine, which no pod can see."
            remedy = "Name an s3:// prefix."
            raise SpecError("spec/invalid-value", problem, remedy=remedy, where=str(folder / schedule.spec))
    return schedule.model_copy(update={"parameters": schedule.parameters | {"spec": spec.to_json()}})
