"""Label Studio's CSV and TSV export: the fields of its JSON-MIN export as columns, with JSON in cells that hold more.

A column that a control shares its name with is renamed by Label Studio: ``_data_text`` is the task's ``text`` then.
"""

import csv
import json
from collections.abc import Iterator
from typing import Any

from headstart.labels.formats.label_studio.json_min import REQUIRED, Row, read_rows, values
from headstart.labels.records import Ask, Reading, Reject
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import delimited

_LONGEST_HEADER = 1 << 16  # bytes


def recognise(file: SourceFile) -> str | None:
    """A header with ``annotation_id``, ``annotator`` and ``lead_time``."""
    header = file.start(_LONGEST_HEADER).decode("utf-8", errors="replace").lstrip().partition("\n")[0]
    for delimiter in ",\t;":
        try:
            names = next(csv.reader([header], delimiter=delimiter), [])
        except csv.Error:
            continue
        if set(names) >= REQUIRED:
            return "its header has annotation_id, annotator and lead_time"
    return None


def read(file: SourceFile, ask: Ask) -> Reading:
    """One record a row."""
    return read_rows(lambda: _rows(file), file, ask)


def _rows(file: SourceFile) -> Iterator[Row | Reject]:
    for place, row in delimited.objects(file):
        yield row if isinstance(row, Reject) else (place, {name: _decoded(cell) for name, cell in row.items()})


def _decoded(cell: str) -> Any:
    """What a control's cell spells as JSON; any other cell as it is."""
    if cell[:1] not in ("[", "{"):
        return cell
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        return cell
    return found if values(found) else cell
