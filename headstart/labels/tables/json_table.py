"""JSON documents that are tables (:mod:`.json_shapes`): most are a list of objects."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from headstart.errors import DataError
from headstart.labels.records import Ask, Reading, Reject, printable
from headstart.labels.sources.files import SourceFile
from headstart.labels.sources.published import said_by
from headstart.labels.tables import conventions, headers, json_file, json_shapes, jsonl, nested, tabular
from headstart.labels.tables.fields import Chosen
from headstart.labels.tables.json_shapes import LISTS, Part
from headstart.labels.tables.pieces import ROWS, Objects

_SMALL = 1 << 20  # bytes of a document that is looked at as a whole
_LOOK_AHEAD = 200  # rows
_SPLIT = conventions.SPLIT_NAMES[0]


def recognise(file: SourceFile) -> str | None:
    """A list of objects or lists, or an object that holds a table: one of a usual name, by split, or by column."""
    if file.suffix in jsonl.SUFFIXES:
        return None
    start = json_file.first_object(file)
    if start is None:
        return "it is a JSON list of lists" if json_file.is_list_of_lists(file) else None
    if start.is_list:
        return "it is a JSON list of objects"
    if jsonl.is_first_of_several(file):
        return None
    name = next(iter(start.members), "")
    found = next((name for name in LISTS if name in start.members), None) or (name if said_by(name) else None)
    value = start.members.get(found or "")
    if found and (isinstance(value, list) or value is json_file.CUT):
        return f"it is a JSON object whose {found!r} is a list"
    return "it is a JSON object that is a table" if _is_table(file, start) else None


def read(file: SourceFile, ask: Ask) -> Reading:
    """Every object of the table.

    Raises:
        DataError: The file is not JSON, or holds no table.
    """
    parts = _parts(file)
    names, chosen = _columns(parts, file, ask)
    return tabular.reading(nested.lifted(_pieces(file, parts, names), ask), file, ask, chosen)


def pieces(file: SourceFile) -> Iterator[Objects | Reject]:
    """Every object of the table; rows that are lists are refused.

    Raises:
        DataError: The file is not JSON, or holds no table.
    """
    return _pieces(file, _parts(file), ())


def _parts(file: SourceFile) -> Sequence[Part]:
    parts = json_shapes.parts(json_file.document(file))
    if not parts:
        remedy = "Export it as JSON Lines, or as a list of objects."
        raise DataError("data/unreadable", "it holds no list of objects.", remedy=remedy, where=file.name)
    return parts


def _is_table(file: SourceFile, start: json_file.Start) -> bool:
    """Whether an object is a table by columns or by rows: a large one is told by its start, a small one as a whole."""
    if file.path.stat().st_size > _SMALL:
        name, value = next(iter(start.members.items()), ("", None))
        return value is json_file.CUT and bool(conventions.exact([name], conventions.TEXT_NAMES))
    try:
        return bool(json_shapes.parts(json_file.document(file)))
    except DataError:
        return False


def _columns(parts: Sequence[Part], file: SourceFile, ask: Ask) -> tuple[list[str], Chosen | None]:
    """The names of the cells of rows that are lists, and which to read where no first row names them."""
    first = [row for part in parts for row in part.rows[:_LOOK_AHEAD]]
    lists = [row for row in first if isinstance(row, list)]
    if 2 * len(lists) <= len(first):
        return [], None
    rows = [["" if cell is None else str(cell) for cell in row] for row in lists if len(row) == len(lists[0])]
    names = headers.column_names(len(rows[0]))
    if headers.has_header(rows, ask):
        return rows[0], None
    chosen = headers.choose(rows, names, file.name, ask)
    return names, replace(chosen, split=_SPLIT if any(part.split for part in parts) else "")


def _pieces(file: SourceFile, parts: Sequence[Part], names: Sequence[str]) -> Iterator[Objects | Reject]:
    for part in parts:
        numbered = iter(enumerate(part.rows, start=1))
        while some := list(itertools.islice(numbered, ROWS)):
            rows = [
                (number, _object(row, part, names)) for number, row in some if not names or row != names or number > 1
            ]
            for number, row in rows:
                if not isinstance(row, dict):
                    place = f"{file.name}, {printable(part.unit)} {number}"
                    yield Reject(place, "wrong-columns" if names and isinstance(row, list) else "not-an-object", row)
            found = [(number, row) for number, row in rows if isinstance(row, dict)]
            if found:
                yield Objects([number for number, _ in found], [row for _, row in found], printable(part.unit))


def _object(row: Any, part: Part, names: Sequence[str]) -> Any:
    if names and isinstance(row, list) and len(row) == len(names):
        row = dict(zip(names, row, strict=True))
    return {_SPLIT: part.split, **row} if part.split and isinstance(row, dict) else row
