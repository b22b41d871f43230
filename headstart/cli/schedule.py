"""headstart schedule apply, diff, render, list, show, pause, resume, run and delete."""

import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from headstart.cli import output
from headstart.cli.group import Group

if TYPE_CHECKING:
    from headstart.adapters.kubeflow import Kubeflow
    from headstart.schedules.plan import Change
    from headstart.schedules.wanted import Schedules

F = TypeVar("F", bound=Callable[..., object])

_file = click.option(
    "-f", "--file", "path", required=True, type=click.Path(path_type=Path), help="The file of schedules, YAML or JSON."
)
_name = click.argument("name", metavar="NAME")


def _place(function: F) -> F:
    """The options that say where schedules are."""
    options = (
        click.option(
            "--endpoint",
            default=None,
            metavar="URL",
            help="The address of the Kubeflow Pipelines API; by default KF_PIPELINES_ENDPOINT, or the cluster.",
        ),
        click.option("--namespace", default=None, metavar="NAME", help="The namespace of the Kubeflow profile."),
        click.option("--group", default="default", show_default=True, metavar="NAME", help="Whose schedules."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@click.group(cls=Group)
def schedule() -> None:
    """Keep Kubeflow's schedules as a file says them."""


@schedule.command()
@_file
@output.as_json
def apply(path: Path, as_json: bool) -> None:
    """Make Kubeflow hold the schedules of a file: create, replace, pause, resume and remove what differs.

    A second time it changes nothing. Runs that are going on are left alone.
    """
    from headstart.schedules.apply import apply

    wanted, kubeflow = _read(path)
    _tell(apply(wanted, kubeflow, datetime.now(UTC)), wanted, as_json)


@schedule.command()
@_file
@output.as_json
def diff(path: Path, as_json: bool) -> None:
    """Say what apply would change, and change nothing."""
    from headstart.schedules.apply import changes

    wanted, kubeflow = _read(path)
    _tell(changes(wanted, kubeflow, datetime.now(UTC)), wanted, as_json)


@schedule.command()
@_file
@click.option(
    "--as",
    "form",
    required=True,
    type=click.Choice(["cron", "cronjob"]),
    help="Lines of a crontab, or Kubernetes' YAML.",
)
@click.option(
    "--time-zone",
    default="UTC",
    show_default=True,
    metavar="ZONE",
    help="With cron: the time zone of the machine's cron.",
)
def render(path: Path, form: Literal["cron", "cronjob"], time_zone: str) -> None:
    """Say the schedules of a file without Kubeflow: as lines for cron, or as CronJobs of Kubernetes."""
    from headstart.schedules import cron
    from headstart.schedules.render import cronjobs, crontab
    from headstart.schedules.wanted import Schedules

    try:
        cron.zone(time_zone)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--time-zone") from None
    wanted = Schedules.load(path, form)
    if form == "cronjob":
        click.echo(cronjobs(wanted), nl=False)
    else:
        program = shutil.which("headstart") or "headstart"
        click.echo(crontab(wanted, program, time_zone, datetime.now(UTC)), nl=False)


@schedule.command("list")
@_place
@output.as_json
def list_(endpoint: str | None, namespace: str | None, group: str, as_json: bool) -> None:
    """List the schedules of a group, and whether they are paused."""
    found = sorted(
        (each for each in _kubeflow(endpoint, namespace).recurring_runs() if each.group == group),
        key=lambda each: each.name,
    )
    if as_json:
        output.say_json([{"name": each.name, "paused": not each.enabled, "id": each.id} for each in found])
        return
    if not found:
        click.echo(f"No schedules of group {group!r}.")
    for each in found:
        click.echo(f"{each.name}  {'active' if each.enabled else 'paused'}  {each.description.splitlines()[0]}")


@schedule.command()
@_name
@_place
def show(name: str, endpoint: str | None, namespace: str | None, group: str) -> None:
    """Show all that Kubeflow says of the schedule NAME, as JSON."""
    from headstart.schedules.apply import one

    kubeflow = _kubeflow(endpoint, namespace)
    said = kubeflow.describe(one(kubeflow, name, group).id)
    output.say_json({key: str(value) if isinstance(value, datetime) else value for key, value in said.items()})


@schedule.command()
@_name
@_place
def pause(name: str, endpoint: str | None, namespace: str | None, group: str) -> None:
    """Start no more runs of the schedule NAME, until resume or the next apply."""
    _change("pause", name, endpoint, namespace, group)


@schedule.command()
@_name
@_place
def resume(name: str, endpoint: str | None, namespace: str | None, group: str) -> None:
    """Start runs of the schedule NAME again; what was missed meanwhile is not made up for."""
    _change("resume", name, endpoint, namespace, group)


@schedule.command()
@_name
@_place
def delete(name: str, endpoint: str | None, namespace: str | None, group: str) -> None:
    """Remove the schedule NAME; its runs stay, those that are going on too."""
    _change("delete", name, endpoint, namespace, group)


@schedule.command()
@_name
@_place
def run(name: str, endpoint: str | None, namespace: str | None, group: str) -> None:
    """Start a run of the schedule NAME now, with its parameters."""
    from headstart.schedules.apply import one

    kubeflow = _kubeflow(endpoint, namespace)
    click.echo(kubeflow.run(one(kubeflow, name, group).id).id)


def _change(what: Any, name: str, endpoint: str | None, namespace: str | None, group: str) -> None:
    from headstart.schedules.apply import one
    from headstart.schedules.plan import Change

    kubeflow = _kubeflow(endpoint, namespace)
    kubeflow.perform(Change(what, name, "it is asked for", one(kubeflow, name, group).id), group)
    click.echo(f"{what} {name}")


def _read(path: Path) -> "tuple[Schedules, Kubeflow]":
    from headstart.schedules.wanted import Schedules

    wanted = Schedules.load(path)
    return wanted, _kubeflow(wanted.kubeflow.endpoint, wanted.kubeflow.namespace)


def _kubeflow(endpoint: str | None, namespace: str | None) -> "Kubeflow":
    from headstart.adapters.kubeflow import Kubeflow

    return Kubeflow(endpoint, namespace)


def _tell(changes: "Sequence[Change]", wanted: "Schedules", as_json: bool) -> None:
    from headstart.schedules.apply import next_runs, told

    now = datetime.now(UTC)
    coming = {each.name: [run.isoformat() for run in next_runs(each, now)] for each in wanted.schedules}
    if as_json:
        said = [{"what": each.what, "name": each.name, "why": each.why} for each in changes]
        output.say_json({"changes": said, "next": coming})
        return
    if not changes:
        click.echo("Nothing to change.")
    for change in changes:
        click.echo(f"{change.what:<7} {change.name}: {change.why}")
    for each in wanted.schedules:
        when = "paused" if each.paused else ", ".join(coming[each.name]) or "from when it was applied on"
        click.echo(f"{each.name}: {told(each)}; next {when}")
