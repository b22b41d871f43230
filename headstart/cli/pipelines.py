"""headstart pipelines compile."""

from pathlib import Path

import click


@click.group()
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
    """Write each pipeline as KFP's intermediate representation, ready to be uploaded."""
    from headstart.pipelines import compile_all

    for path in compile_all(out):
        click.echo(str(path))
