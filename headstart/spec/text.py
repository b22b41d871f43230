"""From a spec's text to data: JSON or YAML, read strictly and without trusting it."""

import json
from collections.abc import Mapping
from typing import Any

import yaml

Location = tuple[str | int, ...]
Lines = Mapping[Location, int]
"""The line on which each key and list item of a text stands, counted from 1."""

_TEXT = "tag:yaml.org,2002:str"
# What PyYAML lets through: dates that are none, tags that do not fit, numbers of thousands of digits.
_SLIPPED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


class Refused(Exception):  # noqa: N818 (a reason, turned into an error by its reader)
    """Why a text cannot be read, and the line it is about, if one is known."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


def load(text: str) -> tuple[Any, Lines]:
    """The data that a text says, and the line of each key.

    Raises:
        Refused: It is neither JSON nor YAML, has a key twice or one that is no text, or holds itself.
    """
    try:
        # JSON first: YAML reads some of its strings differently, and refuses others.
        data = json.loads(text, object_pairs_hook=_each_key_once)
    except (ValueError, RecursionError):
        return _load_yaml(text)
    try:
        return data, _load_yaml(text)[1]
    except Refused:
        return data, {}


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("left to YAML, which knows the line")
    return dict(pairs)


def _load_yaml(text: str) -> tuple[Any, Lines]:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        return yaml.safe_load(text), _lines(node) if node else {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "not text"
        raise Refused(reason, mark.line + 1 if mark else None) from None
    except _SLIPPED as error:
        raise Refused(f"{type(error).__name__}: {error}") from None


def _lines(node: yaml.Node, at: Location = (), above: tuple[yaml.Node, ...] = ()) -> dict[Location, int]:
    line = node.start_mark.line + 1
    if node in above:
        raise Refused("a value that holds itself", line)
    lines: dict[Location, int] = {at: line} if at else {}
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = _name(key, seen)
            lines |= _lines(value, (*at, name), (*above, node)) | {(*at, name): key.start_mark.line + 1}
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines |= _lines(value, (*at, index), (*above, node))
    return lines


def _name(key: yaml.Node, seen: set[str]) -> str:
    """A mapping's key, which must be text and not stand twice: YAML itself would keep the last one silently."""
    line = key.start_mark.line + 1
    if not isinstance(key, yaml.ScalarNode) or key.tag != _TEXT:
        shown = key.value if isinstance(key, yaml.ScalarNode) else "..."
        raise Refused(f"key {shown!r} is no text", line)
    if key.value in seen:
        raise Refused(f"key {key.value!r} stands twice", line)
    seen.add(key.value)
    return str(key.value)
