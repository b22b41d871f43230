"""What all tables share: which field holds what, and from rows to records, in blocks where a row is nothing special."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headstart.labels import times
from headstart.labels.images.check import checked
from headstart.labels.reconciling import blocks
from headstart.labels.records import Ask, Names, Reading, Record, Reject, Vote, is_clean
from headstart.labels.sources.files import SourceFile, UnseenImage
from headstart.labels.tables import cells, fields, pieces, token_rows
from headstart.labels.tables.pieces import Piece
from headstart.spec import SPLITS

SPLIT = "split"
_SPLIT_ALIASES = {"dev": "validation", "valid": "validation", "val": "validation", "eval": "validation"}
_NO_TEXT = pa.scalar(None, pa.string())
_LOOK_AHEAD = 1000  # rows that are seen before fields and their forms are chosen: not every row has every field


@dataclass(frozen=True, slots=True)
class Layout:
    """Which fields hold what, and how the label field is read."""

    file: SourceFile
    fields: fields.Chosen
    form: cells.Form

    def place(self, piece: Piece, index: int) -> str:
        """Where a row stands, in words."""
        return f"{self.file.name}, {piece.unit} {piece.numbers[index]}"


def reading(
    items: Iterator[Piece | Reject],
    file: SourceFile,
    ask: Ask,
    chosen: fields.Chosen | None = None,
    vocabulary: Sequence[str] = (),
) -> Reading:
    """A reading of a table.

    Args:
        items: Its rows, some thousand at a time, and what was found that is no row.
        file: Where they are from.
        ask: What the spec wants.
        chosen: Which fields hold what, where that is known from the whole table; else the first rows tell.
        vocabulary: What numbers in the label field stand for, where the table itself says so.

    Raises:
        DataError: A field that the user named is not there, or one could not be derived.
    """
    head, seen = pieces.first(items, _LOOK_AHEAD)
    names = list(dict.fromkeys(name for piece in seen for name in piece.names()))
    rest = itertools.chain(head, items)
    if not names:
        return Reading("", ask.kind or "names", _without_fields(rest, file))
    if chosen is None and (tokens := token_rows.chosen(_lists(names, seen), ask)):
        fields.check_named(names, file.name, ask)
        return token_rows.reading(rest, file, ask, tokens)
    chosen = chosen or fields.choose(names, file.name, ask)
    sample = [value for piece in seen for value in _values(piece, chosen.label)][:_LOOK_AHEAD]
    may_be_several = ask.task in ("auto", "multi-label")
    form = cells.form_of(sample, ask.kind, may_be_several, vocabulary or ask.labels)
    said = f"{chosen}{f' ({form.words})' if form.words else ''}"
    return Reading(said, form.kind, records(rest, Layout(file, chosen, form)))


def records(items: Iterable[Piece | Reject], layout: Layout) -> Iterator[Record | Reject | pa.RecordBatch]:
    """Each row as a record, most of them in blocks."""
    for item in items:
        if isinstance(item, Reject):
            yield item
            continue
        block, rest = _block(item, layout)
        if block is not None:
            yield block
        for index in rest:
            yield _record(item, int(index), layout)


def _without_fields(items: Iterable[Piece | Reject], file: SourceFile) -> Iterator[Reject]:
    """Rows that hold nothing."""
    for item in items:
        if isinstance(item, Reject):
            yield item
        else:
            for index, number in enumerate(item.numbers):
                yield Reject(f"{file.name}, {item.unit} {number}", "no-text", dict(item.row(index)))


def _lists(names: Sequence[str], seen: Sequence[Piece]) -> list[str]:
    """The fields whose values are lists, as far as they have any."""
    firsts = {name: next((each for piece in seen for each in _values(piece, name) if each), None) for name in names}
    return [name for name, value in firsts.items() if isinstance(value, list)]


def _values(piece: Piece, name: str) -> Sequence[Any]:
    if name not in piece.names():
        return []
    values = piece.column(name)
    return values if isinstance(values, list) else values.slice(0, _LOOK_AHEAD).to_pylist()


class _Plain(NamedTuple):
    """Columns of a block in the making, and which rows are nothing special."""

    columns: dict[str, pa.Array]
    rows: np.ndarray[Any, np.dtype[np.bool]]


def _block(piece: Piece, layout: Layout) -> tuple[pa.RecordBatch | None, Sequence[int]]:
    """The rows that are nothing special, and the positions of those that need a closer look, in their order."""
    plain = _plain(piece, layout)
    if plain is None:
        return None, range(len(piece.numbers))
    if not plain.rows.any():
        return None, range(len(piece.numbers))
    if not plain.rows.all():
        mask = pa.array(plain.rows)
        columns = {name: pc.filter(values, mask) for name, values in plain.columns.items()}
    else:
        columns = plain.columns
    missing = {name for name in blocks.SCHEMA.names if name not in columns}
    count = int(plain.rows.sum())
    columns |= {name: pa.nulls(count, blocks.SCHEMA.field(name).type) for name in missing}
    block = pa.RecordBatch.from_pydict({name: columns[name] for name in blocks.SCHEMA.names})
    return block, np.flatnonzero(~plain.rows).tolist()


def _plain(piece: Piece, layout: Layout) -> _Plain | None:
    """The columns of a block, where the layout and the rows are such that Arrow can do it all; else nothing."""
    chosen = layout.fields
    names = piece.names()
    if layout.form.value is not cells.names or chosen.image or chosen.by or chosen.time or chosen.text not in names:
        return None
    text = pieces.strings(piece.column(chosen.text))
    label = _labels(piece, chosen.label, layout.form.renamed)
    if text is None or label is None:
        return None
    rows = pc.is_valid(text).to_numpy(zero_copy_only=False)
    columns = {**_places(piece, layout), "text": text, "label": label}
    for column, field in (("pair", chosen.pair), ("group", chosen.group)):
        if field:
            found = pieces.strings(piece.column(field)) if field in names else None
            if found is None:
                return None
            columns[column] = pc.if_else(pc.equal(found, ""), _NO_TEXT, found) if column == "group" else found
            if column == "pair":
                rows &= pc.is_valid(found).to_numpy(zero_copy_only=False)
    splits = _splits(piece, layout)
    if splits is None:
        return None
    columns["split"] = splits
    return _Plain(columns, rows)


def _labels(piece: Piece, field: str, renamed: Mapping[str, str]) -> pa.DictionaryArray | None:
    """Labels without the white space around them, and none where nothing is left."""
    if field not in piece.names():
        return pa.nulls(len(piece.numbers), pa.string()).dictionary_encode()
    values = piece.column(field)
    if not isinstance(values, list) and pa.types.is_integer(values.type):
        values = values.cast(pa.string())
    found = pieces.strings(values)
    if found is None:
        return None
    encoded = found.dictionary_encode()
    stripped: list[str | None] = [name.strip() or None for name in encoded.dictionary.to_pylist()]
    stripped = [renamed.get(name, name) if name else None for name in stripped]
    names = list(dict.fromkeys(name for name in stripped if name))
    number_of = {name: number for number, name in enumerate(names)}
    moved = pa.array([number_of.get(name) if name else None for name in stripped], pa.int32())
    return pa.DictionaryArray.from_arrays(moved.take(encoded.indices), pa.array(names, pa.string()))


def _splits(piece: Piece, layout: Layout) -> pa.Array | None:
    """The published split of each row, or nothing where some row's needs a closer look."""
    if layout.file.split:
        return pa.array([layout.file.split] * len(piece.numbers), pa.string())
    if SPLIT not in piece.names() or SPLIT in layout.fields.taken:
        return pa.nulls(len(piece.numbers), pa.string())
    found = pieces.strings(piece.column(SPLIT))
    if found is None:
        return None
    encoded = found.dictionary_encode()
    named = [_split(name) for name in encoded.dictionary.to_pylist()]
    return None if "unknown" in named else pa.array(named, pa.string()).take(encoded.indices)


