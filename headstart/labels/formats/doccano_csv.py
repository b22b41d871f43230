"""doccano's CSV as the entries that its JSON would hold.

Since version 1.3 a row is a text, and its labels are parted by ``#``; before, a row was one annotation of a text.
"""

import itertools
from collections.abc import Iterator
from typing import Any

from headstart.labels.formats.entries import Entry
from headstart.labels.records import Reject
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import delimited

_SINCE_1_8 = frozenset({"id", "label", "Comments"})
_SINCE_1_3 = ["id", "data", "label"]
_BEFORE = frozenset({"id", "text", "label", "user", "annotation_approver"})
_OFFSETS = ("start_offset", "end_offset")


def recognise(file: SourceFile) -> bool:
    """Whether the first line names the columns of doccano's CSV."""
    header = [name.strip('"') for name in file.first_line().decode(errors="replace").split(",")]
    names = frozenset(header)
    return header[:3] == _SINCE_1_3 or names >= _SINCE_1_8 or names >= _BEFORE


def read(file: SourceFile) -> Iterator[Entry]:
    """Every text of the table.

    Raises:
        DataError: It is no CSV.
    """
    rows = _rows(file)
    first = next(rows, None)
    if first is None:
        return iter(())
    rows = itertools.chain([first], rows)
    return _by_text(rows) if isinstance(first.value, dict) and first.value.keys() >= _BEFORE else _plain(rows)


def _rows(file: SourceFile) -> Iterator[Entry]:
    for place, row in delimited.objects(file):
        yield Entry(place, row if isinstance(row, Reject) else dict(row))


def _plain(rows: Iterator[Entry]) -> Iterator[Entry]:
    for place, row in rows:
        if isinstance(row, dict) and isinstance(row.get("label"), str):
            row["label"] = [name for name in row["label"].split("#") if name.strip()]
        yield Entry(place, row)


def _by_text(rows: Iterator[Entry]) -> Iterator[Entry]:
    """The rows of a text, one after the other, as one entry with all its annotations."""
    for _, group in itertools.groupby(rows, key=_text_of):
        (place, row), *others = group
        if isinstance(row, Reject):
            yield Entry(place, row)
            continue
        about = {name: value for name, value in row.items() if name not in ("label", "user", *_OFFSETS)}
        annotations = [_annotation(each) for each in (row, *(other.value for other in others))]
        yield Entry(place, about | {"annotations": annotations})


def _text_of(row: Entry) -> tuple[str, ...]:
    """What rows of one text share; a row that is none shares it with no other."""
    return (row.value["id"], row.value["text"]) if isinstance(row.value, dict) else (row.place,)


def _annotation(row: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"label": row["label"], "user": row["user"]}
    for name in _OFFSETS:
        if row.get(name):
            found[name] = int(row[name]) if row[name].isdecimal() and len(row[name]) < 10 else row[name]
    return found
