"""Writes docs/reference and the components' READMEs from the code, so that they say what the code does.

Run ``python -m docs.generate`` from the repository root; ``make docs`` does. Nothing that differs between
machines (a terminal's width, a date, a path) gets into the pages, so they are committed and a test compares them.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import click

from docs.pages import cli, errors, python, rejections, schedules, spec, steps

FOLDER = Path(__file__).parent / "reference"
PAGES: Mapping[str, Callable[[], list[str]]] = MappingProxyType(
    {
        "cli.md": cli.lines,
        "spec.md": spec.lines,
        "schedules.md": schedules.lines,
        "errors.md": errors.lines,
        "rejections.md": rejections.lines,
        "python.md": python.lines,
        "steps.md": steps.lines,
    }
)
COMPONENTS = Path(__file__).parents[1] / "components"
_HEADER = "<!-- Generated from the code by `make docs` (python -m docs.generate). Do not edit. -->"


def page(name: str) -> str:
    """The text of a page."""
    return "\n".join([_HEADER, "", *PAGES[name]()]).rstrip() + "\n"


def readme(component: str) -> str:
    """The text of a Kubeflow component's README; needs kfp."""
    from docs.pages import components

    return "\n".join([_HEADER, "", *components.lines(component)]).rstrip() + "\n"


def main() -> None:
    """Write every page, and the README of every component."""
    FOLDER.mkdir(exist_ok=True)
    for name in PAGES:
        path = FOLDER / name
        path.write_text(page(name), encoding="utf-8", newline="\n")
        click.echo(f"docs/reference/{name}")
    for path in sorted(COMPONENTS.glob("*/component.py")):
        name = path.parent.name
        (path.parent / "README.md").write_text(readme(name), encoding="utf-8", newline="\n")
        click.echo(f"components/{name}/README.md")


if __name__ == "__main__":
    main()