def _places(piece: Piece, layout: Layout) -> dict[str, pa.Array]:
    zeros = np.zeros(len(piece.numbers), np.int32)
    place = pa.DictionaryArray.from_arrays(zeros, pa.array([f"{layout.file.name}, {piece.unit}"]))
    return {"place": place, "number": pa.array(np.asarray(piece.numbers, np.int64))}


def _record(piece: Piece, index: int, layout: Layout) -> Record | Reject:
    row, chosen, file = piece.row(index), layout.fields, layout.file
    place = layout.place(piece, index)

    def reject(reason: str) -> Reject:
        return Reject(place, reason, _without_bytes(row), text if isinstance(text, str) and not image else None)

    text, image = row.get(chosen.text), None
    if chosen.image:
        try:
            text, image = _image(row.get(chosen.image), file)
        except UnseenImage as unseen:
            return reject(unseen.reason)
    pair = row.get(chosen.pair) if chosen.pair else None
    if not isinstance(text, str) or (chosen.pair and not isinstance(pair, str)):
        return reject("no-text")
    by, group = (_name(row.get(field)) if field else None for field in (chosen.by, chosen.group))
    cell = row.get(chosen.label)
    value = None if _is_blank(cell) else layout.form.value(cell)
    if value is None and not _is_blank(cell):
        return reject("bad-label")
    if renamed := layout.form.renamed:
        value = tuple(renamed.get(name, name) for name in cast("Names", value or ())) or value
    votes = () if value is None else (Vote(value, by),)
    if not all(map(is_clean, (text, pair or "", group or "", by or "", *_texts_of(votes)))):
        return Reject(place, "broken-unicode", repr(_without_bytes(row)))
    split = file.split or (_split(row.get(SPLIT)) if SPLIT not in chosen.taken else None)
    if split == "unknown":
        return reject("unknown-split")
    time = times.seconds(row.get(chosen.time)) if chosen.time else None
    if chosen.time and time is None:
        return reject("bad-time")
    return Record(place, text, votes, split, group, pair, image, time)


def _is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _name(value: object) -> str | None:
    """The name of a group or of an annotator, None where the field is blank."""
    return None if value is None or value == "" else str(value)


def _image(value: object, file: SourceFile) -> tuple[str, bytes]:
    """An image's name and bytes, from what a row says of it: its path, or both as Hugging Face datasets store them."""
    if isinstance(value, dict):
        name, data = value.get("path"), value.get("bytes")
        if isinstance(data, bytes):
            return name if isinstance(name, str) else "", checked(data)
        value = name
    if isinstance(value, bytes):
        return "", checked(value)
    if not isinstance(value, str) or not value.strip():
        raise UnseenImage("no-image")
    return value, file.image(value)


def _texts_of(votes: Sequence[Vote]) -> Iterator[str]:
    for vote in votes:
        if isinstance(vote.value, tuple):
            yield from (part if isinstance(part, str) else part.label for part in vote.value)


def _without_bytes(row: pieces.Row) -> dict[str, Any]:
    """The row as an account can show it."""
    return {name: f"{len(value)} bytes" if isinstance(value, bytes) else value for name, value in row.items()}


def _split(value: object) -> Any:
    """The published split that a ``split`` column names, None where it is blank."""
    if _is_blank(value):
        return None
    name = str(value).strip().lower()
    name = _SPLIT_ALIASES.get(name, name)
    return name if name in SPLITS else "unknown"
