"""Parquet tables."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from headstart.errors import DataError
from headstart.labels import tabular
from headstart.labels.records import Reading, SourceFile
from headstart.spec import FieldsSpec

_MAGIC = b"PAR1"
_BATCH_ROWS = 4096


def recognise(file: SourceFile) -> str | None:
    """A file that starts with Parquet's magic bytes."""
    return "it starts with Parquet's magic bytes" if file.first_line().startswith(_MAGIC) else None


def read(file: SourceFile, fields: FieldsSpec, group_by: str | None) -> Reading:
    """Every row, of the columns that are needed."""
    there = names(file)
    columns = tabular.choose(there, file, fields, group_by)
    wanted = {columns.text, columns.label, columns.group, tabular.SPLIT}
    return Reading(str(columns), tabular.records(rows(file, [each for each in there if each in wanted]), file, columns))


def names(file: SourceFile) -> list[str]:
    """The columns that there are.

    Raises:
        DataError: The file is no Parquet, or a column stands twice.
    """
    try:
        there: list[str] = pq.read_schema(file.path).names
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(error, file, 0) from None
    twice = next((each for each in there if there.count(each) > 1), None)
    if twice is not None:
        remedy = "Rename one and write the file again."
        raise DataError("data/unreadable", f"column {twice!r} stands twice.", remedy=remedy, where=file.name)
    return there


def rows(file: SourceFile, columns: Sequence[str]) -> Iterator[tabular.Placed]:
    """Every row with its place."""
    number = 0
    try:
        with pq.ParquetFile(file.path) as table:
            for batch in table.iter_batches(batch_size=_BATCH_ROWS, columns=list(columns)):
                for row in batch.to_pylist():
                    number += 1
                    yield f"{file.name}, row {number}", row
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError) as error:
        raise _unreadable(error, file, number) from None


def _unreadable(error: Exception, file: SourceFile, number: int) -> DataError:
    reason = str(error).partition("\n")[0].rstrip(".")
    where = f"{file.name}, after row {number}" if number else file.name
    return DataError("data/unreadable", f"not Parquet: {reason}.", remedy="Write the file again.", where=where)
