"""JSON Lines: one object a line."""

import json
from collections.abc import Iterator
from typing import Any

from headstart.labels import tabular
from headstart.labels.files import SourceFile
from headstart.labels.pieces import ROWS, Objects
from headstart.labels.records import Ask, Reading, Reject
from headstart.labels.text import open_text

_SHOWN = 1000  # characters of a broken line that are kept


def recognise(file: SourceFile) -> str | None:
    """A name that ends in .jsonl or .ndjson, or a first line that is a JSON object by itself."""
    if file.suffix in (".jsonl", ".ndjson"):
        return f"its name ends in {file.suffix}"
    return "its first line is a JSON object" if first_object(file) is not None else None


def first_object(file: SourceFile) -> dict[str, Any] | None:
    """The object on the file's first line, if one stands there by itself."""
    try:
        found = json.loads(file.first_line())
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def read(file: SourceFile, ask: Ask) -> Reading:
    """Every line that is not blank."""
    return tabular.reading(pieces(file), file, ask, "line")


def pieces(file: SourceFile) -> Iterator[Objects | Reject]:
    """Every line's object."""
    numbers: list[int] = []
    rows: list[dict[str, Any]] = []
    for number, row in objects(file):
        if isinstance(row, Reject):
            yield row
            continue
        numbers.append(number)
        rows.append(row)
        if len(rows) == ROWS:
            yield Objects(numbers, rows)
            numbers, rows = [], []
    if rows:
        yield Objects(numbers, rows)


def objects(file: SourceFile) -> Iterator[tuple[int, dict[str, Any] | Reject]]:
    """Every line that is not blank, by its number: the object, or why there is none.

    Raises:
        DataError: The file is not UTF-8.
    """
    for number, value in values(file):
        found = value if isinstance(value, dict | Reject) else Reject(_place(file, number), "not-an-object", value)
        yield number, found


def values(file: SourceFile) -> Iterator[tuple[int, Any | Reject]]:
    """Every line that is not blank, by its number: what it says in JSON, or why it says nothing.

    Raises:
        DataError: The file is not UTF-8.
    """
    with open_text(file.path, file.name) as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                value = Reject(_place(file, number), "not-json", line.strip()[:_SHOWN])
            yield number, value


def _place(file: SourceFile, number: int) -> str:
    return f"{file.name}, line {number}"
