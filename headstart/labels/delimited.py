"""CSV and TSV tables with a header row.

CSV follows RFC 4180: a field may be quoted, and then holds delimiters, line ends and doubled quotes. Files
with tabs are written with quoting by some programs and without by others, where a quote is just a quote;
they are read with quoting if that gives every row as many cells as the header has.
"""

import csv
from collections.abc import Iterable, Iterator
from typing import TextIO

from headstart.errors import DataError
from headstart.labels import tabular
from headstart.labels.files import SourceFile
from headstart.labels.pieces import ROWS, Cells
from headstart.labels.records import Ask, Reading, Reject
from headstart.labels.text import open_text

_LONGEST_CELL = 1 << 24  # characters; Python's own limit of 128 Ki is shorter than long documents
_DELIMITERS = ",\t;|"


def recognise(file: SourceFile) -> str | None:
    """A name that ends in .csv or .tsv."""
    if file.name.lower().endswith((".csv", ".tsv")):
        return f"its name ends in {file.name[-4:].lower()}"
    return None


def read(file: SourceFile, ask: Ask) -> Reading:
    """Every row below the header."""
    return tabular.reading(pieces(file), file, ask, "line")


def pieces(file: SourceFile) -> Iterator[Cells | Reject]:
    """Every row below the header."""
    csv.field_size_limit(_LONGEST_CELL)
    with open_text(file.path, file.name) as stream:
        delimiter = _delimiter(next((line for line in stream if line.strip()), ""), file.name)
        quoted = delimiter != "\t" or _is_quoted(stream, file.name)
        stream.seek(0)
        yield from _parsed(_quoted(stream, delimiter, file.name) if quoted else _unquoted(stream), file.name)


def _delimiter(header: str, name: str) -> str:
    """The one of the usual delimiters that cuts the header into most names; a comma where none does."""
    if name.lower().endswith(".tsv") and "\t" in header:
        return "\t"
    return max(_DELIMITERS, key=lambda delimiter: len(next(csv.reader([header], delimiter=delimiter), [])))


def _is_quoted(stream: TextIO, name: str) -> bool:
    """Whether a file with tabs makes sense when its quotes are taken for quoting."""
    stream.seek(0)
    try:
        widths = {len(cells) for _, cells in _quoted(stream, "\t", name) if cells}
    except DataError:
        return False
    return len(widths) <= 1


def _unquoted(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """The cells of each line, with the line's number."""
    for number, line in enumerate(lines, start=1):
        yield number, line.rstrip("\r\n").split("\t") if line.strip("\r\n") else []


def _quoted(lines: Iterable[str], delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row of CSV, with the number of its first line."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        remedy = "Mend the quoting from there on: a quote inside a quoted field is doubled, and every one is closed."
        raise DataError("data/unreadable", f"not CSV: {error}.", remedy=remedy, where=f"{name}, line {start}") from None


def _parsed(numbered: Iterable[tuple[int, list[str]]], name: str) -> Iterator[Cells | Reject]:
    header: list[str] | None = None
    numbers: list[int] = []
    rows: list[list[str]] = []
    for number, cells in numbered:
        if not cells:
            continue
        if header is None:
            header = _checked(cells, f"{name}, line {number}")
        elif len(cells) != len(header):
            yield Reject(f"{name}, line {number}", "wrong-columns", cells)
        else:
            numbers.append(number)
            rows.append(cells)
            if len(rows) == ROWS:
                yield Cells(numbers, header, rows)
                numbers, rows = [], []
    if header is not None:
        yield Cells(numbers, header, rows)


def _checked(header: list[str], place: str) -> list[str]:
    twice = next((column for column in header if header.count(column) > 1), None)
    if twice is not None:
        problem = f"column {twice!r} stands twice in the header." if twice else "several columns have no name."
        raise DataError("data/unreadable", problem, remedy="Name each column once, or remove it.", where=place)
    return header
