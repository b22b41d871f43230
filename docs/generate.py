"""Writes docs/reference from the code, so that the reference says what the code does.

Run ``python -m docs.generate`` from the repository root; ``make docs`` does. Nothing that differs between
machines (a terminal's width, a date, a path) gets into the pages, so they are committed and a test compares them.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import click

from docs.pages import cli, errors, python, rejections, spec, steps

FOLDER = Path(__file__).parent / "reference"
PAGES: Mapping[str, Callable[[], list[str]]] = MappingProxyType(
    {
        "cli.md": cli.lines,
        "spec.md": spec.lines,
        "errors.md": errors.lines,
        "rejections.md": rejections.lines,
        "python.md": python.lines,
        "steps.md": steps.lines,
    }
)
_HEADER = "<!-- Generated from the code by `make docs` (python -m docs.generate). Do not edit. -->"


def page(name: str) -> str:
    """The text of a page."""
    return "\n".join([_HEADER, "", *PAGES[name]()]).rstrip() + "\n"


def main() -> None:
    """Write every page."""
    FOLDER.mkdir(exist_ok=True)
    for name in PAGES:
        path = FOLDER / name
        path.write_text(page(name), encoding="utf-8", newline="\n")
        click.echo(f"docs/reference/{name}")


if __name__ == "__main__":
    main()
