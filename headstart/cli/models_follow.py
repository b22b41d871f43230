"""headstart models watch and deliver."""

import shlex
import time
from typing import Any

import click

from headstart.cli import output
from headstart.errors import HeadstartError, StoreError, UsageError
from headstart.registry import Registry
from headstart.registry import hooks as configuration
from headstart.registry.delivery import run
from headstart.registry.outbox import Event, Told, deliver_all
from headstart.registry.record import check_name
from headstart.registry.watch import follow
from headstart.spelling import harmless


@click.command()
@click.argument("reference", metavar="NAME@ALIAS")
@click.option(
    "--exec", "command", metavar="COMMAND", help="Run this for the newest version, until it ends with status 0."
)
@click.option(
    "--every",
    type=output.Finite(min=0.1),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="The time between two looks.",
)
@output.registry
@output.as_json
def watch(reference: str, command: str | None, every: float, uri: str, as_json: bool) -> None:
    """Follow NAME@ALIAS: print where it points, and then each of its moves, until stopped.

    COMMAND finds HEADSTART_NAME, HEADSTART_VERSION, HEADSTART_ALIAS and HEADSTART_REGISTRY in its environment, and the
    event as JSON in HEADSTART_EVENT. It runs without a shell, at the start too, and again after each wait while it
    fails. With --json each move is a line of JSON.
    """
    name, alias = _alias(reference)
    arguments = _arguments(command)
    owed: Event | None = None
    for moves in follow(Registry(uri).store, name, alias, lambda: time.sleep(every), _troubled):
        for event in moves:
            click.echo(event.body().decode() if as_json else harmless(_line(event)))
            owed = event
        if owed and arguments:
            failure = run(arguments, owed.id, owed.body(), owed.data)
            if failure:
                click.echo(f"{arguments[0]} for version {owed.data['version']}: {failure}; it is run again.", err=True)
            else:
                owed = None


@click.command()
@output.registry
@output.as_json
def deliver(uri: str, as_json: bool) -> None:
    """Tell hooks the events that they have not had, which a crash or a receiver that was away has left.

    The hooks are those in the file that HEADSTART_HOOKS names.
    """
    hooks = configuration.configured()
    if not hooks:
        remedy = f"Name a file of hooks in the environment variable {configuration.VARIABLE}."
        raise UsageError("hook/bad-config", "there are no hooks.", remedy=remedy)
    told = deliver_all(Registry(uri).store, hooks)
    if as_json:
        output.say_json([_said(each) for each in told])
    else:
        for each in told:
            failure = f"  not taken: {each.failure}" if each.failure else ""
            click.echo(harmless(f"{each.hook}  {_line(each.event)}{failure}"))
        if not told:
            click.echo("Every hook has had every event.")
    failed = [each for each in told if each.failure]
    if failed:
        problem = f"{failed[0].hook} did not take an event: {failed[0].failure}."
        raise HeadstartError("hook/undelivered", problem, remedy="Mend it, and deliver again: the event is kept.")


def _alias(reference: str) -> tuple[str, str]:
    name, _, alias = reference.partition("@")
    if not alias or alias.isdecimal():
        remedy = "Write NAME@ALIAS: a version by its number never moves."
        raise UsageError("registry/bad-name", f"{reference!r} names no alias.", remedy=remedy)
    return check_name(name), check_name(alias)


def _arguments(command: str | None) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(command or ""))
    except ValueError as error:
        problem, remedy = f"{command!r} is no command: {error}.", "Quote it as in a shell."
        raise UsageError("usage", problem, remedy=remedy, where="--exec") from None


def _troubled(error: StoreError) -> None:
    click.echo(f"{error.where}: {error.problem} Looking again.", err=True)


def _line(event: Event) -> str:
    data = event.data
    if event.happening == "publish":
        return f"{event.at}  {data['name']} version {data['version']} published"
    before = f" after version {data['previous']}" if data["previous"] else ""
    return f"{event.at}  {data['name']}@{data['alias']} = {data['version']}{before}, by {data['by']}: {data['reason']}"


def _said(told: Told) -> dict[str, Any]:
    said = {"hook": told.hook, "id": told.event.id, "event": told.event.happening, "at": told.event.at}
    return said | {"data": told.event.data, "failure": told.failure}
