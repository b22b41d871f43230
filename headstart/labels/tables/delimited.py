"""Tables whose cells are parted by commas, tabs, semicolons or bars.

CSV follows RFC 4180: a field may be quoted, and then holds delimiters, line ends and doubled quotes. Files with tabs
are written with quoting by some programs and without by others, where a quote is just a quote; they are read with
quoting if that gives every row as many cells as the first one has. A table without a header is told by its first
row (:mod:`.headers`); its columns are then called ``column 1``, ``column 2`` and so on.
"""

import contextlib
import csv
import io
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TextIO

from headstart.errors import DataError
from headstart.labels.records import Ask, Reading, Reject
from headstart.labels.sources.files import SourceFile
from headstart.labels.sources.text import BOM, ERRORS, decoded, open_text
from headstart.labels.tables import delimited_chunks, headers, tabular
from headstart.labels.tables.fields import Chosen
from headstart.labels.tables.pieces import ROWS, Batch, Cells, Piece, Row

_LONGEST_CELL = 1 << 24  # characters; Python's own limit of 128 Ki is shorter than long documents
_DELIMITERS = ",\t;|"
_LOOK_AHEAD = 200  # rows
_PLAIN = ("", ".txt", ".tab", ".dat", ".data")  # names that say nothing
_START = 1 << 16  # bytes that a table without a telling name is recognised by


class Dialect(NamedTuple):
    """How a table is written, its columns, where its rows begin, and, where it has no header, which columns to read.

    ``offset`` is in bytes, and ``line`` is the line that stands there.
    """

    delimiter: str
    is_quoted: bool
    columns: list[str]
    offset: int
    line: int
    chosen: Chosen | None = None


def recognise(file: SourceFile) -> str | None:
    """A name that ends in .csv or .tsv, or one that says nothing and lines that all have as many tabs."""
    if file.suffix in (".csv", ".tsv"):
        return f"its name ends in {file.suffix}"
    if file.suffix not in _PLAIN:
        return None
    lines = decoded(file.start(_START)).splitlines()[:-1][:_LOOK_AHEAD]
    tabs = {line.count("\t") for line in lines if line.strip()}
    if len(lines) > 1 and len(tabs) == 1 and tabs != {0} and not any("\0" in line for line in lines):
        return "its lines are cells parted by tabs"
    return None


def read(file: SourceFile, ask: Ask) -> Reading:
    """Every row, but for the header."""
    dialect = dialect_of(file, ask)
    return tabular.reading(pieces(file, dialect), file, ask, dialect.chosen)


def objects(file: SourceFile) -> Iterator[tuple[str, Row | Reject]]:
    """Every row with its place as an object, for exports whose columns are known.

    Raises:
        DataError: The table cannot be read.
    """
    for piece in pieces(file, dialect_of(file, Ask())):
        if isinstance(piece, Reject):
            yield piece.place, piece
            continue
        for index, number in enumerate(piece.numbers):
            yield f"{file.name}, line {number}", piece.row(index)


def dialect_of(file: SourceFile, ask: Ask) -> Dialect:
    """How a table is written.

    Raises:
        DataError: Its header names a column twice, or it has none and its columns cannot be told.
    """
    csv.field_size_limit(_LONGEST_CELL)
    with open_text(file.path) as stream:
        delimiter = _delimiter(next((line for line in stream if line.strip()), ""), file.name)
        is_quoted = delimiter != "\t" or _has_quoting(stream)
        rows, taken = _first_rows(stream, delimiter, is_quoted, file.name)
    mark = len(BOM) if file.path.open("rb").read(len(BOM)) == BOM else 0
    if not rows:
        return Dialect(delimiter, is_quoted, [], mark, 1)
    (number, first), *_ = rows
    alike = [cells for _, cells in rows if len(cells) == len(first)]
    named = [*ask.fields.model_dump().values(), ask.group_by or "", ask.time or ""]
    if headers.has_header(alike, named):
        columns = _checked(first, f"{file.name}, line {number}")
        return Dialect(delimiter, is_quoted, columns, mark + _size(taken), 1 + len(taken))
    names = headers.column_names(len(first))
    return Dialect(delimiter, is_quoted, names, mark, 1, headers.choose(alike, names, file.name, ask))


