"""How a delimited file is written, told from some of its rows: delimiter, quoting, header or columns."""

import contextlib
import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TextIO

from headstart.errors import DataError
from headstart.labels.records import Ask
from headstart.labels.sources.files import SourceFile
from headstart.labels.sources.text import BOM, ERRORS, decoded, open_text
from headstart.labels.tables import headers
from headstart.labels.tables.conventions import ROW_NAMES

_LONGEST_CELL = 1 << 24  # characters; Python's own limit of 128 Ki is shorter than long documents
_DELIMITERS = ",\t;|"
_TELLING = "\t;|"
_TOLD = re.compile(f"sep=([{_DELIMITERS}])\r?\n")  # a first line by which Excel is told the delimiter
_LOOK_AHEAD = 200  # rows
_PLACES, _PLACE = 8, 1 << 15  # where else a table without a header is looked at, and how many bytes there
_COMMON = 0.1  # the least share of rows for a width that is no mistake

Rows = list[list[str]]


class Dialect(NamedTuple):
    """How a table is written, its columns, and where its rows begin.

    ``offset`` is in bytes, and ``line`` is the line that stands there. A table without a header has ``seen`` instead,
    some rows from all over it. Where it ``is_open`` rows may have further cells, which are left aside.
    """

    delimiter: str
    is_quoted: bool
    columns: list[str]
    offset: int
    line: int
    seen: Sequence[Sequence[str]] | None = None
    is_open: bool = False


def dialect_of(file: SourceFile, ask: Ask) -> Dialect:
    """How a table is written.

    Raises:
        DataError: Its header names a column twice.
    """
    csv.field_size_limit(_LONGEST_CELL)
    with open_text(file.path) as stream:
        lines = list(itertools.islice(stream, _LOOK_AHEAD))
        told = _TOLD.fullmatch(lines[0]) if lines else None
        delimiter = told[1] if told else _delimiter(lines, file.name)
        is_quoted = delimiter != "\t" or _has_quoting(file, stream)
        numbered, taken = _first_rows(stream, delimiter, is_quoted, file.name)
    with file.path.open("rb") as raw:
        mark = len(BOM) if raw.read(len(BOM)) == BOM else 0
    begin, line = (mark + _size(lines[:1]), 2) if told else (mark, 1)
    if not numbered:
        return Dialect(delimiter, is_quoted, [], begin, line)
    number, rows = numbered[0][0], [cells for _, cells in numbered]
    rows[0] = _whole_header(rows)
    if headers.has_header(rows, ask):
        columns = named(rows[0], f"{file.name}, line {number}")
        return Dialect(delimiter, is_quoted, columns, mark + _size(taken), 1 + len(taken))
    is_open = delimiter == "\t" and not is_quoted
    width = _width(rows, is_open)
    every = itertools.chain(rows, _elsewhere(file, delimiter, is_quoted))
    whole = (tuple(cells[:width]) for cells in every if len(cells) == width or (is_open and len(cells) > width))
    seen = list(dict.fromkeys(whole))  # places of a small file overlap
    return Dialect(delimiter, is_quoted, headers.column_names(width), begin, line, seen, is_open)


