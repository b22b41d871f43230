"""Members of structures as columns: ``message.body`` is the member ``body`` of what the column ``message`` holds."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

Batches = Callable[[list[str]], Iterator[pa.RecordBatch]]
"""Gives the rows of some columns."""


def completed(schema: pa.Schema, paths: Iterable[str]) -> pa.Schema:
    """The columns, and behind them those of the paths that lead to a member; a column that is called so goes first."""
    for path in paths:
        if path not in schema.names and (found := _member(schema, path)) is not None:
            schema = schema.append(pa.field(path, found.type))
    return schema


def picked(batches: Batches, schema: pa.Schema) -> Batches:
    """What gives the rows of columns some of which may be such members.

    Args:
        batches: Gives those of the columns that the table has.
        schema: The table's own columns.
    """

    def give(columns: list[str]) -> Iterator[pa.RecordBatch]:
        inside = [name for name in columns if name not in schema.names]
        if not inside:
            yield from batches(columns)
            return
        outer = dict.fromkeys(name if name in schema.names else _parts(name)[0] for name in columns)
        for batch in batches(list(outer)):
            arrays = [_column(batch, name, name in inside) for name in columns]
            yield pa.RecordBatch.from_arrays(arrays, names=columns)

    return give


def _column(batch: pa.RecordBatch, name: str, is_inside: bool) -> pa.Array:
    if not is_inside:
        return batch.column(name)
    column, *members = _parts(name)
    return pc.struct_field(batch.column(column), members)


def _member(schema: pa.Schema, path: str) -> pa.Field | None:
    column, *members = _parts(path)
    found = schema.field(column) if members and column in schema.names else None
    for member in members:
        if found is None or not pa.types.is_struct(found.type) or found.type.get_field_index(member) < 0:
            return None
        found = found.type.field(member)
    return found


def _parts(path: str) -> Sequence[str]:
    return path.split(".")
