"""Reading a spec's text, and telling a user where in it a mistake stands."""

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from headstart.errors import SpecError

_LONGEST_SHOWN = 120  # characters of a value in an error
Location = tuple[str | int, ...]
HIDDEN = "hidden"  # the type of a complaint whose value must not be shown


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader that refuses a key written twice, where YAML's own would keep the last one silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:str":
                shown = key.value if isinstance(key, yaml.ScalarNode) else "..."
                raise yaml.constructor.ConstructorError(None, None, f"key {shown!r} is no text", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} stands twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


@dataclass(frozen=True)
class Document:
    """A parsed spec: its data, the name to call it by, and the line of each key."""

    name: str
    data: dict[str, Any]
    lines: Mapping[Location, int] = field(default_factory=dict)

    def explain(self, error: ValidationError, model: type[BaseModel]) -> SpecError:
        """Turn pydantic's complaints into one error with file, line, key, value and remedy."""
        # A union complains once for each branch; the deepest complaint is about what the user meant.
        complaints = [(self._written(each), each) for each in error.errors()]
        location, first = max(complaints[::-1], key=lambda pair: len(pair[0]))
        key, where = ".".join(map(str, location)) or "the spec", self._where(location)
        if first["type"] == "extra_forbidden":
            known = _keys_at(model, location[:-1])
            near = difflib.get_close_matches(str(location[-1]), known, n=1)
            remedy = f"Did you mean {near[0]!r}?" if near else f"Known keys here: {', '.join(known)}."
            return SpecError("spec/unknown-key", f"unknown key {key!r}.", remedy=remedy, where=where)
        if first["type"] == "missing":
            return SpecError("spec/missing-key", f"{key!r} is missing.", remedy="Add it.", where=where)
        here = [each for at, each in complaints if at == location]
        hidden = [each for each in here if each["type"] == HIDDEN]
        remedy = " or ".join(dict.fromkeys(_in_words(each["msg"]) for each in hidden or here))
        value = "***" if hidden else json.dumps(first["input"], default=str, ensure_ascii=False)
        shown = value if len(value) <= _LONGEST_SHOWN else value[: _LONGEST_SHOWN - 3] + "..."
        return SpecError(
            "spec/invalid-value", f"{key} is {shown}.", remedy=f"{remedy[0].upper()}{remedy[1:]}.", where=where
        )

    def _written(self, error: ErrorDetails) -> Location:
        """The part of pydantic's location that stands in the file: it also names the branches of unions."""
        location: Location = ()
        inner: object = self.data
        for part in error["loc"]:
            known = isinstance(inner, dict) and part in inner
            if known or (isinstance(inner, list) and isinstance(part, int)):
                inner, location = _item(inner, part), (*location, part)
        return (*location, error["loc"][-1]) if error["type"] == "missing" else location

    def _where(self, location: Location) -> str:
        while location and location not in self.lines:
            location = location[:-1]
        return f"{self.name}, line {self.lines[location]}" if location in self.lines else self.name


def _in_words(complaint: str) -> str:
    """A complaint of pydantic's in the words of a spec: it speaks of Python's types."""
    complaint = complaint.removeprefix("Value error, ")
    complaint = re.sub(r"valid dictionary( or instance of \w+)?", "mapping of keys to values", complaint)
    return complaint.replace("valid tuple", "list").replace("Tuple", "The list").replace("valid string", "text")


def _item(container: Any, part: str | int) -> object:
    return container[part]


def read(path: Path, overrides: Sequence[str] = ()) -> Document:
    """Read a YAML or JSON spec file and apply ``key=value`` overrides (the value is YAML).

    Raises:
        SpecError: The file is missing, is not UTF-8 or not a YAML mapping, or an override is malformed.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise SpecError(
            "spec/unreadable", f"cannot be read: {reason}.", remedy="Name a YAML or JSON spec file.", where=str(path)
        ) from None
    document = parse(text, name=str(path))
    for override in overrides:
        _apply(document.data, override)
    return document


def parse(text: str, name: str = "spec") -> Document:
    """Parse a spec's text (YAML, hence also JSON).

    Raises:
        SpecError: The text is not a YAML mapping.
    """
    try:
        node = yaml.compose(text, Loader=_StrictLoader)
        data = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 (a SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}, line {mark.line + 1}" if mark else name
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not text"
        raise SpecError(
            "spec/unreadable", f"not valid YAML: {problem}.", remedy="Mend the syntax there.", where=where
        ) from None
    if not isinstance(data, dict):
        raise SpecError(
            "spec/unreadable",
            "a spec is a mapping of keys to values.",
            remedy="Start with the keys name: and data:.",
            where=name,
        )
    return Document(name, data, _lines(node) if node else {})


def _lines(node: yaml.Node, at: Location = ()) -> dict[Location, int]:
    lines = {at: node.start_mark.line + 1} if at else {}
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            lines |= _lines(value, (*at, key.value)) | {(*at, key.value): key.start_mark.line + 1}
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines |= _lines(value, (*at, index))
    return lines


def _apply(data: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise SpecError(
            "spec/invalid-value",
            f"{override!r} sets nothing.",
            remedy="Write KEY=VALUE, for example tune.epochs=3.",
            where="--set",
        )
    try:
        value = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 (a SafeLoader)
    except yaml.YAMLError:
        raise SpecError(
            "spec/invalid-value", f"{text!r} is not a YAML value.", remedy="Quote it.", where=f"--set {key}"
        ) from None
    *parents, last = key.split(".")
    for parent in parents:
        child = data.setdefault(parent, {})
        if not isinstance(child, dict):
            # The short form `data: path` grows into its long form when one of its keys is set.
            child = data[parent] = {"source": child} if parent == "data" else {}
        data = child
    data[last] = value


def _keys_at(model: type[BaseModel], location: Location) -> list[str]:
    for part in location:
        annotation = model.model_fields[str(part)].annotation
        candidates = [annotation, *get_args(annotation)]
        model = next(kind for kind in candidates if isinstance(kind, type) and issubclass(kind, BaseModel))
    return list(model.model_fields)
