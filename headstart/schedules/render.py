"""A file of schedules without Kubeflow: lines for cron, and CronJobs for Kubernetes."""

import shlex
from collections.abc import Iterator
from datetime import datetime

import yaml

from headstart.errors import SpecError
from headstart.schedules import cron, cronjob
from headstart.schedules.apply import told
from headstart.schedules.commands import command
from headstart.schedules.wanted import Schedules, ScheduleSpec


def crontab(wanted: Schedules, program: str, zone: str, at: datetime) -> str:
    """The schedules as lines of a crontab.

    What a pod would be given has no meaning there, and is said in a comment.

    Args:
        wanted: The file, loaded for a machine.
        program: Where headstart is, for cron looks in few places.
        zone: The time zone of the machine's cron.
        at: The time now: changes of clocks are looked for in the years after it.

    Raises:
        SpecError: A schedule cannot be said so.
    """
    lines = [f"# Headstart's schedules of the group {wanted.group}, in the time zone {zone}.", ""]
    for each in wanted.schedules:
        lines += [*_lines(each, program, zone, at), ""]
    return "\n".join(lines)


def cronjobs(wanted: Schedules) -> str:
    """The schedules as Kubernetes objects in YAML: a CronJob each, and a ConfigMap for its spec.

    Raises:
        SpecError: A schedule cannot be said so.
    """
    made = [part for each in wanted.schedules for part in cronjob.objects(each, wanted)]
    return yaml.safe_dump_all(made, sort_keys=False, width=120, allow_unicode=True)


def _lines(schedule: ScheduleSpec, program: str, zone: str, at: datetime) -> Iterator[str]:
    made = command(schedule, schedule.spec or "")
    yield f"# {schedule.name}: {told(schedule)}"
    if made.others:
        yield f"# Nothing here is done with {', '.join(made.others)}."
    fields = _fields(schedule, zone, at)
    broken = next((each for each in made.arguments if not each.isprintable()), None)
    if broken is not None:  # the rest of it would be a line of its own
        problem = f"{broken!r} has a line break or what cannot be printed, and a line of a crontab has neither."
        raise SpecError("spec/invalid-value", problem, remedy="Leave that out.", where=f"schedule {schedule.name}")
    # Cron takes a % for the end of the line.
    line = f"{fields}  {shlex.join([program, *made.arguments])}".replace("%", r"\%")
    yield f"# paused: {line}" if schedule.paused else line


def _fields(schedule: ScheduleSpec, zone: str, at: datetime) -> str:
    if schedule.cron is None:
        return cronjob.spaced(schedule)
    try:
        _seconds, _, fields = cron.moved(schedule.cron, schedule.time_zone, zone, at).partition(" ")
    except ValueError as error:
        why = f"cron {schedule.cron!r} in {schedule.time_zone}: {error}".replace("Kubeflow's time zone", zone)
        why = why.partition(": give it in")[0]
        remedy = f"Give it in {zone}, or render for the machine's own zone: --time-zone."
        raise SpecError("spec/invalid-value", f"{why}.", remedy=remedy, where=f"schedule {schedule.name}") from None
    return fields
