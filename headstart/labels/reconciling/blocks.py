"""Many records as an Arrow batch: what tables are read as, and what every other record is packed into.

A block says the same as its records would, column by column. Most labeled data is one name a text, and that takes no
Python object a record: ``label`` holds it, and ``votes`` what is more than that, as JSON.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

import pyarrow as pa

from headstart.labels.records import Kind, Record, Reject, Span, Value, Vote

ROWS = 1 << 14
_BYTES = 1 << 24  # of images and texts in a block that is packed

SCHEMA = pa.schema(
    {
        "place": pa.dictionary(pa.int32(), pa.string()),
        "number": pa.int64(),  # the line or row, where the place is only what is counted: "rows.csv, line"
        "text": pa.string(),
        "pair": pa.string(),
        "image": pa.large_binary(),
        "label": pa.string(),  # or the dictionary of such: the one name that one nameless annotator chose
        "votes": pa.string(),  # JSON of all votes, where they are anything else
        "split": pa.string(),
        "group": pa.string(),
        "time": pa.float64(),
    }
)


def pack(items: Iterable[Record | Reject | pa.RecordBatch]) -> Iterator[Reject | pa.RecordBatch]:
    """The same items with records in blocks; rejects come before the records that stand before them."""
    waiting: list[Record] = []
    size = 0
    for item in items:
        if isinstance(item, Record):
            waiting.append(item)
            size += len(item.text) + len(item.image or b"")
        else:
            yield item
        if len(waiting) == ROWS or size > _BYTES:
            yield block(waiting)
            waiting, size = [], 0
    if waiting:
        yield block(waiting)


def block(records: Sequence[Record]) -> pa.RecordBatch:
    """Records as one block."""
    simple = [_only_name(record.votes) for record in records]
    columns: dict[str, list[Any]] = {
        "place": [record.place for record in records],
        "number": [None] * len(records),
        "text": [record.text for record in records],
        "pair": [record.pair for record in records],
        "image": [record.image for record in records],
        "label": simple,
        "votes": [
            written(record.votes) if name is None and record.votes else None
            for record, name in zip(records, simple, strict=True)
        ],
        "split": [record.split for record in records],
        "group": [record.group for record in records],
        "time": [record.time for record in records],
    }
    return pa.RecordBatch.from_pydict(columns, SCHEMA)


def unpack(batch: pa.RecordBatch, kind: Kind) -> Iterator[Record]:
    """The records of a block."""
    for row in batch.to_pylist():
        label, votes = row.pop("label"), row.pop("votes")
        row["place"] = place(row["place"], row.pop("number"))
        yield Record(votes=(Vote((label,)),) if label is not None else read(votes, kind) if votes else (), **row)


def place(where: str, number: int | None) -> str:
    """Where a record stands, from what a block says."""
    return where if number is None else f"{where} {number}"


def written(votes: Sequence[Vote]) -> str:
    """Votes as JSON."""
    return json.dumps([[vote.value, vote.by] for vote in votes], ensure_ascii=False)


def read(text: str, kind: Kind) -> tuple[Vote, ...]:
    """Votes from JSON, with labels and spans in their own order: that in which they were clicked says nothing."""
    return tuple(Vote(_value(value, kind), by) for value, by in json.loads(text))


def _value(value: Any, kind: Kind) -> Value:
    if kind == "number":
        return cast("float", value)
    return tuple(sorted({Span(*span) for span in value} if kind == "spans" else set(value)))


def _only_name(votes: Sequence[Vote]) -> str | None:
    if len(votes) == 1 and votes[0].by is None:
        value = votes[0].value
        if isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], str):
            return value[0]
    return None
