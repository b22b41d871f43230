"""headstart models lineage."""

from collections.abc import Iterator
from pathlib import Path

import click

from headstart.cli import output
from headstart.errors import StoreError
from headstart.registry import Registry, lineage, provenance
from headstart.registry.lineage import Node
from headstart.spelling import harmless

_SHOWN = 12  # digits of a digest


@click.command("lineage")
@output.reference
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write it to this file as a page."
)
@output.registry
@output.as_json
def lineage_(reference: str, html: Path | None, uri: str, as_json: bool) -> None:
    """Show what a version was made of, by which code and runs, and who signed and promoted it.

    NAME alone is the model's latest version. --json has the whole of it, with the provenance statement.
    """
    registry = Registry(uri)
    version = registry.resolve(reference)
    tree = lineage.tree(registry.store, version)
    if html:
        from headstart.report.lineage import render

        try:
            html.write_text(render(version, tree, provenance.read(registry.store, version)), encoding="utf-8")
        except OSError as error:
            remedy = "Name a file in a folder that exists."
            raise StoreError("store/unreachable", f"{error.strerror}.", remedy=remedy, where=str(html)) from error
    if as_json:
        output.say_json(lineage.said(registry.store, version))
    elif html:
        click.echo(str(html))
    else:
        click.echo(click.style(tree.text, bold=True))
        for line in _drawn(tree):
            click.echo(line)


def _drawn(node: Node, before: str = "") -> Iterator[str]:
    """A line for each part, behind the branches that lead to it."""
    for place, part in enumerate(node.parts):
        is_last = place == len(node.parts) - 1
        yield f"{before}{'└── ' if is_last else '├── '}{_line(part)}"
        yield from _drawn(part, before + ("    " if is_last else "│   "))


def _line(node: Node) -> str:
    digest = click.style(node.digest[:_SHOWN], dim=True) if node.digest else ""
    return "  ".join(filter(None, (f"{click.style(node.kind, bold=True)}  {harmless(node.text)}".rstrip(), digest)))