def rows_of(
    lines: Iterable[str], delimiter: str, is_quoted: bool, name: str, first: int
) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row, with the number of its first line; none for a blank line.

    Raises:
        DataError: The quoting is broken.
    """
    if not is_quoted:
        for number, line in enumerate(lines, start=first):
            yield number, line.rstrip("\r\n").split(delimiter) if line.strip("\r\n") else []
        return
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    start = first
    try:
        for cells in reader:
            yield start, cells
            start = first + reader.line_num
    except csv.Error as error:
        remedy = "Mend the quoting from there on: a quote inside a quoted field is doubled, and every one is closed."
        raise DataError("data/unreadable", f"not CSV: {error}.", remedy=remedy, where=f"{name}, line {start}") from None


def named(header: Sequence[str], place: str) -> list[str]:
    """The names of the columns that a header gives; one without a name is called as in a table without a header.

    Raises:
        DataError: A name stands twice.
    """
    names = [
        name if name.strip() else said for name, said in zip(header, headers.column_names(len(header)), strict=True)
    ]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        remedy = "Name each column once, or remove it."
        raise DataError("data/unreadable", f"column {twice!r} stands twice in the header.", remedy=remedy, where=place)
    return names


def delimiter_of_all(lines: Sequence[str]) -> str | None:
    """The delimiter that each line has, and as often as the others; no comma, for commas stand in any text."""
    for delimiter in _TELLING:
        counts = {line.count(delimiter) for line in lines if line.strip()}
        if len(counts) == 1 and counts != {0}:
            return delimiter
    return None


def _delimiter(lines: Sequence[str], name: str) -> str:
    """The one of the usual delimiters that cuts most lines into as many cells as the first one, and that into most."""
    first = next((line for line in lines if line.strip()), "")
    if name.lower().endswith(".tsv") and "\t" in first:
        return "\t"
    found = None if name.lower().endswith(".csv") else delimiter_of_all(lines)
    return found or max(_DELIMITERS, key=lambda delimiter: _regularity(lines, delimiter))


def _regularity(lines: Sequence[str], delimiter: str) -> tuple[bool, int]:
    """Whether most rows have as many cells as the first one and more than one, and how many it has.

    Rows of a table with tabs may have more (:attr:`Dialect.is_open`).
    """
    try:
        widths = [len(cells) for cells in csv.reader(lines, delimiter=delimiter) if cells]
    except csv.Error:
        widths = []
    first, *others = widths or [0]
    alike = sum(width == first or (delimiter == "\t" and width > first) for width in others)
    return first > 1 and (not others or 2 * alike > len(others)), first


def _has_quoting(file: SourceFile, stream: TextIO) -> bool:
    """Whether a file with tabs makes sense when its quotes are taken for quoting."""
    if not file.contains(b'"'):
        return False
    stream.seek(0)
    width = 0
    with contextlib.suppress(DataError):
        for _, cells in rows_of(stream, "\t", True, "", 1):
            if cells and len(cells) != (width := width or len(cells)):
                return False
        return True
    return False


def _first_rows(
    stream: TextIO, delimiter: str, is_quoted: bool, name: str
) -> tuple[list[tuple[int, list[str]]], list[str]]:
    """The first rows with cells, and the lines up to the end of the first one."""
    stream.seek(0)
    read: list[str] = []
    taken: list[str] = []
    rows: list[tuple[int, list[str]]] = []

    def lines() -> Iterator[str]:
        for line in stream:
            read.append(line)
            yield line

    with contextlib.suppress(DataError):  # which taking the rows finds again
        for number, cells in rows_of(lines(), delimiter, is_quoted, name, 1):
            if not cells or (number == 1 and _TOLD.fullmatch(read[0])):
                continue
            rows.append((number, cells))
            taken = taken or list(read)
            if len(rows) == _LOOK_AHEAD:
                break
    return rows, taken


def _whole_header(rows: Rows) -> list[str]:
    """The first row with the name of the first column, which R leaves out where that names rows."""
    first, *rest = rows
    is_short = bool(rest) and all(len(cells) == len(first) + 1 for cells in rest)
    return [ROW_NAMES, *first] if is_short else first


def _width(rows: Rows, is_open: bool) -> int:
    """How many cells rows have: what is most usual, or what rows have at least, but for mistakes."""
    widths = Counter(map(len, rows))
    common = [width for width, count in widths.items() if count >= _COMMON * len(rows)]
    return min(common) if is_open and common else max(widths, key=widths.__getitem__)


def _elsewhere(file: SourceFile, delimiter: str, is_quoted: bool) -> Iterator[list[str]]:
    """Rows from all over the file, which may be in the order of its labels."""
    size = file.path.stat().st_size
    with file.path.open("rb") as stream:
        for place in range(1, _PLACES + 1):
            stream.seek(size * place // (_PLACES + 1))
            lines = [f"{line}\n" for line in decoded(stream.read(_PLACE)).split("\n")[1:-1]]  # whole ones
            with contextlib.suppress(DataError):  # a place inside quotes
                yield from (cells for _, cells in rows_of(lines, delimiter, is_quoted, file.name, 1) if cells)


def _size(lines: Iterable[str]) -> int:
    return sum(len(line.encode(errors=ERRORS)) for line in lines)
