"""Excel workbooks (.xlsx): every sheet is a table, whose cells are read as they would be in a CSV file.

Rows of one cell above a header are a title, and a sheet of one column is a note: they are left aside. Sheets that are
called as splits are publish them.
"""

import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from headstart.labels.records import Ask, Reading, Reject, printable
from headstart.labels.sources import published
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import conventions, headers, tabular, workbook
from headstart.labels.tables.dialect import named
from headstart.labels.tables.fields import Chosen
from headstart.labels.tables.pieces import ROWS, Cells
from headstart.labels.tables.workbook import Row, Sheet
from headstart.spec import Split

_OLE = b"\xd0\xcf\x11\xe0"
_KINDS = {"xl/workbook.xml": "", "xl/workbook.bin": "a binary workbook", "content.xml": "an OpenDocument file"}
_SPLIT = conventions.SPLIT_NAMES[0]


class _Table(NamedTuple):
    """What a sheet is as a table: the names of its columns, the number of its first row below the header, if any.

    ``split`` is what the sheet's title publishes, where no column does.
    """

    names: list[str]
    begin: int
    has_header: bool
    split: Split | None


def recognise(file: SourceFile) -> str | None:
    """A zip archive with a workbook in it; of another format or encrypted ones too, which are refused."""
    if file.start(len(_OLE)) == _OLE:
        return "it starts as an Excel file of before 2007 does"
    return "it is a zip archive with a workbook in it" if _kind(file) is not None else None


def read(file: SourceFile, ask: Ask) -> Reading:
    """Every row of every sheet but for their headers.

    Raises:
        DataError: The workbook is damaged, encrypted, of another format, or unpacks to too much, or its columns cannot
            be told.
    """
    if other := "encrypted, or of before 2007" if file.start(len(_OLE)) == _OLE else _kind(file):
        raise workbook.unreadable(f"it is {other}", file, "Save it as .xlsx without a password, or as CSV.")
    heads = workbook.heads(file)
    splits = published.by_name([title for title, _ in heads])
    tables = [_table(title, rows, split, file, ask) for (title, rows), split in zip(heads, splits, strict=True)]
    aside: Counter[str] = Counter()
    chosen = _chosen([rows for _, rows in heads], tables, file, ask)
    return tabular.reading(_pieces(file, tables, aside), file, ask, chosen, aside=aside)


def _kind(file: SourceFile) -> str | None:
    """What else than an Excel workbook the file is, nothing where it is one; None where it is neither."""
    try:
        with zipfile.ZipFile(file.path) as archive:
            members = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return None
    return next((kind for mark, kind in _KINDS.items() if mark in members), None)


def _table(title: str, rows: Sequence[Row], split: Split | None, file: SourceFile, ask: Ask) -> _Table | None:
    """The sheet as a table, judged by its first rows; None where it has no two columns."""
    wide = next((at for at, row in enumerate(rows) if sum(map(bool, row.cells)) > 1), None)
    if wide is None:
        return None
    width = max(len(row.cells) for row in rows)
    below = rows[wide:]
    if headers.has_header(_cells(below, width), ask):
        names = named(_cells(below, width)[0], f"{file.name}, sheet {title!r}")
        return _Table(names, below[0].number + 1, True, None if conventions.exact(names, (_SPLIT,)) else split)
    return _Table(headers.column_names(width), 1, False, split)


def _chosen(
    heads: Sequence[Sequence[Row]], tables: Sequence[_Table | None], file: SourceFile, ask: Ask
) -> Chosen | None:
    """Which columns to read where no sheet has a header: those that the first one tells."""
    found = [(rows, table) for rows, table in zip(heads, tables, strict=True) if table]
    if not found or any(table.has_header for _, table in found):
        return None
    rows, table = found[0]
    chosen = headers.choose(_cells(rows, len(table.names)), table.names, file.name, ask)
    return replace(chosen, split=_SPLIT if table.split else "")


def _pieces(file: SourceFile, tables: Sequence[_Table | None], aside: Counter[str]) -> Iterator[Cells | Reject]:
    for sheet, table in zip(workbook.sheets(file), tables, strict=True):
        if table is None:
            aside["rows of notes"] += sum(1 for _ in sheet.rows)
        else:
            yield from _rows(sheet, table, file.name, aside)
    for what in [what for what, count in aside.items() if not count]:
        del aside[what]


def _rows(sheet: Sheet, table: _Table, name: str, aside: Counter[str]) -> Iterator[Cells | Reject]:
    unit, width = f"sheet {printable(sheet.title)!r} row", len(table.names)
    names, more = ([*table.names, _SPLIT], [table.split]) if table.split else (table.names, [])
    numbers: list[int] = []
    rows: list[list[str]] = []
    for number, cells in sheet.rows:
        if number < table.begin:
            aside["title rows"] += number < table.begin - 1
        elif len(cells) > width:
            yield Reject(f"{name}, {unit} {number}", "wrong-columns", cells)
        else:
            numbers.append(number)
            rows.append([*cells, *[""] * (width - len(cells)), *more])
        if len(rows) == ROWS:
            yield Cells(numbers, names, rows, unit)
            numbers, rows = [], []
    if rows:
        yield Cells(numbers, names, rows, unit)


def _cells(rows: Sequence[Row], width: int) -> list[list[str]]:
    return [row.cells + [""] * (width - len(row.cells)) for row in rows]
