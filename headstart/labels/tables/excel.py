"""Excel workbooks (.xlsx): every sheet is a table; a cell is what it would be as text in a CSV file."""

import datetime
import itertools
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from headstart.errors import DataError
from headstart.labels.records import Ask, Reading
from headstart.labels.sources.archive_rules import ArchiveError, Meter
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import headers, tabular
from headstart.labels.tables.fields import Chosen
from headstart.labels.tables.pieces import ROWS, Objects

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MARK = "xl/workbook.xml"
_NOTHING = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})
_LOOK_AHEAD = 200  # rows

Row = tuple[int, list[str | None]]


def recognise(file: SourceFile) -> str | None:
    """A zip archive with a workbook in it, or a file of before 2007, or one that is encrypted, which are refused."""
    start = file.start(len(_ZIP))
    if start == _OLE:
        return "it starts as an Excel file of before 2007 does"
    try:
        with zipfile.ZipFile(file.path) as archive:
            return "it is a zip archive with a workbook in it" if _MARK in archive.namelist() else None
    except (zipfile.BadZipFile, OSError, ValueError):
        return None


def read(file: SourceFile, ask: Ask) -> Reading:
    """Every row of every sheet but for their headers.

    Raises:
        DataError: The workbook is damaged, encrypted, of before 2007, or unpacks to too much, or its columns cannot be
            told.
    """
    if file.start(len(_OLE)) == _OLE:
        raise _unreadable("it is encrypted, or of before 2007", file, "Save it as .xlsx without a password, or as CSV.")
    _measure(file)
    return tabular.reading(_pieces(file, ask), file, ask, _chosen(file, ask))


def _measure(file: SourceFile) -> None:
    """See that the workbook unpacks to no more than an archive may."""
    meter = Meter(file.path.stat().st_size)
    try:
        with zipfile.ZipFile(file.path) as archive:
            for info in archive.infolist():
                meter.count(info.file_size)
    except ArchiveError as refused:
        raise DataError("data/bad-archive", refused.sentence(), remedy=refused.remedy, where=file.name) from None
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise _unreadable(str(error), file) from None


def _chosen(file: SourceFile, ask: Ask) -> Chosen | None:
    """Which columns to read where the first sheet with rows has no header."""
    for _, rows in _sheets(file):
        first = [[cell or "" for cell in cells] for _, cells in itertools.islice(rows, _LOOK_AHEAD)]
        if first:
            return (
                None
                if _has_header(first, ask)
                else headers.choose(first, headers.column_names(len(first[0])), file.name, ask)
            )
    return None


def _pieces(file: SourceFile, ask: Ask) -> Iterator[Objects]:
    for title, rows in _sheets(file):
        first = list(itertools.islice(rows, _LOOK_AHEAD))
        if not first:
            continue
        names = headers.column_names(len(first[0][1]))
        if _has_header([[cell or "" for cell in cells] for _, cells in first], ask):
            names = _named(first.pop(0), names, f"{file.name}, sheet {title!r}")
        rest = itertools.chain(first, rows)
        while some := list(itertools.islice(rest, ROWS)):
            objects = [dict(zip(names, cells, strict=False)) for _, cells in some]
            yield Objects([number for number, _ in some], objects, f"sheet {title!r} row")


def _has_header(rows: Sequence[Sequence[str]], ask: Ask) -> bool:
    return headers.has_header(rows, [*ask.fields.model_dump().values(), ask.group_by or "", ask.time or ""])


def _named(row: Row, names: list[str], where: str) -> list[str]:
    found = [name if cell is None else cell for cell, name in zip(row[1], names, strict=True)]
    twice = next((name for name in found if found.count(name) > 1), None)
    if twice is not None:
        problem, remedy = f"column {twice!r} stands twice.", "Name each column once, or remove it."
        raise DataError("data/unreadable", problem, remedy=remedy, where=where)
    return found


def _sheets(file: SourceFile) -> Iterator[tuple[str, Iterator[Row]]]:
    """The title and the rows of each sheet; rows without a cell are left out.

    Raises:
        DataError: The workbook is damaged.
    """
    import openpyxl

    try:
        book = openpyxl.load_workbook(file.path, read_only=True, data_only=True)
        try:
            for sheet in book.worksheets:
                yield sheet.title, _rows(sheet)
        finally:
            book.close()
    except DataError:
        raise
    except Exception as error:  # openpyxl raises whatever the XML leads it to
        raise _unreadable(str(error).partition("\n")[0] or type(error).__name__, file) from None


def _rows(sheet: Any) -> Iterator[Row]:
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        texts = [_text(cell) for cell in cells]
        if any(text is not None for text in texts):
            yield number, texts


def _text(cell: Any) -> str | None:
    """A cell as text; a formula's error is nothing."""
    if cell is None or cell == "" or (isinstance(cell, str) and cell in _NOTHING):
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, datetime.date | datetime.time) else str(cell)


def _unreadable(reason: str, file: SourceFile, remedy: str = "Save it again as .xlsx, or as CSV.") -> DataError:
    return DataError(
        "data/unreadable", f"not a workbook that can be read: {reason.rstrip('.')}.", remedy=remedy, where=file.name
    )
