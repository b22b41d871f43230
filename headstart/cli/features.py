"""headstart features show and prune."""

from typing import TYPE_CHECKING

import click

from headstart.cli import output
from headstart.cli.group import Group
from headstart.errors import UsageError

if TYPE_CHECKING:
    from headstart.features.upkeep import Holding

_workspace = output.uri_option(
    "--workspace",
    "uri",
    default=".headstart/work",
    show_default=True,
    help="The workspace: a folder or s3://bucket/prefix.",
)


@click.group(cls=Group)
def features() -> None:
    """Look after the stored features of backbones."""


@features.command()
@_workspace
@output.as_json
def show(uri: str, as_json: bool) -> None:
    """Show what is stored: backbones, layers, poolings, rows and bytes."""
    from headstart.features import upkeep
    from headstart.workspace import Workspace

    found = upkeep.holdings(Workspace.open(uri))
    if as_json:
        output.say_json([each.model_dump(mode="json") for each in found])
        return
    if not found:
        click.echo(f"No features in {uri}.")
    for each in found:
        click.echo(_line(each))


@features.command()
@_workspace
@click.option(
    "--keep-days", type=output.Finite(min=0), default=None, metavar="N", help="Remove what N days did not use."
)
@click.option("--backbone", default=None, metavar="NAME", help="Remove the features of the backbone NAME.")
@output.as_json
def prune(uri: str, keep_days: float | None, backbone: str | None, as_json: bool) -> None:
    """Remove features of backbones: of those not used for N days, or of one by name.

    Only time is lost: a run that needs them computes them again.
    """
    from headstart.features import upkeep
    from headstart.workspace import Workspace

    if (keep_days is None) == (backbone is None):
        problem = f"{'neither' if backbone is None else 'both'} of --keep-days and --backbone given."
        raise UsageError("usage", problem, remedy="Give one of them.", where="features prune")
    removed = upkeep.prune(Workspace.open(uri), keep_days, backbone)
    if as_json:
        output.say_json([each.model_dump(mode="json") for each in removed])
        return
    for each in removed:
        click.echo(f"Removed {_line(each)}")
    if not removed:
        click.echo(f"Everything in {uri} was used within {keep_days:g} days.")


def _line(held: "Holding") -> str:
    layers = _ranges(held.layers)
    what = f"{held.rows} rows, layers {layers}, {' and '.join(held.poolings)} pooling" if held.rows else "no rows"
    return f"{held.backbone} ({held.identity[:12]})  {what}, {held.bytes / 1e6:,.1f} MB, used {held.used}"


def _ranges(numbers: tuple[int, ...]) -> str:
    """``0-6`` for a row of numbers without a gap, else each of them."""
    if len(numbers) > 1 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]}-{numbers[-1]}"
    return ", ".join(map(str, numbers))
