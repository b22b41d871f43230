"""headstart jobs list, show, logs, cancel and resume."""

import sys
import time
from collections.abc import Sequence

import click

from headstart.cli import following, output, place
from headstart.cli.group import Group
from headstart.client import Client
from headstart.jobs import Job
from headstart.jobs.following import answered

_job = click.argument("job", metavar="JOB")
_SHOWN_LINES = 12
_LOOK_SECONDS = 1.0


@click.group(cls=Group)
def jobs() -> None:
    """Look after jobs that were handed over with headstart run --on, wherever they run."""


@jobs.command("list")
@place.options
@output.as_json
def list_(on: str, address: str | None, namespace: str | None, as_json: bool) -> None:
    """List the jobs that a place knows, the newest first."""
    with place.Chosen(on, address, namespace).client() as client:
        found = client.list()
    if as_json:
        output.say_json([following.said(job) for job in found])
        return
    if not found:
        click.echo(f"No jobs on {on}.")
    width = max((len(job.id) for job in found), default=0)
    for job in found:
        click.echo(f"{job.id:<{width}}  {job.state:<9}  {job.submitted[:19]:<19}  {job.message}".rstrip())


@jobs.command()
@_job
@place.options
@click.option(
    "--watch", is_flag=True, help="Go on until the job has ended: a live view on a terminal, else a line a change."
)
@output.as_json
def show(job: str, on: str, address: str | None, namespace: str | None, watch: bool, as_json: bool) -> None:
    """Show how JOB stands."""
    with place.Chosen(on, address, namespace).client() as client:
        if watch and not as_json:
            _watch(client, job)
            return
        found = client.get(job)
        if as_json:
            output.say_json(following.said(found))
        else:
            click.echo("\n".join(_described(found)))


@jobs.command()
@_job
@place.options
@click.option("-f", "--follow", is_flag=True, help="Go on until the job has ended; the exit status is then the job's.")
@click.pass_context
def logs(ctx: click.Context, job: str, on: str, address: str | None, namespace: str | None, follow: bool) -> None:
    """Print the log of JOB."""
    chosen = place.Chosen(on, address, namespace)
    with chosen.client() as client:
        if follow:
            ctx.exit(following.follow(client, job, chosen, as_json=False))
        for line in client.logs(job):
            click.echo(line)


@jobs.command()
@_job
@place.options
@output.as_json
def cancel(job: str, on: str, address: str | None, namespace: str | None, as_json: bool) -> None:
    """End JOB. What its finished steps have made stays, and resume goes on from there."""
    with place.Chosen(on, address, namespace).client() as client:
        found = client.cancel(job)
    output.say_json(following.said(found)) if as_json else click.echo("\n".join(_described(found)))
    if not found.state.is_final:
        click.echo(f"{job} was told to stop, and needs some seconds for it.", err=True)


@jobs.command()
@_job
@place.options
@output.as_json
def resume(job: str, on: str, address: str | None, namespace: str | None, as_json: bool) -> None:
    """Hand the work of JOB over again, as a new job that finds what is done; one that still goes on is left alone."""
    with place.Chosen(on, address, namespace).client() as client:
        handle = client.resume(job)
    output.say_json(following.said(handle.job)) if as_json else click.echo(handle.id)


def _described(job: Job) -> list[str]:
    """A job in lines, without what is not known."""
    said = {
        "job": job.id,
        "state": str(job.state),
        "reason": job.reason,
        "message": job.message,
        "on": job.runner,
        "reference": job.reference,
        "spec": job.spec_uri,
        "submitted": job.submitted,
        "started": job.started,
        "finished": job.finished,
    }
    return [f"{name:<9}  {value}" for name, value in said.items() if value]


def _watch(client: Client, job: str) -> None:
    """Show a job until it has ended, however it ends."""
    if not sys.stdout.isatty():
        for found in client.watch(job):
            click.echo(f"{found.id}  {found.state}  {found.message}".rstrip())
        return
    from rich.live import Live
    from rich.panel import Panel
    from rich.text import Text

    def view(found: Job, lines: Sequence[str]) -> Panel:
        text = "\n".join([*_described(found)[1:], "", *lines[-_SHOWN_LINES:]])
        return Panel(Text(text), title=found.id, title_align="left")

    def shown() -> Job:
        found = client.get(job)
        live.update(view(found, list(client.logs(job))))
        return found

    with Live(refresh_per_second=4) as live:
        while not answered(shown, _LOOK_SECONDS).state.is_final:
            time.sleep(_LOOK_SECONDS)
