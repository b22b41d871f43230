"""Rows to Parquet: in shards of bounded size, ordered by id, in constant memory.

A shard holds a range of ids. Rows go to a file of their range first, and each such file is then sorted by itself: so
the order of rows is the same whatever the order of the export and however large a shard is.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from headstart.spec import SPLITS
from headstart.split import Places

SHARD_BYTES = 1 << 24  # about; sorting takes a few times as much memory
_MOST_RANGES = 256  # files that are open at once, of each split
_WRITERS = 2  # shards that are sorted and written at a time
PLACE = {"place": pa.dictionary(pa.int32(), pa.string()), "number": pa.int64()}  # as blocks have it
_PARTS = ("", ".list.element", ".list.element.start", ".list.element.end", ".list.element.label")
# Not of digests and images, which it makes no smaller.
_COMPRESSION = dict.fromkeys(("text", "pair", "image.path", "group", *(f"label{part}" for part in _PARTS)), "zstd")
_REPEATING = ["label", "group"]  # columns whose values are few


class Shard(NamedTuple):
    """A file of rows, one of where each of them stands in the export, and the number of their split."""

    split: int
    path: Path
    places: Path


class Shards:
    """Rows in the making.

    Args:
        folder: An empty folder for the files.
        schema: The rows' columns, among them ``id``, of 32 bytes, and those of where each stands, which get a file of
            their own: the same rows are to be the same bytes, wherever they come from.
        size: About how many bytes will come.
    """

    def __init__(self, folder: Path, schema: pa.Schema, size: int) -> None:
        self._folder = folder
        self._schema = schema
        self._ranges = min(_MOST_RANGES, -(-size // SHARD_BYTES)) or 1
        self._writers: dict[int, pa.ipc.RecordBatchStreamWriter] = {}

    def add(self, rows: pa.RecordBatch, places: Places) -> None:
        """Take rows in, with the number of each one's split."""
        if not len(rows):
            return
        first, second = raw(rows["id"])[:, :2].astype(np.int64).T
        lot = places.astype(np.int64) * self._ranges + ((first << 8) + second) * self._ranges // (1 << 16)
        order = np.argsort(lot, kind="stable")
        lots, starts = np.unique(lot[order], return_index=True)
        by_lot = rows.take(pa.array(order))
        for number, start, end in zip(lots.tolist(), starts, [*starts[1:], len(order)], strict=True):
            self._writer(number).write_batch(by_lot.slice(start, end - start))

    def close(self) -> Iterator[tuple[Shard, pa.Table]]:
        """Every shard, written, and its rows, by split and then by id; a split without rows has one without rows."""
        for place in range(len(SPLITS)):
            if not any(number // self._ranges == place for number in self._writers):
                self._writer(place * self._ranges)
        for writer in self._writers.values():
            writer.close()
        with ThreadPoolExecutor(_WRITERS) as pool:
            yield from pool.map(self._written, sorted(self._writers))

    def _written(self, number: int) -> tuple[Shard, pa.Table]:
        with pa.OSFile(str(self._path(number))) as source, pa.ipc.open_stream(source) as reader:
            rows = reader.read_all().unify_dictionaries().combine_chunks()
        rows = rows.take(pa.array(_order(rows["id"].combine_chunks())))
        self._path(number).unlink()
        shard = Shard(
            number // self._ranges, self._folder / f"{number}.parquet", self._folder / f"{number}.places.parquet"
        )
        content = rows.drop_columns(list(PLACE))
        pq.write_table(
            content, shard.path, compression=_COMPRESSION, use_dictionary=_REPEATING, write_statistics=_REPEATING
        )
        pq.write_table(rows.select(list(PLACE)), shard.places, compression="zstd")
        return shard, rows

    def _writer(self, number: int) -> pa.ipc.RecordBatchStreamWriter:
        if number not in self._writers:
            self._writers[number] = pa.ipc.new_stream(str(self._path(number)), self._schema)
        return self._writers[number]

    def _path(self, number: int) -> Path:
        return self._folder / f"{number}.arrow"


def raw(digests: pa.FixedSizeBinaryArray) -> npt.NDArray[np.uint8]:
    """Digests as bytes, shape (rows, width)."""
    width = digests.type.byte_width
    if not len(digests):
        return np.empty((0, width), np.uint8)
    held = np.frombuffer(digests.buffers()[1], np.uint8)
    return held[digests.offset * width : (digests.offset + len(digests)) * width].reshape(-1, width)


def _order(ids: pa.FixedSizeBinaryArray) -> npt.NDArray[np.intp]:
    words = np.ascontiguousarray(raw(ids)).view(">u8")
    order = np.argsort(words[:, 0], kind="stable")
    first = words[order, 0]
    return order if (first[1:] != first[:-1]).all() else np.lexsort(words.T[::-1])
