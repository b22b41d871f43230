"""JSON Lines: one object a line."""

import json
from collections.abc import Iterator

from headstart.labels import tabular
from headstart.labels.records import Reading, Reject, SourceFile
from headstart.labels.text import open_text
from headstart.spec import FieldsSpec

_SHOWN = 1000  # characters of a broken line that are kept


def recognise(file: SourceFile) -> str | None:
    """A name that ends in .jsonl or .ndjson, or a first line that is a JSON object by itself."""
    if file.name.lower().endswith((".jsonl", ".ndjson")):
        return f"its name ends in .{file.name.lower().rpartition('.')[2]}"
    try:
        return "its first line is a JSON object" if isinstance(json.loads(file.first_line()), dict) else None
    except (ValueError, RecursionError):
        return None


def read(file: SourceFile, fields: FieldsSpec, group_by: str | None) -> Reading:
    """Every line that is not blank."""
    return tabular.reading(rows(file), file, fields, group_by)


def rows(file: SourceFile) -> Iterator[tabular.Placed]:
    """Every line's object with its place."""
    with open_text(file.path, file.name) as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            place = f"{file.name}, line {number}"
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                yield place, Reject(place, "not-json", line.strip()[:_SHOWN])
                continue
            yield place, row if isinstance(row, dict) else Reject(place, "not-an-object", row)
