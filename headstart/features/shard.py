"""A shard: rows whose features were computed together, as an Arrow file of ids that names a file for each part."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from safetensors.numpy import load_file, save

from headstart.arrays import Array, unit
from headstart.blobs import File
from headstart.pooling import Pooling

Halves = npt.NDArray[np.float16]
ID_BYTES = 32
_FILES = b"files"


class Part(NamedTuple):
    """What is read at once: the vectors of one layer, pooled in one way."""

    pooling: Pooling
    layer: int


@dataclass(frozen=True)
class Shard:
    """``ids`` are the rows' content digests, in the order of the vectors; ``files`` hold the vectors by part."""

    key: str
    ids: pa.FixedSizeBinaryArray
    files: Mapping[Part, File]


def binary(ids: bytes) -> pa.FixedSizeBinaryArray:
    """Ids that stand one behind the other, as an Arrow array."""
    count = len(ids) // ID_BYTES
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(ID_BYTES), count, [None, pa.py_buffer(ids)])


def write_entry(ids: pa.FixedSizeBinaryArray, files: Mapping[Part, File]) -> bytes:
    """A shard's entry: an Arrow file whose one column is ``id`` and whose metadata names the files as JSON."""
    named = [[*part, file.model_dump(mode="json")] for part, file in files.items()]
    table = pa.table({"id": ids}).replace_schema_metadata({_FILES: json.dumps(named).encode()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def read_entry(key: str, path: Path) -> Shard:
    """The shard that an entry tells of; its ids stay on disk, mapped into memory."""
    with pa.memory_map(str(path)) as source:
        table = pa.ipc.open_file(source).read_all()
    named = json.loads(table.schema.metadata[_FILES])
    files = {Part(pooling, layer): File.model_validate(file) for pooling, layer, file in named}
    return Shard(key, table["id"].combine_chunks(), files)


def halves(vectors: Array) -> Halves:
    """Vectors (rows, width) as they are stored: at unit length and in half precision.

    Rounding a unit vector to half precision turns it by a cosine of less than 1e-6 (each component keeps 11
    significant bits), which no head can tell, and halves what is stored, sent and verified.
    """
    return unit(vectors).astype(np.float16)


def write_vectors(vectors: Halves) -> bytes:
    """Vectors (rows, width) as safetensors."""
    return save({"vectors": vectors})


def stored(path: Path) -> Halves:
    """The vectors of a file, shape (rows, width), just as they are stored."""
    found: Halves = load_file(path)["vectors"]
    return found


def read_vectors(path: Path, rows: npt.NDArray[np.int64]) -> Array:
    """Some rows of a file of vectors, shape (rows, width), float32, at unit length."""
    return unit(stored(path)[rows].astype(np.float32))


def places(wanted: pa.FixedSizeBinaryArray, shards: list[Shard]) -> npt.NDArray[np.int64]:
    """Where each wanted id stands, counted through all rows of the shards; -1 where it does not. Shape (wanted,)."""
    held = pa.concat_arrays([shard.ids for shard in shards]) if shards else binary(b"")
    found: npt.NDArray[np.int64] = pc.fill_null(pc.index_in(wanted, value_set=held), -1).to_numpy().astype(np.int64)
    return found
