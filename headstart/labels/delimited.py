"""CSV and TSV tables with a header row."""

import csv
from collections.abc import Iterator
from typing import TYPE_CHECKING

from headstart.errors import DataError
from headstart.labels import tabular
from headstart.labels.records import Record, Reject, SourceFile
from headstart.labels.text import open_text
from headstart.spec import FieldsSpec

if TYPE_CHECKING:
    from _csv import Reader

_FIELD_LIMIT = 1 << 24  # bytes; Python's own limit of 128 KiB is shorter than long documents


def recognise(head: bytes, name: str) -> str | None:
    """A name that ends in .csv or .tsv, or a first line of at least two delimited names."""
    if name.lower().endswith((".csv", ".tsv")):
        return f"its name ends in {name[-4:].lower()}"
    return None


def read(file: SourceFile, fields: FieldsSpec, group_by: str | None) -> Iterator[Record | Reject]:
    """Every row below the header."""
    yield from tabular.records(rows(file), file, fields, group_by)


def rows(file: SourceFile) -> Iterator[tuple[str, tabular.Row | Reject]]:
    """Every row below the header with its place."""
    csv.field_size_limit(_FIELD_LIMIT)
    with open_text(file.path, file.name) as stream:
        delimiter = _delimiter(stream.readline())
        stream.seek(0)
        yield from _parsed(csv.reader(stream, delimiter=delimiter, strict=True), file.name)


def _delimiter(header: str) -> str:
    """The most frequent of the usual delimiters in the header; a comma where there is none."""
    return max(",\t;|", key=header.count)


def _parsed(reader: "Reader", name: str) -> Iterator[tuple[str, tabular.Row | Reject]]:
    header: list[str] | None = None
    start = 1
    try:
        for cells in reader:
            place, start = f"{name}, line {start}", reader.line_num + 1
            if not cells:
                continue
            if header is None:
                header = _checked(cells, name)
            elif len(cells) != len(header):
                yield place, Reject(place, "wrong-columns", cells)
            else:
                yield place, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        remedy = "Mend the quoting there: a quote inside a quoted field is doubled."
        raise DataError("data/unreadable", f"not CSV: {error}.", remedy=remedy, where=f"{name}, line {start}") from None


def _checked(header: list[str], name: str) -> list[str]:
    twice = {column for column in header if header.count(column) > 1}
    if twice:
        raise DataError(
            "data/unreadable",
            f"column {min(twice)!r} stands twice in the header.",
            remedy="Rename one.",
            where=f"{name}, line 1",
        )
    return header
