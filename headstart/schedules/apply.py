"""Making Kubeflow hold what a file of schedules says."""

from collections.abc import Sequence
from datetime import datetime

from headstart.adapters.kubeflow import Kubeflow
from headstart.errors import UsageError
from headstart.schedules import cron
from headstart.schedules.plan import Change, Found, Recurring, plan
from headstart.schedules.wanted import LATEST, Schedules, ScheduleSpec


def changes(wanted: Schedules, kubeflow: Kubeflow, at: datetime) -> tuple[Change, ...]:
    """What has to be done.

    Args:
        wanted: The file.
        kubeflow: Where the schedules run.
        at: The time now.

    Raises:
        UsageError: Kubeflow has no such pipeline or version.
        HeadstartError: Kubeflow cannot be reached, or refuses.
    """
    experiment = kubeflow.find_experiment(wanted.kubeflow.experiment) or ""
    pipelines = {name: kubeflow.pipeline(name) for name in dict.fromkeys(each.pipeline for each in wanted.schedules)}
    recurring = [
        _recurring(each, pipelines[each.pipeline], experiment, wanted, kubeflow, at) for each in wanted.schedules
    ]
    return plan(recurring, kubeflow.recurring_runs(), wanted.group)


def apply(wanted: Schedules, kubeflow: Kubeflow, at: datetime) -> tuple[Change, ...]:
    """Do all of it; a second call finds nothing left to do. Interrupted and called again, it ends the same.

    Raises:
        UsageError: Kubeflow has no such pipeline or version.
        HeadstartError: Kubeflow cannot be reached, or refuses.
    """
    if wanted.schedules:
        kubeflow.experiment(wanted.kubeflow.experiment)
    done = changes(wanted, kubeflow, at)
    for change in done:
        kubeflow.perform(change, wanted.group)
    return done


def one(kubeflow: Kubeflow, name: str, group: str) -> Found:
    """The recurring run that a schedule's name means.

    Raises:
        UsageError: There is none, or more than one.
    """
    named = [each for each in kubeflow.recurring_runs() if (each.name, each.group) == (name, group)]
    if not named:
        remedy = "See headstart schedule list."
        raise UsageError("kubeflow/not-found", f"there is no schedule {name!r} of group {group!r}.", remedy=remedy)
    if len(named) > 1:
        problem = f"there are {len(named)} schedules {name!r}: an apply was interrupted."
        raise UsageError("kubeflow/not-found", problem, remedy="Apply the file again.")
    return named[0]


def told(schedule: ScheduleSpec) -> str:
    """When a schedule runs, for people."""
    return f"{schedule.cron} in {schedule.time_zone}" if schedule.cron else f"every {schedule.every}"


def next_runs(schedule: ScheduleSpec, at: datetime, count: int = 3) -> Sequence[datetime]:
    """The next moments at which a schedule starts a run; none where it is paused or counts from when it is applied."""
    if schedule.cron is None or schedule.paused:
        return ()
    return cron.first(schedule.cron, schedule.time_zone, at, count)


def _recurring(
    schedule: ScheduleSpec, pipeline: str, experiment: str, wanted: Schedules, kubeflow: Kubeflow, at: datetime
) -> Recurring:
    moved = None
    if schedule.cron is not None:
        moved = cron.moved(schedule.cron, schedule.time_zone, wanted.kubeflow.time_zone, at)
    return Recurring(
        name=schedule.name,
        pipeline=pipeline,
        version=None if schedule.version == LATEST else kubeflow.version(pipeline, schedule.version),
        experiment=experiment,
        cron=moved,
        seconds=schedule.seconds,
        parameters=schedule.parameters,
        service_account=schedule.service_account,
        told=f"{schedule.pipeline}: {told(schedule)}",
        enabled=not schedule.paused,
    )
