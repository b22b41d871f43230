"""JSON Lines: one object a line."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from headstart.errors import DataError
from headstart.labels.records import Ask, Reading, Reject
from headstart.labels.sources.files import SourceFile
from headstart.labels.sources.text import BOM, decoded
from headstart.labels.tables import nested, tabular
from headstart.labels.tables.pieces import EXACT, ROWS, Objects

SUFFIXES = (".jsonl", ".ndjson")
LONGEST_LINE = 1 << 28  # bytes: lines that hold images are long
_CHUNK = 1 << 23
_SHOWN = 1000  # characters of a broken line that are kept


def recognise(file: SourceFile) -> str | None:
    """A name that ends in .jsonl or .ndjson, or a first line that is a JSON object by itself."""
    if file.suffix in SUFFIXES:
        return f"its name ends in {file.suffix}"
    return "its first line is a JSON object" if first_object(file) is not None else None


def first_object(file: SourceFile) -> dict[str, Any] | None:
    """The object on the file's first line, if one stands there by itself."""
    try:
        found = json.loads(file.first_line())
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def is_first_of_several(file: SourceFile) -> bool:
    """Whether the file's first line is an object by itself, and others follow."""
    if first_object(file) is None:
        return False
    with file.path.open("rb") as stream:
        return any(line.strip() for line in itertools.islice((line for line in stream if line.strip()), 1, 2))


def read(file: SourceFile, ask: Ask) -> Reading:
    """Every line that is not blank."""
    return tabular.reading(nested.lifted(pieces(file), ask), file, ask)


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
        DataError: A line is too long.
    """
    for number, value in values(file):
        yield (
            number,
            value if isinstance(value, dict | Reject) else Reject(_place(file, number), "not-an-object", value),
        )


def values(file: SourceFile) -> Iterator[tuple[int, Any | Reject]]:
    """Every line that is not blank, by its number: what it says in JSON, or why it says nothing.

    Raises:
        DataError: A line is too long.
    """
    for number, line in _lines(file.path, file.name):
        try:
            value = _exact(orjson.loads(line), line)
        except orjson.JSONDecodeError:  # it is stricter than the export's writer may have been
            if not line.strip():
                continue
            value = _leniently(line, _place(file, number))
        yield number, value


def _leniently(line: bytes, place: str) -> Any:
    """What Python reads, with NaN, half characters and bytes that are not UTF-8."""
    text = decoded(line)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return Reject(place, "not-json", text.strip()[:_SHOWN])


def _exact(value: Any, line: bytes) -> Any:
    """The value with whole numbers of any size among its own, of which orjson makes floats."""
    own = value.values() if isinstance(value, dict) else value if isinstance(value, list) else (value,)
    if any(isinstance(each, float) and abs(each) >= EXACT for each in own):
        return json.loads(line)
    return value


def _place(file: SourceFile, number: int) -> str:
    return f"{file.name}, line {number}"


def _lines(path: Path, name: str) -> Iterator[tuple[int, bytes]]:
    number = 1
    left = b""
    with path.open("rb") as stream:
        if stream.read(len(BOM)) != BOM:
            stream.seek(0)
        while more := stream.read(_CHUNK):
            lines = (left + more).splitlines(keepends=True)
            # The last one may go on, and a carriage return at the end may have its line feed to come.
            left = lines.pop()
            if len(left) > LONGEST_LINE:
                problem = f"the line is longer than {LONGEST_LINE >> 20} MiB."
                raise DataError(
                    "data/unreadable", problem, remedy="Cut it.", where=f"{name}, line {number + len(lines)}"
                )
            yield from enumerate(lines, start=number)
            number += len(lines)
    if left:
        yield number, left
