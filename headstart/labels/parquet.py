"""Parquet tables."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from headstart.errors import DataError
from headstart.labels import fields, tabular
from headstart.labels.files import SourceFile
from headstart.labels.pieces import ROWS, Batch
from headstart.labels.records import Ask, Reading

_MAGIC = b"PAR1"


def recognise(file: SourceFile) -> str | None:
    """A file that starts with Parquet's magic bytes."""
    return "it starts with Parquet's magic bytes" if file.start(len(_MAGIC)) == _MAGIC else None


def read(file: SourceFile, ask: Ask) -> Reading:
    """Every row, of the columns that are needed."""
    there = names(file)
    chosen = fields.choose(there, file.name, ask)
    wanted = {*chosen.read, tabular.SPLIT}
    return tabular.reading(pieces(file, [each for each in there if each in wanted]), file, ask, "row", chosen)


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


def pieces(file: SourceFile, columns: Sequence[str]) -> Iterator[Batch]:
    """Every row."""
    number = 0
    try:
        with pq.ParquetFile(file.path) as table:
            for batch in table.iter_batches(batch_size=ROWS, columns=list(columns)):
                yield Batch(range(number + 1, number + 1 + len(batch)), batch)
                number += len(batch)
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError) as error:
        raise _unreadable(error, file, number) from None


def _unreadable(error: Exception, file: SourceFile, number: int) -> DataError:
    reason = str(error).partition("\n")[0].rstrip(".")
    where = f"{file.name}, after row {number}" if number else file.name
    return DataError("data/unreadable", f"not Parquet: {reason}.", remedy="Write the file again.", where=where)
