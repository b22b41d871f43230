"""headstart models list and show; the other commands of the group are in modules of their own."""

import click

from headstart.cli import (
    models_change,
    models_diff,
    models_follow,
    models_lineage,
    models_signatures,
    models_transfer,
    models_upkeep,
    output,
)
from headstart.cli.group import Group
from headstart.registry import Registry, root
from headstart.spec import SPLITS


@click.group(cls=Group)
def models() -> None:
    """Look at the models in a registry, and look after them."""


@models.command("list")
@output.registry
@output.as_json
def list_(uri: str, as_json: bool) -> None:
    """List the models with their versions and aliases."""
    registry = Registry(uri)
    found = registry.catalog()
    if as_json:
        output.say_json(
            [{"name": name, "versions": held.versions, "aliases": held.aliases} for name, held in found.items()]
        )
        return
    if not found:
        empty, none = (
            f"No models in {registry.uri}.",
            f"There is no registry in {registry.uri}: a first version makes it.",
        )
        click.echo(empty if root.is_there(registry.store) else none)
    for name, held in found.items():
        versions = held.versions
        pointing = ", ".join(f"{alias} = {version}" for alias, version in held.aliases.items()) or "no alias"
        click.echo(
            f"{name}  {len(versions)} version{'s' if len(versions) > 1 else ''}, latest {versions[-1]}  ({pointing})"
        )


@models.command()
@output.reference
@output.registry
@output.as_json
def show(reference: str, uri: str, as_json: bool) -> None:
    """Show one version: its figures, where it comes from, its files, its tags, and who moved the model's aliases.

    NAME alone is the model's latest version.
    """
    registry = Registry(uri)
    version = registry.resolve(reference)
    aliases = {alias: registry.history(version.name, alias) for alias in registry.aliases(version.name)}
    tags = [tag for tag, versions in registry.tags(version.name).items() if version.version in versions]
    if as_json:
        moves = {alias: [move.model_dump(mode="json") for move in history] for alias, history in aliases.items()}
        output.say_json(version.said() | {"aliases": moves, "tags": tags})
        return
    lineage = version.lineage
    click.echo(
        f"{version.name} version {version.version}, {version.task}, {len(version.labels)} labels, {version.created}"
    )
    for metric, estimate in version.metrics.items():
        click.echo(f"  {metric:<11} {estimate}")
    if lineage.backbone:
        source = f"{lineage.backbone_source} {lineage.backbone_revision}".rstrip()
        click.echo(f"  backbone    {source}, licence {lineage.licence}")
    click.echo(f"  strategy    {lineage.strategy}")
    click.echo(f"  rows        {', '.join(f'{lineage.rows[split]} {split}' for split in SPLITS)}")
    click.echo(f"  dataset     {lineage.dataset}")
    click.echo(f"  passport    {lineage.passport}")
    click.echo(f"  decision    {lineage.decision}")
    click.echo(f"  headstart   {lineage.headstart}")
    if tags:
        click.echo(f"  tags        {', '.join(tags)}")
    for file in version.files:
        click.echo(f"  {file.size:>11,}  {file.sha256[:12]}  {file.path}")
    for alias, history in aliases.items():
        for move in history:
            click.echo(f"{alias} = {move.version} since {move.at}, by {move.by}: {move.reason}")


for command in (
    models_change.promote,
    models_change.rollback,
    models_change.tag,
    models_change.delete,
    models_change.folder,
    models_upkeep.pull,
    models_upkeep.verify,
    models_upkeep.gc,
    models_lineage.lineage_,
    models_diff.diff_,
    models_signatures.sign,
    models_signatures.verify_signature,
    models_follow.watch,
    models_follow.deliver,
    models_transfer.export,
    models_transfer.import_,
):
    models.add_command(command)
