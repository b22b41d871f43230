"""JSON documents that are tables: a list of objects, or an object that holds such a list."""

import itertools
from collections.abc import Iterator
from typing import Any

from headstart.errors import DataError
from headstart.labels.records import Ask, Reading, Reject
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import json_file, tabular
from headstart.labels.tables.pieces import ROWS, Objects

_LISTS = ("data", "rows", "records", "examples", "items", "documents")


def recognise(file: SourceFile) -> str | None:
    """A list whose first item is an object, or an object in which one of the usual fields holds a list."""
    start = json_file.first_object(file)
    if start is None:
        return None
    if start.is_list:
        return "it is a JSON list of objects"
    found = next((name for name in _LISTS if name in start.members), None)
    value = start.members.get(found or "")
    is_list = isinstance(value, list) or value is json_file.CUT
    return f"it is a JSON object whose {found!r} is a list" if found and is_list else None


def read(file: SourceFile, ask: Ask) -> Reading:
    """Every object of the list.

    Raises:
        DataError: The file is not JSON, or holds no list.
    """
    return tabular.reading(_pieces(file, _entries(file)), file, ask)


def _entries(file: SourceFile) -> list[Any]:
    found = json_file.document(file)
    if isinstance(found, dict):
        found = next((found[name] for name in _LISTS if isinstance(found.get(name), list)), found)
    if not isinstance(found, list):
        remedy = "Export it as JSON Lines, or as a list of objects."
        raise DataError("data/unreadable", "it holds no list of objects.", remedy=remedy, where=file.name)
    return found


def _pieces(file: SourceFile, entries: list[Any]) -> Iterator[Objects | Reject]:
    numbered = iter(enumerate(entries, start=1))
    while some := list(itertools.islice(numbered, ROWS)):
        for number, entry in some:
            if not isinstance(entry, dict):
                yield Reject(f"{file.name}, object {number}", "not-an-object", entry)
        rows = [(number, entry) for number, entry in some if isinstance(entry, dict)]
        if rows:
            yield Objects([number for number, _ in rows], [entry for _, entry in rows], "object")
