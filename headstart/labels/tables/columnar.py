"""What Parquet and Arrow tables share: columns by name, and the names that numbers stand for."""

import contextlib
import functools
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from headstart.errors import DataError
from headstart.labels.records import Ask, Reading
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import fields, nested, nested_columns, tabular, token_rows
from headstart.labels.tables.nested_columns import Batches
from headstart.labels.tables.pieces import Batch, Piece


def reading(schema: pa.Schema, batches: Batches, file: SourceFile, ask: Ask, kind: str) -> Reading:
    """Every row, of the columns that are needed.

    Args:
        schema: The table's columns.
        batches: Gives its rows.
        file: The table.
        ask: What the spec wants.
        kind: What the format is called.

    Raises:
        DataError: A column stands twice, is not there, or the file is damaged.
    """
    names_of(schema, file)
    batches = nested_columns.picked(batches, schema)
    schema = nested_columns.completed(schema, nested.named(ask))
    names: list[str] = schema.names
    fields.check_named(names, file.name, ask)

    @functools.cache
    def seen() -> Sequence[Piece]:
        """The first rows without what is large."""
        small = [field.name for field in schema if not _may_be_large(field.type)]
        return list(itertools.islice(pieces(lambda: batches(small), file, kind), 1))

    lists = [field.name for field in schema if _is_list(field.type)]
    if len(lists) > 1 and (tokens := token_rows.chosen(lists, seen(), ask)):
        chosen = fields.completed(tokens.fields, names, ask)
        tokens = token_rows.Tokens(chosen, vocabulary_of(schema, chosen.label))
        needed = [each for each in names if each in chosen.read]
        return token_rows.reading(pieces(lambda: batches(needed), file, kind), seen(), file, tokens)
    chosen = fields.choose(names, file.name, ask, lambda: tabular.columns(seen()))
    wanted = [each for each in names if each in chosen.read]
    rows = pieces(lambda: batches(wanted), file, kind)
    return tabular.reading(rows, file, ask, chosen, vocabulary_of(schema, chosen.label))


def names_of(schema: pa.Schema, file: SourceFile) -> list[str]:
    """The columns that there are.

    Raises:
        DataError: One stands twice.
    """
    names: list[str] = schema.names
    twice = next((each for each in names if names.count(each) > 1), None)
    if twice is not None:
        remedy = "Rename one and write the file again."
        raise DataError("data/unreadable", f"column {twice!r} stands twice.", remedy=remedy, where=file.name)
    return names


def pieces(batches: Callable[[], Iterator[pa.RecordBatch]], file: SourceFile, kind: str) -> Iterator[Batch]:
    """Every row.

    Raises:
        DataError: The file is damaged.
    """
    number = 0
    with failing(file, kind, lambda: number):
        for batch in batches():
            yield Batch(range(number + 1, number + 1 + len(batch)), batch)
            number += len(batch)


@contextlib.contextmanager
def failing(file: SourceFile, kind: str, row: Callable[[], int] = lambda: 0) -> Iterator[None]:
    """Within, what Arrow makes of a damaged file is one error, which says after which row it was met."""
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        where = f"{file.name}, after row {row()}" if row() else file.name
        problem = f"not {kind}: {reason}."
        raise DataError("data/unreadable", problem, remedy="Write the file again.", where=where) from None


def vocabulary_of(schema: pa.Schema, field: str) -> Sequence[str]:
    """The names that numbers in a field stand for, where Hugging Face datasets has written them down."""
    try:
        said: Any = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
        feature = said["info"]["features"][field]
        while "feature" in feature or isinstance(feature, list):  # a list of such
            feature = feature[0] if isinstance(feature, list) else feature["feature"]
        names = feature["names"]
    except (ValueError, LookupError, TypeError):
        return ()
    return names if isinstance(names, list) and all(isinstance(name, str) for name in names) else ()


def _is_list(kind: pa.DataType) -> bool:
    return any(is_kind(kind) for is_kind in (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list))


def _may_be_large(kind: pa.DataType) -> bool:
    """Whether it holds bytes, such as images."""
    if pa.types.is_struct(kind):
        return any(_may_be_large(field.type) for field in kind)
    if _is_list(kind):
        return _may_be_large(kind.value_type)
    return any(is_kind(kind) for is_kind in (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view))