def pieces(file: SourceFile, dialect: Dialect) -> Iterator[Piece | Reject]:
    """Every row.

    Raises:
        DataError: The quoting is broken.
    """
    for chunk in _chunks(file, dialect):
        if chunk.batch is not None:
            yield Batch(range(chunk.line, chunk.line + len(chunk.batch)), chunk.batch, "line")
            continue
        with file.path.open("rb") as stream:
            stream.seek(chunk.start)
            part = io.BytesIO(stream.read(chunk.end - chunk.start)) if chunk.end is not None else stream
            lines = io.TextIOWrapper(part, encoding="utf-8", errors=ERRORS, newline="")
            rows = _rows(lines, dialect.delimiter, dialect.is_quoted, file.name, chunk.line)
            yield from _pieces(rows, dialect.columns, file.name)


def _chunks(file: SourceFile, dialect: Dialect) -> Iterator[delimited_chunks.Chunk]:
    if not dialect.columns:
        return
    start, line = dialect.offset, dialect.line
    try:
        yield from delimited_chunks.chunks(
            file.path, start, line, dialect.delimiter, dialect.is_quoted, dialect.columns
        )
    except delimited_chunks.TooLong as error:
        problem = f"a row is longer than {delimited_chunks.LONGEST_ROW >> 20} MiB."
        where, remedy = f"{file.name}, line {error.line}", "Look for a quote that is not closed, or cut the row."
        raise DataError("data/unreadable", problem, remedy=remedy, where=where) from None


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
        for number, cells in _rows(lines(), delimiter, is_quoted, name, 1):
            if not cells:
                continue
            rows.append((number, cells))
            taken = taken or list(read)
            if len(rows) == _LOOK_AHEAD:
                break
    return rows, taken


def _size(lines: Iterable[str]) -> int:
    return sum(len(line.encode(errors=ERRORS)) for line in lines)


def _delimiter(header: str, name: str) -> str:
    """The one of the usual delimiters that cuts the first line into most cells; a comma where none does."""
    if name.lower().endswith(".tsv") and "\t" in header:
        return "\t"
    return max(_DELIMITERS, key=lambda delimiter: len(next(csv.reader([header], delimiter=delimiter), [])))


def _has_quoting(stream: TextIO) -> bool:
    """Whether a file with tabs makes sense when its quotes are taken for quoting."""
    stream.seek(0)
    try:
        widths = {len(cells) for _, cells in _rows(stream, "\t", True, "", 1) if cells}
    except DataError:
        return False
    return len(widths) <= 1


def _rows(
    lines: Iterable[str], delimiter: str, is_quoted: bool, name: str, first: int
) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row, with the number of its first line; none for a blank line."""
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


def _pieces(numbered: Iterable[tuple[int, list[str]]], columns: list[str], name: str) -> Iterator[Cells | Reject]:
    numbers: list[int] = []
    rows: list[list[str]] = []
    for number, cells in numbered:
        if not cells:
            continue
        if len(cells) != len(columns):
            yield Reject(f"{name}, line {number}", "wrong-columns", cells)
            continue
        numbers.append(number)
        rows.append(cells)
        if len(rows) == ROWS:
            yield Cells(numbers, columns, rows)
            numbers, rows = [], []
    yield Cells(numbers, columns, rows)


def _checked(header: list[str], place: str) -> list[str]:
    twice = next((column for column in header if header.count(column) > 1), None)
    if twice is not None:
        problem = f"column {twice!r} stands twice in the header." if twice else "several columns have no name."
        raise DataError("data/unreadable", problem, remedy="Name each column once, or remove it.", where=place)
    return header
