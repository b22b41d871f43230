"""What a schedule's pipeline is as a command: the same job where there is no Kubeflow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from headstart.errors import SpecError
from headstart.schedules.wanted import LATEST, ScheduleSpec

PLACING = ("cpus", "memory", "accelerators", "accelerator_type", "tolerations", "node_selector", "store_secret")
NOTIFYING = "notify_secret"
_SCORED = ("model", "source", "out", "registry")


@dataclass(frozen=True)
class Command:
    """The arguments of headstart, and the pipeline's other parameters: where it runs, and who is told."""

    arguments: tuple[str, ...]
    others: Mapping[str, Any]


def command(schedule: ScheduleSpec, spec: str) -> Command:
    """A schedule as a command.

    Args:
        schedule: The schedule.
        spec: The file of its spec where the command runs; empty where it has none.

    Raises:
        SpecError: No command does what it says, or a parameter is missing or unknown.
    """
    made = _COMMANDS.get(schedule.pipeline)
    if made is None:
        known = ", ".join(_COMMANDS)
        raise _refused(schedule, f"only Kubeflow knows the pipeline {schedule.pipeline}", f"Commands do {known}.")
    if schedule.version != LATEST:
        raise _refused(schedule, "it pins a version of the pipeline, and only Kubeflow has those", "Leave it out.")
    taken, arguments = made(schedule, spec)
    others = {name: value for name, value in schedule.parameters.items() if name not in taken}
    unknown = sorted(others.keys() - {*PLACING, NOTIFYING})
    if unknown:
        raise _refused(schedule, f"the pipeline {schedule.pipeline} has no parameter {unknown[0]}", "Leave it out.")
    return Command(tuple(arguments), others)


def _of_spec(name: str) -> Callable[[ScheduleSpec, str], tuple[set[str], list[str]]]:
    def made(schedule: ScheduleSpec, spec: str) -> tuple[set[str], list[str]]:
        if not spec:
            raise _refused(schedule, "it has no spec", "Name its file by the key spec.")
        force = name == "retrain" and schedule.parameters.get("force")
        return {"spec", *(["force"] if name == "retrain" else [])}, [name, spec, *(["--force"] if force else [])]

    return made


def _score(schedule: ScheduleSpec, spec: str) -> tuple[set[str], list[str]]:
    said = schedule.parameters
    missing = [each for each in _SCORED if not said.get(each)]
    if missing:
        raise _refused(schedule, f"the pipeline score needs the parameter {missing[0]}", "Add it.")
    if spec:
        raise _refused(schedule, "the pipeline score takes no spec", "Leave it out.")
    options = [part for each in ("out", "registry", "text", "shadow") if said.get(each) for part in _option(each, said)]
    return {*_SCORED, "text", "shadow"}, ["score", str(said["model"]), str(said["source"]), *options]


def _option(name: str, said: Mapping[str, Any]) -> tuple[str, str]:
    return f"--{name}", str(said[name])


_COMMANDS: Mapping[str, Callable[[ScheduleSpec, str], tuple[set[str], list[str]]]] = MappingProxyType(
    {"retrain": _of_spec("retrain"), "transfer": _of_spec("run"), "assess": _of_spec("assess"), "score": _score}
)


def _refused(schedule: ScheduleSpec, problem: str, remedy: str) -> SpecError:
    return SpecError("spec/invalid-value", f"{problem}.", remedy=remedy, where=f"schedule {schedule.name}")
