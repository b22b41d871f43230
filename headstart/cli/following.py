"""Handing a spec over and following its job, as the command line does."""

from dataclasses import asdict
from typing import Any

import click

from headstart.cli import output
from headstart.cli.place import Chosen
from headstart.client import Client
from headstart.errors import UsageError
from headstart.jobs import Job, State
from headstart.spec import Spec

_INTERRUPTED = 130


def hand_over(spec: Spec, place: Chosen, detach: bool, as_json: bool) -> int:
    """Submit, and follow the log to the job's end unless ``detach``; gives the exit status."""
    with place.client() as client:
        handle = client.submit(spec)
        click.echo(f"{handle.id} is {handle.state} on {place.on}", err=True)
        if detach:
            output.say_json(said(handle.job)) if as_json else click.echo(handle.id)
            return 0
        return follow(client, handle.id, place, as_json)


def follow(client: Client, job: str, place: Chosen, as_json: bool) -> int:
    """Print a job's lines until it has ended; gives its exit status, at least 1 where it did not succeed.

    With ``as_json`` the lines go to standard error, and standard output has the job and what came of it.
    """
    try:
        for line in client.logs(job, follow=True):
            click.echo(line, err=as_json)
        *_, ended = client.watch(job)
    except KeyboardInterrupt:
        click.echo(f"\n{job} goes on. To end it: {place.command('cancel', job)}", err=True)
        click.echo(f"To follow it again: {place.command('logs', job)} --follow", err=True)
        return _INTERRUPTED
    done = ended.state is State.SUCCEEDED
    if as_json:
        output.say_json(said(ended) | {"result": _result(client, job) if done else None})
    if done:
        return 0
    click.echo(f"{job} {ended.state}{_why(ended)}. Again: {place.command('resume', job)}", err=True)
    return max(ended.exit_status or 1, 1)


def said(job: Job) -> dict[str, Any]:
    """A job as JSON data."""
    return asdict(job) | {"state": str(job.state)}


def _result(client: Client, job: str) -> dict[str, Any] | None:
    try:
        return asdict(client.result(job))
    except UsageError:  # somebody has deleted it
        return None


def _why(job: Job) -> str:
    return f": {job.message.rstrip('.')}" if job.message and job.state is State.FAILED else ""
