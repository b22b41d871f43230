"""headstart models export and import."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from headstart.cli import output
from headstart.errors import UsageError
from headstart.registry import Registry, archive
from headstart.registry.transfer import Transferred, transfer

F = TypeVar("F", bound=Callable[..., object])


def _options(function: F) -> F:
    model = click.option("--model", "names", multiple=True, metavar="NAME", help="This model only.")
    aliases = click.option(
        "--aliases/--no-aliases", default=True, help="Whether aliases come along, with their history."
    )
    return model(aliases(output.registry(output.as_json(function))))


@click.command()
@click.argument("destination", metavar="DESTINATION", shell_complete=output.files)
@_options
def export(destination: str, names: tuple[str, ...], aliases: bool, uri: str, as_json: bool) -> None:
    """Copy models to another registry, or into one tar file.

    DESTINATION is a folder, a URI such as s3://bucket/prefix, or a file whose name ends in .tar. Numbers, bytes,
    signatures and history stay as they are, every byte is verified, and what was interrupted goes on when it is called
    again.
    """
    source = Registry(uri)
    with output.counting("export", None) as moved:
        if _is_archive(destination):
            with archive.written(Path(destination)) as target:
                done = transfer(source, target, names, aliases, moved)
        else:
            done = transfer(source, Registry(destination), names, aliases, moved)
    _say(done, source.uri, destination, as_json)


@click.command("import")
@click.argument("source", metavar="SOURCE", shell_complete=output.files)
@_options
def import_(source: str, names: tuple[str, ...], aliases: bool, uri: str, as_json: bool) -> None:
    """Copy models from another registry, or from the tar file of an export, into this one.

    SOURCE is a folder, a URI such as s3://bucket/prefix, or a file whose name ends in .tar. Nothing here is replaced:
    where this registry has another version under the same number, nothing of that model is copied.
    """
    target = Registry(uri)
    with output.counting("import", None) as moved:
        if _is_archive(source):
            with archive.read(Path(source)) as unpacked:
                done = transfer(unpacked, target, names, aliases, moved)
        else:
            done = transfer(Registry(source), target, names, aliases, moved)
    _say(done, source, target.uri, as_json)


def _is_archive(place: str) -> bool:
    if "://" in place:
        return False
    if re.search(r"\.(tgz|zip|tar\.\w+)$", place, re.IGNORECASE) and not Path(place).is_dir():
        problem = (
            f"{place} is neither a tar file nor a folder: an archive is not compressed, for weights hardly shrink."
        )
        raise UsageError("usage", problem, remedy=f"Name a file that ends in {archive.SUFFIX}.")
    return place.endswith(archive.SUFFIX)


def _say(done: Transferred, source: str, target: str, as_json: bool) -> None:
    if as_json:
        output.say_json(done.model_dump(mode="json"))
        return
    for version in done.versions:
        click.echo(version)
    click.echo(
        f"{len(done.versions)} versions and {done.entries} entries of logs from {source} to {target}; "
        f"{done.there} versions were there."
    )
