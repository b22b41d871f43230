"""headstart models list and show."""

import click

from headstart.cli import output
from headstart.registry import Registry
from headstart.spec import SPLITS


@click.group()
def models() -> None:
    """Look at the models in a registry."""


@models.command("list")
@output.registry
@output.as_json
def list_(uri: str, as_json: bool) -> None:
    """List the models with their versions and aliases."""
    registry = Registry(uri)
    found = {name: (registry.versions(name), registry.aliases(name)) for name in registry.models()}
    if as_json:
        output.say_json(
            [{"name": name, "versions": versions, "aliases": aliases} for name, (versions, aliases) in found.items()]
        )
        return
    if not found:
        click.echo(f"No models in {registry.uri}.")
    for name, (versions, aliases) in found.items():
        pointing = ", ".join(f"{alias} = {version}" for alias, version in aliases.items()) or "no alias"
        click.echo(
            f"{name}  {len(versions)} version{'s' if len(versions) > 1 else ''}, latest {versions[-1]}  ({pointing})"
        )


@models.command()
@click.argument("reference", metavar="NAME[@ALIAS|@NUMBER]")
@output.registry
@output.as_json
def show(reference: str, uri: str, as_json: bool) -> None:
    """Show one version: its figures, where it comes from, its files, and who moved the model's aliases.

    NAME alone is the model's latest version.
    """
    registry = Registry(uri)
    version = registry.resolve(reference)
    aliases = {alias: registry.history(version.name, alias) for alias in registry.aliases(version.name)}
    if as_json:
        moves = {alias: [move.model_dump(mode="json") for move in history] for alias, history in aliases.items()}
        output.say_json(version.said() | {"aliases": moves})
        return
    lineage = version.lineage
    click.echo(
        f"{version.name} version {version.version}, {version.task}, {len(version.labels)} labels, {version.created}"
    )
    for metric, estimate in version.metrics.items():
        click.echo(f"  {metric:<11} {estimate}")
    click.echo(
        f"  backbone    {lineage.backbone_source} {lineage.backbone_revision}".rstrip() + f", licence {lineage.licence}"
    )
    click.echo(f"  strategy    {lineage.strategy}")
    click.echo(f"  rows        {', '.join(f'{lineage.rows[split]} {split}' for split in SPLITS)}")
    click.echo(f"  dataset     {lineage.dataset}")
    click.echo(f"  passport    {lineage.passport}")
    click.echo(f"  decision    {lineage.decision}")
    click.echo(f"  headstart   {lineage.headstart}")
    for file in version.files:
        click.echo(f"  {file.size:>11,}  {file.sha256[:12]}  {file.path}")
    for alias, history in aliases.items():
        for move in history:
            click.echo(f"{alias} = {move.version} since {move.at}, by {move.by}: {move.reason}")
