"""Writes docs/reference, the chart's README and the components' READMEs from the code, so that they say what it does.

Run ``python -m docs.generate`` from the repository root; ``make docs`` does. Nothing that differs between
machines (a terminal's width, a date, a path) gets into the pages, so they are committed and a test compares them.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import click

from docs.pages import chart, cli, cluster, errors, metrics, python, rejections, schedules, spec, steps

FOLDER = Path(__file__).parent / "reference"
PAGES: Mapping[str, Callable[[], list[str]]] = MappingProxyType(
    {
        "cli.md": cli.lines,
        "spec.md": spec.lines,
        "schedules.md": schedules.lines,
        "cluster.md": cluster.lines,
        "metrics.md": metrics.lines,
        "errors.md": errors.lines,
        "rejections.md": rejections.lines,
        "python.md": python.lines,
        "steps.md": steps.lines,
    }
)
CHART_README = chart.CHART / "README.md"
COMPONENTS = Path(__file__).parents[1] / "components"
_HEADER = "<!-- Generated from the code by `make docs` (python -m docs.generate). Do not edit. -->"


def page(name: str) -> str:
    """The text of a page of the reference."""
    return _text(PAGES[name]())


def chart_readme() -> str:
    """The text of the chart's README."""
    return _text(chart.lines())


def readme(component: str) -> str:
    """The text of a Kubeflow component's README; needs kfp."""
    from docs.pages import components

    return _text(components.lines(component))


def main() -> None:
    """Write every page, and the README of every component."""
    FOLDER.mkdir(exist_ok=True)
    for path, text in (
        *((FOLDER / name, page(name)) for name in PAGES),
        (CHART_README, chart_readme()),
        *(
            (each.with_name("README.md"), readme(each.parent.name))
            for each in sorted(COMPONENTS.glob("*/component.py"))
        ),
    ):
        path.write_text(text, encoding="utf-8", newline="\n")
        click.echo(path.relative_to(FOLDER.parents[1]).as_posix())


def _text(lines: list[str]) -> str:
    return "\n".join([_HEADER, "", *lines]).rstrip() + "\n"


if __name__ == "__main__":
    main()
