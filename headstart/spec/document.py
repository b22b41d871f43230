"""A spec's document: its data, what overrides say, and where in it a mistake stands."""

import difflib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from headstart.errors import SpecError
from headstart.spec.text import Lines, Location, Refused, load
from headstart.spelling import scrubbed

HIDDEN = "hidden"  # the type of a complaint whose value must not be shown
_LONGEST_SHOWN = 120  # characters of a value in an error


@dataclass
class Document:
    """A parsed spec: its data, the name to call it by, the line of each key, and which keys were overridden."""

    name: str
    data: dict[str, Any]
    lines: Lines = field(default_factory=dict)
    overridden: set[Location] = field(default_factory=set)

    def override(self, setting: str, place: Callable[[str, Any], Any] = lambda key, value: value) -> None:
        """Set one key from ``key=value``, where the value is YAML.

        Args:
            setting: The key, with dots between its parts, and its value.
            place: Is given key and value, and says what to set instead.

        Raises:
            SpecError: The setting is malformed.
        """
        key, equals, text = setting.partition("=")
        if not equals or not key:
            remedy = "Write KEY=VALUE, for example tune.epochs=3."
            raise _error("spec/invalid-value", f"{setting!r} sets nothing.", remedy, "--set")
        try:
            value = place(key, load(text)[0])
        except Refused:
            raise _error("spec/invalid-value", f"{text!r} is not a YAML value.", "Quote it.", f"--set {key}") from None
        data, (*parents, last) = self.data, key.split(".")
        for parent in parents:
            child = data.setdefault(parent, {})
            if not isinstance(child, dict):
                # The short form `data: path` grows into its long form when one of its keys is set.
                child = data[parent] = {"source": child} if parent == "data" else {}
            data = child
        data[last] = value
        self.overridden.add((*parents, last))

    def explain(self, error: ValidationError, model: type[BaseModel]) -> SpecError:
        """Turn pydantic's complaints into one error with file, line, key, value and remedy."""
        # A union complains once for each branch; the deepest complaint is about what the user meant.
        complaints = [(self._written(each), each) for each in error.errors()]
        location, first = max(complaints[::-1], key=lambda pair: len(pair[0]))
        key, where = ".".join(map(str, location)), self._where(location)
        if first["type"] == "extra_forbidden":
            known = _keys_at(model, location[:-1])
            near = difflib.get_close_matches(str(location[-1]), known, n=1)
            remedy = f"Did you mean {near[0]!r}?" if near else f"Known keys here: {', '.join(known)}."
            return _error("spec/unknown-key", f"unknown key {key!r}.", remedy, where)
        if first["type"] == "missing":
            return _error("spec/missing-key", f"{key!r} is missing.", "Add it.", where)
        here = [each for at, each in complaints if at == location]
        hidden = [each for each in here if each["type"] == HIDDEN]
        remedy = " or ".join(dict.fromkeys(_in_words(each["msg"]) for each in hidden or here))
        shown = "***" if hidden else _shown(first["input"])
        remedy = f"{remedy[0].upper()}{remedy[1:]}."
        if not key:  # the whole file, which shows nothing
            return _error("spec/invalid-value", remedy, "Mend it there.", where)
        return _error("spec/invalid-value", f"{key} is {shown}.", remedy, where)

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
        while location:
            if location in self.overridden:
                return f"--set {'.'.join(map(str, location))}"
            if location in self.lines:
                return f"{self.name}, line {self.lines[location]}"
            location = location[:-1]
        return self.name


def read(path: Path, first: Sequence[str] = ("name", "data")) -> Document:
    """Read a spec or another YAML or JSON file.

    Args:
        path: The file.
        first: The keys that such a file begins with.

    Raises:
        SpecError: The file is missing, is not UTF-8 or not a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        remedy = "Name a YAML or JSON file."
        raise _error("spec/unreadable", f"cannot be read: {reason}.", remedy, str(path)) from None
    return parse(text, str(path), first)


def parse(text: str, name: str = "spec", first: Sequence[str] = ("name", "data")) -> Document:
    """Parse a file's text, which is JSON or YAML; see :func:`read`.

    Raises:
        SpecError: The text is neither, or not a mapping.
    """
    try:
        data, lines = load(text)
    except Refused as error:
        where = f"{name}, line {error.line}" if error.line else name
        raise _error("spec/unreadable", f"not valid YAML: {error.reason}.", "Mend it there.", where) from None
    if not isinstance(data, dict):
        keys = " and ".join(f"{key}:" for key in first)
        remedy = f"Start with {keys}." if keys else "Write KEY: VALUE."
        raise _error("spec/unreadable", "it is no mapping of keys to values.", remedy, name)
    return Document(name, data, lines)


def _error(code: str, problem: str, remedy: str, where: str) -> SpecError:
    return SpecError(code, scrubbed(problem), remedy=scrubbed(remedy), where=scrubbed(where))


def _shown(value: object) -> str:
    try:
        text = json.dumps(value, default=str, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = repr(value)
    text = scrubbed(text)  # before it is cut: half a secret would no longer look like one
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."


def _in_words(complaint: str) -> str:
    """A complaint of pydantic's in the words of a spec: it speaks of Python's types."""
    complaint = complaint.removeprefix("Value error, ")
    complaint = re.sub(r"valid dictionary( or instance of \w+)?", "mapping of keys to values", complaint)
    return complaint.replace("valid tuple", "list").replace("Tuple", "The list").replace("valid string", "text")


def _item(container: Any, part: str | int) -> object:
    return container[part]


def _keys_at(model: type[BaseModel], location: Location) -> list[str]:
    for part in location:
        if isinstance(part, int):  # an item of a list, whose model its key has named
            continue
        annotation = model.model_fields[part].annotation
        candidates = [annotation, *get_args(annotation)]
        model = next(kind for kind in candidates if isinstance(kind, type) and issubclass(kind, BaseModel))
    return list(model.model_fields)
