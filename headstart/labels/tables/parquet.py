"""Parquet tables."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from headstart.labels.records import Ask, Reading
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import columnar, nested_columns
from headstart.labels.tables.pieces import ROWS, Batch

_MAGIC = b"PAR1"
_KIND = "Parquet"


def recognise(file: SourceFile) -> str | None:
    """A file that starts with Parquet's magic bytes."""
    return "it starts with Parquet's magic bytes" if file.start(len(_MAGIC)) == _MAGIC else None


def read(file: SourceFile, ask: Ask) -> Reading:
    """Every row."""
    return columnar.reading(_schema(file), lambda columns: _batches(file, columns), file, ask, _KIND)


def names(file: SourceFile, path: str) -> list[str]:
    """The columns that there are, with the member of one that a path such as ``message.body`` leads to.

    Raises:
        DataError: The file is no Parquet, or a column stands twice.
    """
    schema = _schema(file)
    columnar.names_of(schema, file)
    found: list[str] = nested_columns.completed(schema, [path]).names
    return found


def pieces(file: SourceFile, columns: Sequence[str]) -> Iterator[Batch]:
    """Every row of some columns, or members of columns."""
    give = nested_columns.picked(lambda names: _batches(file, names), _schema(file))
    return columnar.pieces(lambda: give(list(columns)), file, _KIND)


def _schema(file: SourceFile) -> pa.Schema:
    with columnar.failing(file, _KIND):
        return pq.read_schema(file.path)


def _batches(file: SourceFile, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(file.path) as table:
        yield from table.iter_batches(batch_size=ROWS, columns=list(columns))
