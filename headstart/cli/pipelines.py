"""headstart pipelines compile and upload."""

from pathlib import Path

import click

from headstart.cli import output
from headstart.cli.group import Group
from headstart.errors import StoreError


@click.group(cls=Group)
def pipelines() -> None:
    """Work with the Kubeflow pipelines."""


@pipelines.command("compile")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/pipelines"),
    show_default=True,
    help="The folder to write to.",
)
def compile_(out: Path) -> None:
    """Write each pipeline as KFP's intermediate representation, ready to be uploaded, and as Kubernetes objects."""
    from headstart.pipelines import compile_all

    try:
        written = compile_all(out)
    except OSError as error:
        remedy = "Name another folder with --out."
        problem = f"it cannot be written: {error.strerror}."
        raise StoreError("store/unreachable", problem, remedy=remedy, where=str(error.filename or out)) from None
    for path in written:
        click.echo(str(path))


@pipelines.command()
@click.option(
    "--endpoint",
    default=None,
    metavar="URL",
    help="The address of the Kubeflow Pipelines API; by default KF_PIPELINES_ENDPOINT, or the cluster.",
)
@click.option("--namespace", default=None, metavar="NAME", help="The namespace of the Kubeflow profile.")
@output.as_json
def upload(endpoint: str | None, namespace: str | None, as_json: bool) -> None:
    """Upload each pipeline whose graph is not that of its latest version."""
    from headstart.adapters.kubeflow import Kubeflow
    from headstart.pipelines import PIPELINES, compiled
    from headstart.schedules.upload import upload

    made = upload([compiled(name) for name in PIPELINES], Kubeflow(endpoint, namespace))
    if as_json:
        output.say_json([{"pipeline": each.pipeline, "version": each.version, "new": each.is_new} for each in made])
        return
    for each in made:
        click.echo(f"{each.pipeline}: {each.version}{', new' if each.is_new else ', unchanged'}")
