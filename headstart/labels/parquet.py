"""Parquet tables."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from headstart.errors import DataError
from headstart.labels import tabular
from headstart.labels.records import Record, Reject, SourceFile
from headstart.spec import FieldsSpec

_MAGIC = b"PAR1"


def recognise(head: bytes, name: str) -> str | None:
    """A file that starts with Parquet's magic bytes."""
    return "it starts with Parquet's magic bytes" if head.startswith(_MAGIC) else None


def read(file: SourceFile, fields: FieldsSpec, group_by: str | None) -> Iterator[Record | Reject]:
    """Every row of the table."""
    yield from tabular.records(rows(file), file, fields, group_by)


def rows(file: SourceFile) -> Iterator[tuple[str, tabular.Row | Reject]]:
    """Every row of the table with its place."""
    number = 0
    try:
        with pq.ParquetFile(file.path) as table:
            for batch in table.iter_batches(batch_size=4096):
                for row in batch.to_pylist():
                    number += 1
                    yield f"{file.name}, row {number}", row
    except (pa.ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise DataError(
            "data/unreadable",
            f"not Parquet: {reason}.",
            remedy="Write the file again.",
            where=f"{file.name}, after row {number}",
        ) from None
