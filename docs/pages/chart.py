"""The chart's README: its values, from the comments and the defaults of ``values.yaml``."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from docs.pages.markdown import block, table

CHART = Path(__file__).parents[2] / "charts" / "headstart"
_MARK = "# -- "


def lines() -> list[str]:
    """What the chart is, how it is installed, and every value."""
    about = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))["description"]
    return [
        "# The chart",
        "",
        f"{about} [The guide](../../docs/guides/helm.md) says what to set for which use; values in `ci/` are tested.",
        "",
        *block(
            "bash",
            "helm dependency build charts/headstart\n"
            "helm install headstart charts/headstart --namespace team --values values.yaml\n"
            "helm test headstart --namespace team",
        ),
        "## Values",
        "",
        *table(
            ["value", "meaning", "default"], [(f"`{key}`", said, f"`{default}`") for key, said, default in values()]
        ),
    ]


def values() -> Iterator[tuple[str, str, str]]:
    """Each value that has a comment: its key, the comment, and its default as JSON.

    Raises:
        LookupError: A value has no comment, and neither has a value within it.
    """
    text = (CHART / "values.yaml").read_text(encoding="utf-8")
    yield from _within(yaml.compose(text), yaml.safe_load(text), text.splitlines(), ())


def _within(node: Any, data: Any, text: list[str], place: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    for key, value in node.value:
        name, inner = (*place, key.value), data[key.value]
        said = _comment(text, key.start_mark.line)
        if said:
            yield ".".join(name), said, json.dumps(inner, ensure_ascii=False)
        elif isinstance(value, yaml.MappingNode) and value.value:
            yield from _within(value, inner, text, name)
        else:
            raise LookupError(f"values.yaml has no comment on {'.'.join(name)}")


def _comment(text: list[str], line: int) -> str:
    """The comment right above a line, from its mark on."""
    said: list[str] = []
    while line and text[line - 1].lstrip().startswith("#"):
        line -= 1
        comment = text[line].strip()
        if comment.startswith(_MARK):
            return " ".join([comment.removeprefix(_MARK), *said])
        said.insert(0, comment.removeprefix("#").strip())
    return ""
