"""The options that say where jobs are."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import click

from headstart.client import Client
from headstart.jobs.places import PLACES, command

F = TypeVar("F", bound=Callable[..., object])

on = click.option(
    "--on",
    type=click.Choice(list(PLACES)),
    default="local",
    show_default=True,
    envvar="HEADSTART_ON",
    show_envvar=True,
    help="Where the jobs are.",
)
address = click.option(
    "--address",
    default=None,
    envvar="HEADSTART_ADDRESS",
    show_envvar=True,
    metavar="URL",
    help="Where that place answers: a Ray dashboard, the Kubeflow Pipelines API, or a context of the kubeconfig file.",
)
namespace = click.option("--namespace", default=None, metavar="NAME", help="The Kubernetes namespace there.")


def options(function: F) -> F:
    """All of them."""
    return on(address(namespace(function)))


class Chosen(NamedTuple):
    """The place that the options say."""

    on: str
    address: str | None
    namespace: str | None

    def client(self) -> Client:
        """Its client."""
        return Client(self.on, self.address, self.namespace)

    def command(self, what: str, job: str) -> str:
        """The command that does something with a job there, for people to copy."""
        return command(what, job, *self)
