"""Records on their way from the readers to the dataset: their contents on disk, what decides about them in memory."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from headstart.labels.reconciling import blocks
from headstart.labels.reconciling.index import Index, Indices


class Spool:
    """Blocks in a file, one after the other.

    ``pairs`` and ``images`` say whether any record so far has a second text, or an image.

    Args:
        path: The file, which is made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sink = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_stream(self._sink, blocks.SCHEMA)
        self._parts: list[Index] = []
        self._names: dict[str, int] = {}
        self.pairs = self.images = False

    def add(self, block: pa.RecordBatch) -> None:
        """Take a block in."""
        self.pairs |= block["pair"].null_count < len(block)
        self.images |= block["image"].null_count < len(block)
        self._parts.append(Index.of(block, self._names))
        self._writer.write_batch(block.cast(blocks.SCHEMA))

    def close(self) -> Index:
        """End taking in; gives what decides about the records."""
        self._writer.close()
        self._sink.close()
        parts, self._parts = self._parts, []
        return Index.joined(parts, self._names)

    @property
    def bytes(self) -> int:
        """How much was taken in."""
        return self._path.stat().st_size

    def blocks(self) -> Iterator[pa.RecordBatch]:
        """Everything again, block by block."""
        with pa.OSFile(str(self._path)) as source, pa.ipc.open_stream(source) as reader:
            yield from reader

    def taken(self, wanted: Indices, columns: Sequence[str]) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Some columns of some records, by their number; ``wanted`` is sorted."""
        start = 0
        for block in self.blocks() if len(wanted) else ():
            first, last = np.searchsorted(wanted, [start, start + len(block)])
            here = wanted[first:last]
            picked = pa.array(here - start)
            values = (block[column].take(picked).to_pylist() for column in columns)
            yield from zip(here.tolist(), zip(*values, strict=True), strict=True)
            start += len(block)

    def places(self, wanted: Indices) -> dict[int, str]:
        """Where some records stand, by their number; ``wanted`` is sorted."""
        return {record: blocks.place(*where) for record, where in self.taken(wanted, ["place", "number"])}
