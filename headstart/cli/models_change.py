"""headstart models promote, rollback, tag, delete and folder: what changes what others see."""

import click

from headstart.cli import output
from headstart.errors import UsageError
from headstart.registry import AliasMove, Registry

_reason = click.option("--reason", default="", metavar="TEXT", help="Why, for the history.")
_alias = click.option("--alias", default="champion", show_default=True, metavar="ALIAS", help="The alias to move.")


@click.command()
@output.reference
@_alias
@_reason
@output.registry
@output.as_json
def promote(reference: str, alias: str, reason: str, uri: str, as_json: bool) -> None:
    """Point an alias at a version, atomically: whoever asks for the alias gets the old version or the new one.

    NAME alone is the model's latest version.
    """
    registry = Registry(uri)
    version = registry.resolve(reference)
    _moved(registry.move(version.name, alias, version.version, reason or "by hand"), version.name, as_json)


@click.command()
@click.argument("name", metavar="NAME")
@_alias
@_reason
@output.registry
@output.as_json
def rollback(name: str, alias: str, reason: str, uri: str, as_json: bool) -> None:
    """Point an alias of NAME back at the version before; again, at the one before that."""
    _moved(Registry(uri).rollback(name, alias, reason or "rolled back"), name, as_json)


@click.command()
@output.reference
@click.argument("tag", metavar="TAG")
@click.option("--remove", is_flag=True, help="Take the tag away.")
@_reason
@output.registry
@output.as_json
def tag(reference: str, tag: str, remove: bool, reason: str, uri: str, as_json: bool) -> None:
    """Give the version NAME@NUMBER the tag TAG. A version that has one is kept by `headstart models gc`."""
    registry = Registry(uri)
    version = registry.resolve(reference)
    (registry.untag if remove else registry.tag)(version.name, version.version, tag, reason)
    tags = registry.tags(version.name)
    if as_json:
        output.say_json(tags)
        return
    for each, versions in tags.items():
        click.echo(f"{each}: {version.name} version{'s' if len(versions) > 1 else ''} {', '.join(map(str, versions))}")
    if not tags:
        click.echo(f"No version of {version.name} has a tag.")


@click.command()
@output.reference
@click.option("--undo", is_flag=True, help="Take the deletion back, where the files are still there.")
@_reason
@output.registry
@output.as_json
def delete(reference: str, undo: bool, reason: str, uri: str, as_json: bool) -> None:
    """Delete the version NAME@NUMBER. No alias may point at it.

    It is no longer listed, shown or loaded. Its record stays, its number is not given again, and `headstart models gc`
    frees the space in time; until then --undo brings it back.
    """
    name, _, number = reference.partition("@")
    if not (number.isascii() and number.isdigit()):
        raise UsageError("usage", f"{reference!r} names no version by number.", remedy="Write NAME@NUMBER.")
    registry = Registry(uri)
    if undo:
        registry.restore(name, int(number), reason)
    else:
        registry.delete(name, [int(number)], reason or "by hand")
    if as_json:
        output.say_json([mark.model_dump(mode="json") for mark in registry.marks(name)])
        return
    click.echo(f"{name} version {int(number)} is {'there again' if undo else 'deleted'}.")


@click.command()
@output.reference
@output.registry
@output.as_json
def folder(reference: str, uri: str, as_json: bool) -> None:
    """Lay a version out as a plain folder in the registry and print its URI. NAME alone is the latest version.

    KServe's storageUri and Hugging Face's from_pretrained can be given the folder as it is. It is a copy inside the
    store, on a local disk a second name for the same bytes.
    """
    found = Registry(uri).folder(reference)
    if as_json:
        output.say_json({"uri": found})
    else:
        click.echo(found)


def _moved(move: AliasMove, name: str, as_json: bool) -> None:
    if as_json:
        output.say_json(move.model_dump(mode="json"))
    else:
        click.echo(f"{name}@{move.alias} is version {move.version}, by {move.by}: {move.reason}")
