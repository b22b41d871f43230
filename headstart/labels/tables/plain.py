"""From rows to a block of records all at once, where they are nothing special; Python looks at the others."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headstart.labels.reconciling import blocks
from headstart.labels.tables import cells, pieces
from headstart.labels.tables.pieces import Piece
from headstart.labels.tables.rows import Layout, Odd, split_of

_NO_TEXT = pa.scalar(None, pa.string())


class _Plain(NamedTuple):
    """Columns of a block in the making, and which rows are nothing special."""

    columns: dict[str, pa.Array]
    rows: np.ndarray[Any, np.dtype[np.bool]]


def block(piece: Piece, layout: Layout) -> tuple[pa.RecordBatch | None, Sequence[int]]:
    """The rows that are nothing special, and the positions of those that need a closer look, in their order."""
    plain = _plain(piece, layout)
    if plain is None or not plain.rows.any():
        return None, range(len(piece.numbers))
    if not plain.rows.all():
        mask = pa.array(plain.rows)
        columns = {name: pc.filter(values, mask) for name, values in plain.columns.items()}
    else:
        columns = plain.columns
    missing = {name for name in blocks.SCHEMA.names if name not in columns}
    count = int(plain.rows.sum())
    columns |= {name: pa.nulls(count, blocks.SCHEMA.field(name).type) for name in missing}
    found = pa.RecordBatch.from_pydict({name: columns[name] for name in blocks.SCHEMA.names})
    return found, np.flatnonzero(~plain.rows).tolist()


def _plain(piece: Piece, layout: Layout) -> _Plain | None:
    """The columns of a block, where the layout and the rows are such that Arrow can do it all; else nothing."""
    chosen = layout.fields
    names = piece.names()
    is_plain = layout.form.value is cells.names and not (chosen.marks or chosen.image or chosen.by or chosen.time)
    text = pieces.strings(piece.column(chosen.text)) if is_plain and chosen.text in names else None
    label = _labels(piece, chosen.label, layout.form.named) if text is not None else None
    splits = _splits(piece, layout) if label is not None else None
    if text is None or label is None or splits is None:
        return None
    rows = pc.is_valid(text).to_numpy(zero_copy_only=False)
    columns = {**_places(piece, layout), "text": text, "label": label, "split": splits}
    for column, field in (("pair", chosen.pair), ("group", chosen.group)):
        if field:
            values = piece.column(field) if field in names else [None] * len(piece.numbers)
            found = pieces.strings(values if column == "pair" else _named(values))
            if found is None:
                return None
            columns[column] = pc.if_else(pc.equal(found, ""), _NO_TEXT, found) if column == "group" else found
            if column == "pair":
                rows &= pc.is_valid(found).to_numpy(zero_copy_only=False)
    return _Plain(columns, rows)


def _labels(piece: Piece, field: str, named: Callable[[str], str | None]) -> pa.DictionaryArray | None:
    """Labels by their names, without the white space around them, and none where nothing is left."""
    if field not in piece.names():
        return pa.nulls(len(piece.numbers), pa.string()).dictionary_encode()
    found = pieces.strings(_named(piece.column(field)))
    if found is None:
        return None
    encoded = found.dictionary_encode()
    stripped = [name.strip() for name in encoded.dictionary.to_pylist()]
    try:
        meant = [named(name) if name else None for name in stripped]
    except LookupError:
        return None
    names = list(dict.fromkeys(name for name in meant if name))
    number_of = {name: number for number, name in enumerate(names)}
    moved = pa.array([number_of.get(name) if name else None for name in meant], pa.int32())
    return pa.DictionaryArray.from_arrays(moved.take(encoded.indices), pa.array(names, pa.string()))


def _named(values: list[Any] | pa.Array) -> list[Any] | pa.Array:
    """Numbers and truth values as the names that they are; other values as they stand."""
    if isinstance(values, list):
        return values
    if pa.types.is_boolean(values.type):
        return pc.if_else(values, "True", "False")
    if pa.types.is_floating(values.type):
        values = pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)
        is_exact = pc.and_(pc.equal(values, pc.floor(values)), pc.less(pc.abs(values), pieces.EXACT))
        return values.cast(pa.int64()).cast(pa.string()) if pc.all(is_exact).as_py() else values
    return values.cast(pa.string()) if pa.types.is_integer(values.type) else values


def _splits(piece: Piece, layout: Layout) -> pa.Array | None:
    """The published split of each row, or nothing where some row's needs a closer look."""
    field = layout.fields.split
    if layout.file.split:
        return pa.array([layout.file.split] * len(piece.numbers), pa.string())
    if not field or field not in piece.names():
        return pa.nulls(len(piece.numbers), pa.string())
    found = pieces.strings(piece.column(field))
    if found is None:
        return None
    encoded = found.dictionary_encode()
    try:
        named = [split_of(name) for name in encoded.dictionary.to_pylist()]
    except Odd:
        return None
    return pa.array(named, pa.string()).take(encoded.indices)


def _places(piece: Piece, layout: Layout) -> dict[str, pa.Array]:
    zeros = np.zeros(len(piece.numbers), np.int32)
    place = pa.DictionaryArray.from_arrays(zeros, pa.array([f"{layout.file.name}, {piece.unit}"]))
    return {"place": place, "number": pa.array(np.asarray(piece.numbers, np.int64))}
