"""Tables whose cells are parted by commas, tabs, semicolons or bars.

CSV follows RFC 4180: a field may be quoted, and then holds delimiters, line ends and doubled quotes. Files with tabs
are written with quoting by some programs and without by others, where a quote is just a quote; they are read with
quoting if that gives every row as many cells as the first one has. A table without a header is told by its first
row (:mod:`.headers`); its columns are then called ``column 1``, ``column 2`` and so on.
"""

import io
from collections import Counter
from collections.abc import Iterable, Iterator

from headstart.errors import DataError
from headstart.labels.records import Ask, Reading, Reject
from headstart.labels.sources.files import SourceFile
from headstart.labels.sources.text import ERRORS, decoded
from headstart.labels.tables import delimited_chunks, headers, tabular
from headstart.labels.tables.dialect import Dialect, delimiter_of_all, dialect_of, rows_of
from headstart.labels.tables.pieces import ROWS, Batch, Cells, Piece, Row

_LOOK_AHEAD = 200  # lines
_PLAIN = ("", ".txt", ".tab", ".dat", ".data")  # names that say nothing
_CALLED = {"\t": "tabs", ";": "semicolons", "|": "bars"}
_START = 1 << 16  # bytes that a table without a telling name is recognised by
_BEYOND = "cells beyond the last column"


def recognise(file: SourceFile) -> str | None:
    """A name that ends in .csv or .tsv, or one that says nothing and lines that all have as many tabs or the like."""
    if file.suffix in (".csv", ".tsv"):
        return f"its name ends in {file.suffix}"
    if file.suffix not in _PLAIN:
        return None
    lines = [line for line in decoded(file.start(_START)).split("\n")[:-1][:_LOOK_AHEAD] if line.strip()]
    if len(lines) < 2 or any("\0" in line for line in lines):
        return None
    delimiter = delimiter_of_all(lines)
    return f"its lines are cells parted by {_CALLED[delimiter]}" if delimiter else None


def read(file: SourceFile, ask: Ask) -> Reading:
    """Every row, but for the header."""
    dialect = dialect_of(file, ask)
    chosen = headers.choose(dialect.seen, dialect.columns, file.name, ask) if dialect.seen else None
    aside: Counter[str] = Counter()
    return tabular.reading(pieces(file, dialect, aside), file, ask, chosen, aside=aside)


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


def pieces(file: SourceFile, dialect: Dialect, aside: Counter[str] | None = None) -> Iterator[Piece | Reject]:
    """Every row; ``aside`` counts the cells that are left aside.

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
            rows = rows_of(lines, dialect.delimiter, dialect.is_quoted, file.name, chunk.line)
            yield from _pieces(rows, dialect, file.name, Counter() if aside is None else aside)


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


def _pieces(
    numbered: Iterable[tuple[int, list[str]]], dialect: Dialect, name: str, aside: Counter[str]
) -> Iterator[Cells | Reject]:
    columns = dialect.columns
    numbers: list[int] = []
    rows: list[list[str]] = []
    for number, cells in numbered:
        if not cells:
            continue
        if dialect.is_open and len(cells) > len(columns):
            aside[_BEYOND] += len(cells) - len(columns)
            del cells[len(columns) :]
        if len(cells) != len(columns):
            yield Reject(f"{name}, line {number}", "wrong-columns", cells)
            continue
        numbers.append(number)
        rows.append(cells)
        if len(rows) == ROWS:
            yield Cells(numbers, columns, rows)
            numbers, rows = [], []
    yield Cells(numbers, columns, rows)
