"""The sheets of an Excel workbook as tables of text."""

import contextlib
import datetime
import itertools
import re
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any, NamedTuple

from headstart.errors import DataError
from headstart.labels.sources.archive_rules import ArchiveError, Meter
from headstart.labels.sources.files import SourceFile

LOOK_AHEAD = 200
"""Rows of a sheet that it is judged by."""

_ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)
_ESCAPED = re.compile(r"_x(00[01][0-9A-Fa-f])_")  # a control character, such as the carriage return of an old line end


class Row(NamedTuple):
    """A row that holds anything: its number, and its cells up to the last one that does."""

    number: int
    cells: list[str]


class Sheet(NamedTuple):
    """A sheet: its title, and its rows in order, which can be taken until the next sheet is asked for."""

    title: str
    rows: Iterator[Row]


def sheets(file: SourceFile) -> Iterator[Sheet]:
    """Every sheet.

    Raises:
        DataError: The workbook is damaged, or unpacks to too much.
    """
    import openpyxl

    _measure(file)
    warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")  # about styles and checks of input
    with _failing(file), contextlib.closing(openpyxl.load_workbook(file.path, read_only=True, data_only=True)) as book:
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # which some programs write wrongly, and hostile ones as large as they like
            yield Sheet(sheet.title, _rows(sheet, file))


def heads(file: SourceFile) -> list[tuple[str, list[Row]]]:
    """The title and the first rows of every sheet.

    Raises:
        DataError: The workbook is damaged, or unpacks to too much.
    """
    return [(sheet.title, list(itertools.islice(sheet.rows, LOOK_AHEAD))) for sheet in sheets(file)]


def unreadable(reason: str, file: SourceFile, remedy: str = "Save it again as .xlsx, or as CSV.") -> DataError:
    """The error for a workbook that cannot be read."""
    problem = f"not a workbook that can be read: {reason.rstrip('.')}."
    return DataError("data/unreadable", problem, remedy=remedy, where=file.name)


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
        raise unreadable(str(error), file) from None


@contextlib.contextmanager
def _failing(file: SourceFile) -> Iterator[None]:
    try:
        yield
    except DataError:
        raise
    except Exception as error:  # openpyxl raises whatever the XML leads it to
        raise unreadable(str(error).partition("\n")[0] or type(error).__name__, file) from None


def _rows(sheet: Any, file: SourceFile) -> Iterator[Row]:
    with _failing(file):
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            texts = [_text(cell) for cell in cells]
            while texts and not texts[-1]:
                texts.pop()
            if texts:
                yield Row(number, texts)


def _text(cell: Any) -> str:
    """A cell as it would be in a CSV file; a formula's error is nothing."""
    if cell is None or (isinstance(cell, str) and cell in _ERRORS):
        return ""
    if isinstance(cell, str):
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), cell)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, datetime.date | datetime.time) else str(cell)
