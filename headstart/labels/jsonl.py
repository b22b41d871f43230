"""JSON Lines: one object a line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from headstart.errors import DataError
from headstart.labels import tabular
from headstart.labels.files import SourceFile
from headstart.labels.pieces import ROWS, Objects
from headstart.labels.records import Ask, Reading, Reject
from headstart.labels.text import BOM, decoded

LONGEST_LINE = 1 << 28  # bytes: lines that hold images are long
_CHUNK = 1 << 23
_SHOWN = 1000  # characters of a broken line that are kept
_EXACT = 2.0**53  # whole numbers from here on may have lost digits as floats


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
    return tabular.reading(pieces(file), file, ask)


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
    for number, line in _lines(file.path, file.name):
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:  # it is stricter than the export's writer may have been
            if not line.strip():
                continue
            row = _leniently(line, f"{file.name}, line {number}")
        if isinstance(row, dict):
            yield number, _exact(row, line)
        else:
            yield (
                number,
                row if isinstance(row, Reject) else Reject(f"{file.name}, line {number}", "not-an-object", row),
            )


def _leniently(line: bytes, place: str) -> Any:
    """What Python reads, with NaN, half characters and bytes that are not UTF-8."""
    text = decoded(line)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return Reject(place, "not-json", text.strip()[:_SHOWN])


def _exact(row: dict[str, Any], line: bytes) -> dict[str, Any]:
    """The object with whole numbers of any size, of which orjson makes floats."""
    for value in row.values():
        if isinstance(value, float) and abs(value) >= _EXACT:
            return json.loads(line)  # type: ignore[no-any-return]
    return row


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
