"""The last pass over the records: rows to shards, rejected records to their file, and the digest of what rows say."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headstart.digest import digest_of
from headstart.labels.reconciling import answers, blocks, vocabulary
from headstart.labels.reconciling.answers import Answers
from headstart.labels.reconciling.index import Digests, Index
from headstart.labels.reconciling.reconcile import Outcome
from headstart.labels.reconciling.rejects import Rejects
from headstart.labels.reconciling.shards import PLACE, Shard, Shards, raw
from headstart.labels.reconciling.spool import Spool
from headstart.labels.records import Kind
from headstart.spec import SPLITS, Split
from headstart.split import Places

_ID, _UNIT = pa.binary(32), pa.binary(16)


@dataclass(frozen=True)
class Rows:
    """The rows of an import: the numbers of their records, what they say, and where they are placed."""

    records: npt.NDArray[np.intp]
    answers: Answers
    places: Places
    kind: Kind
    is_single: bool
    pairs: bool
    images: bool

    def schema(self) -> pa.Schema:
        """The columns that are stored."""
        columns = {"id": _ID, "text": pa.string()}
        columns |= {"pair": pa.string()} if self.pairs else {}
        columns |= {"image": pa.struct({"bytes": pa.binary(), "path": pa.string()})} if self.images else {}
        columns |= {"label": answers.column_type(self.kind, self.is_single)}
        return pa.schema(columns | {"group": pa.string(), "unit": _UNIT, **PLACE})


def units(index: Index, records: npt.NDArray[np.intp]) -> Digests:
    """What rows share that must not be separated by a split: their group, or else their normalised content."""
    group = index.group[records]
    if not group.any():
        return index.same[records]
    return np.where(group.any(axis=1, keepdims=True), group, index.same[records])


def written(
    spool: Spool, index: Index, outcome: Outcome, rows: Rows, rejects: Rejects, folder: Path
) -> tuple[list[Shard], dict[Split, str], str]:
    """Write rows and rejected records.

    Returns:
        The shards; for each split the sha256 over its ids in order; and the digest of what all rows say.
    """
    shards = Shards(folder, rows.schema(), spool.bytes)
    first = start = 0
    for block in spool.blocks():
        fate = outcome.fate[start : start + len(block)]
        _reject(block, fate, start, outcome, rows, rejects)
        here = np.flatnonzero(fate == 0)
        last = first + len(here)
        shards.add(_columns(block.take(pa.array(here)), index, rows, first, last), rows.places[first:last])
        first, start = last, start + len(block)
    return _finished(shards, rows)


def _columns(block: pa.RecordBatch, index: Index, rows: Rows, first: int, last: int) -> pa.RecordBatch:
    records = rows.records[first:last]
    found = {
        "id": _fixed(index.ids[records], _ID),
        "text": block["text"],
        "pair": block["pair"],
        "label": answers.column(rows.answers, rows.kind, rows.is_single, first, last),
        "group": block["group"],
        "unit": _fixed(np.ascontiguousarray(units(index, records)).view(np.uint8), _UNIT),
        "place": block["place"],
        "number": block["number"],
    }
    schema = rows.schema()
    if rows.images:
        parts = [block["image"].cast(pa.binary()), block["text"]]
        found["image"] = pa.StructArray.from_arrays(parts, ["bytes", "path"])
    return pa.RecordBatch.from_arrays([found[name] for name in schema.names], schema=schema)


def _fixed(digests: npt.NDArray[np.uint8], kind: pa.DataType) -> pa.FixedSizeBinaryArray:
    digests = np.ascontiguousarray(digests)
    return pa.FixedSizeBinaryArray.from_buffers(kind, len(digests), [None, pa.py_buffer(digests)])


def _reject(
    block: pa.RecordBatch, fate: npt.NDArray[np.int16], start: int, outcome: Outcome, rows: Rows, rejects: Rejects
) -> None:
    rejected = np.flatnonzero(fate > 0)
    if not len(rejected):
        return
    records = blocks.unpack(block.take(pa.array(rejected)), rows.kind)
    for number, record in zip(rejected.tolist(), records, strict=True):
        reason = outcome.reason(start + number)
        label = record.votes[0].value if record.votes else None
        is_name = isinstance(label, tuple) and bool(label) and isinstance(label[0], str)
        hint = vocabulary.nearest(label[0], rows.answers.names) if reason == "unknown-label" and is_name else None  # type: ignore[index, arg-type]
        rejects.add_record(record, rows.kind, reason, hint)


def _finished(shards: Shards, rows: Rows) -> tuple[list[Shard], dict[Split, str], str]:
    # One digest a column, so that it does not show where a shard ends.
    digests = {split: {name: hashlib.sha256() for name in ("id", "unit", "label")} for split in SPLITS}
    found = []
    for shard, table in shards.close():
        for name, digest in digests[SPLITS[shard.split]].items():
            for chunk in table[name].chunks:
                digest.update(_said(chunk))
        found.append(shard)
    content = digest_of([[split, *(each.hexdigest() for each in digests[split].values())] for split in SPLITS])
    return found, {split: digests[split]["id"].hexdigest() for split in SPLITS}, content


def _said(column: pa.Array) -> bytes:
    """A column as bytes that are equal where its values are."""
    if pa.types.is_fixed_size_binary(column.type):
        return raw(column).tobytes()
    if pa.types.is_dictionary(column.type):
        return bytes(column.indices.to_numpy().astype("<i4").tobytes())
    if pa.types.is_floating(column.type):
        return bytes(column.to_numpy().astype("<f8").tobytes())
    return "".join(f"{json.dumps(value, ensure_ascii=False)}\n" for value in column.to_pylist()).encode()


def lengths(spool: Spool, outcome: Outcome) -> npt.NDArray[np.int32]:
    """The characters of each row's text, shape (rows,)."""
    found = [pc.utf8_length(block["text"]).to_numpy() for block in spool.blocks()]
    return np.concatenate(found)[outcome.fate == 0] if found else np.empty(0, np.int32)
