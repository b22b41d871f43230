"""What Parquet and Arrow tables share: columns by name, and the names that numbers stand for."""

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from headstart.errors import DataError
from headstart.labels.records import Ask, Reading
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import fields, tabular, token_rows
from headstart.labels.tables.pieces import Batch

Batches = Callable[[list[str]], Iterator[pa.RecordBatch]]
"""Gives the rows of some columns."""


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
    names = names_of(schema, file)
    lists = [field.name for field in schema if pa.types.is_list(field.type) or pa.types.is_large_list(field.type)]
    if tokens := token_rows.chosen(lists, ask):
        fields.check_named(names, file.name, ask)
        tokens = replace(tokens, vocabulary=ask.labels or vocabulary_of(schema, tokens.tags))
        needed = [each for each in names if each in (tokens.tokens, tokens.tags, ask.group_by)]
        return token_rows.reading(pieces(lambda: batches(needed), file, kind), file, ask, tokens)
    chosen = fields.choose(names, file.name, ask)
    wanted = [each for each in names if each in (*chosen.read, tabular.SPLIT)]
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
        while isinstance(feature, dict) and "feature" in feature:  # a list of such
            feature = feature["feature"]
        names = feature["names"]
    except (ValueError, LookupError, TypeError):
        return ()
    return names if isinstance(names, list) and all(isinstance(name, str) for name in names) else ()
