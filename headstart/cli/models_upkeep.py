"""headstart models pull, verify and gc: what moves or checks bytes."""

import click

from headstart.cli import output
from headstart.errors import UsageError
from headstart.registry import Registry
from headstart.registry.upkeep import Retention

_DAY = 24 * 3600.0


@click.command()
@output.reference
@click.argument("folder", metavar="FOLDER", type=click.Path())
@output.registry
@output.as_json
def pull(reference: str, folder: str, uri: str, as_json: bool) -> None:
    """Copy a version's files into FOLDER, each byte verified; from_pretrained can load it then.

    NAME alone is the model's latest version.

    What was interrupted goes on where it was when it is called again. Bytes from remote registries are kept on this
    machine (HEADSTART_CACHE), at most 100 GB of them (HEADSTART_CACHE_GB).
    """
    registry = Registry(uri)
    size = sum(file.size for file in registry.resolve(reference).files)
    with output.counting("pull", size) as moved:
        version = registry.pull(reference, folder, moved)
    if as_json:
        output.say_json(version.said())
        return
    click.echo(f"{version.name} version {version.version}, {len(version.files)} files, {_bytes(size)}, in {folder}")


@click.command()
@output.registry
@output.as_json
@click.pass_context
def verify(ctx: click.Context, uri: str, as_json: bool) -> None:
    """Read every record and every byte of a registry, and say what is not as it should be. Nothing is changed.

    The exit status is 1 where something was found.
    """
    registry = Registry(uri)
    with output.counting("verify", None) as moved:
        result = registry.verify(moved)
    if as_json:
        output.say_json(result.model_dump(mode="json"))
    else:
        click.echo(
            f"{result.models} models, {result.versions} versions, {result.blobs} files, {_bytes(result.bytes)}: "
            + (f"{len(result.findings)} problems" if result.findings else "all as it was published")
        )
        for each in result.findings:
            click.echo(f"  {each.where}: {each.problem} {each.remedy}")
    ctx.exit(1 if result.findings else 0)


@click.command()
@click.option("--apply", is_flag=True, help="Do it. Without this nothing is changed.")
@click.option("--keep-last", type=click.IntRange(min=1), metavar="N", help="Delete all but the last N versions.")
@click.option(
    "--younger-than",
    type=output.Finite(min=0),
    metavar="DAYS",
    help="With --keep-last: keep what is younger, too.",
)
@click.option("--model", "names", multiple=True, metavar="NAME", help="With --keep-last: only versions of this model.")
@click.option(
    "--grace",
    type=output.Finite(min=0),
    default=7.0,
    show_default=True,
    metavar="DAYS",
    help="Leave files alone for so long after they were written, or after the last version that has them was deleted.",
)
@output.registry
@output.as_json
def gc(
    apply: bool,
    keep_last: int | None,
    younger_than: float | None,
    names: tuple[str, ...],
    grace: float,
    uri: str,
    as_json: bool,
) -> None:
    """Say what no version needs, and with --apply delete it.

    With --keep-last old versions are deleted first; those that an alias points at or that have a tag are kept. Files
    are collected by the store's own clock, and never while a publisher needs them.
    """
    if keep_last is None and (younger_than is not None or names):
        problem = "--younger-than and --model say which versions --keep-last is for, and that is missing."
        raise UsageError("usage", problem, remedy="Give --keep-last N.", where="models gc")
    registry = Registry(uri)
    expired = {}
    if keep_last is not None:
        rule = Retention(keep_last=keep_last, younger_than=(younger_than or 0.0) * _DAY)
        expired = registry.expire(rule, apply, names)
    result = registry.collect(grace * _DAY, apply)
    if as_json:
        output.say_json(result.model_dump(mode="json") | {"versions": expired})
        return
    did = "Deleted" if apply else "Would delete"
    for name, versions in expired.items():
        click.echo(f"{did} {name} version{'s' if len(versions) > 1 else ''} {', '.join(map(str, versions))}")
    click.echo(f"{did} {len(result.blobs)} files that no version needs, {_bytes(result.bytes)}")
    for what, keys in (("files of plain folders", result.served), ("leases of writers that died", result.leases)):
        if keys:
            click.echo(f"{did} {len(keys)} {what}")
    if not apply:
        click.echo("Nothing was changed: --apply does it.")


def _bytes(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"
