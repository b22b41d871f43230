"""Features of rows: what is stored is read, what is missing is computed, and what is damaged is computed again."""

import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import get_args

import numpy as np
import numpy.typing as npt

from headstart.arrays import Array
from headstart.backbone import Backbone
from headstart.compute import Report
from headstart.context import Context
from headstart.dataset import Rows
from headstart.errors import BackboneError, IntegrityError, UsageError
from headstart.features import extraction, merging
from headstart.features.shard import Part, Shard, binary, places, read_vectors
from headstart.features.space import GONE, READERS, Space
from headstart.pooling import Pooling

_ATTEMPTS = 3  # a disk that damages what was just written is not worth a fourth


def features(
    rows: Rows,
    backbone: Backbone,
    on: Context,
    report: Report = lambda done, total, note: None,
    layers: Sequence[int] | None = None,
    poolings: Sequence[Pooling] | None = None,
) -> "Features":
    """The features of every row, from the store as far as it has them.

    Args:
        rows: The texts, named by the digests of their contents.
        backbone: The model.
        on: Where features are kept, and what computes the missing ones.
        report: Is told how many of the missing rows are done, and how many there are.
        layers: The layers that will be read, 0 for the embeddings; all by default.
        poolings: The poolings that will be read; the backbone's own by default.

    Raises:
        BackboneError: There is no such layer, or the model cannot be loaded.
        UsageError: There is no such pooling.
        ComputeError: A worker failed.
    """
    found = Features(rows, backbone, on, report, _parts(backbone, layers, poolings))
    found.complete()
    return found


class Features:
    """Features of rows, in their order, read from the store layer by layer."""

    def __init__(self, rows: Rows, backbone: Backbone, on: Context, report: Report, parts: tuple[Part, ...]) -> None:
        self.parts = parts
        self._rows, self._backbone, self._on, self._report = rows, backbone, on, report
        self._ids = binary(bytes.fromhex("".join(rows.ids)))
        self._space = Space.of(backbone, on.workspace)
        self._places: dict[tuple[str, ...], npt.NDArray[np.int64]] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def seconds(self) -> float | None:
        """What one forward pass over these rows takes, by the last extraction with this backbone, if that is known."""
        speed = self._space.speed()
        return None if speed is None else round(len(self) * speed.seconds / speed.rows, 3)

    def layer(self, number: int, pooling: Pooling | None = None) -> Array:
        """The features of one layer, shape (rows, width), float32, at unit length.

        No other layer is read. A shard that turns out to be damaged is computed again.

        Args:
            number: The layer, one of those that were asked for.
            pooling: The pooling, likewise; the backbone's own by default.

        Raises:
            UsageError: It was not asked for.
            IntegrityError: What was computed anew was damaged again.
        """
        part = Part(pooling or self._backbone.pooling, number)
        if part not in self.parts:
            remedy = "Name it in layers and poolings."
            raise UsageError("usage", f"no {part.pooling} features of layer {number}.", remedy=remedy, where="features")
        for _ in range(_ATTEMPTS):
            shards = self._space.holding(part)
            where = self._where(shards)
            found = np.empty((len(self), self._backbone.width), np.float32)
            damaged = self._read(part, shards, where, found) if (where >= 0).all() else []
            if not damaged and (where >= 0).all():
                return found
            self._space.refresh()
            self._drop([key for key in damaged if key in self._space.shards])  # not those that were merged or pruned
            self.complete()
        remedy = "Check the disk or the object store."
        raise IntegrityError(
            "integrity/digest", "features were damaged or gone again.", remedy=remedy, where=self._space.prefix
        )

    def complete(self) -> None:
        """Compute what the store lacks of these rows."""
        self._space.mark(self._backbone)
        self._drop(self._space.refresh())
        lacking = {part: self._where(self._space.holding(part)) < 0 for part in self.parts}
        missing = np.flatnonzero(np.any(list(lacking.values()), axis=0))
        if len(missing):
            missing = missing[np.unique(self._ids.take(missing).to_numpy(zero_copy_only=False), return_index=True)[1]]
            extraction.extract(
                self._ids.take(missing),
                [self._rows.texts[row] for row in missing],
                [part for part, lacks in lacking.items() if lacks.any()],
                self._backbone,
                self._on,
                self._report,
            )
            self._space.refresh()
            merging.merge(self._space)

    def _read(self, part: Part, shards: list[Shard], where: npt.NDArray[np.int64], into: Array) -> list[str]:
        """Read a part of every row into an array; gives the keys of the shards that are damaged."""
        starts = np.cumsum([0, *(len(shard.ids) for shard in shards)])
        order = np.argsort(where, kind="stable")
        bounds = np.searchsorted(where[order], starts)

        def read(number: int) -> str | None:
            rows = order[bounds[number] : bounds[number + 1]]
            if not len(rows):
                return None
            try:
                path = self._on.workspace.blobs.fetch(shards[number].files[part])
                into[rows] = read_vectors(path, where[rows] - starts[number])
            except GONE:
                return shards[number].key
            return None

        with ThreadPoolExecutor(READERS) as pool:
            return [key for key in pool.map(read, range(len(shards))) if key]

    def _where(self, shards: list[Shard]) -> npt.NDArray[np.int64]:
        """Where each row stands in these shards (see :func:`places`); worked out once, for layers mostly share it."""
        key = tuple(shard.key for shard in shards)
        if key not in self._places:
            self._places = {key: places(self._ids, shards)}
        return self._places[key]

    def _drop(self, damaged: list[str]) -> None:
        if damaged:
            self._space.drop(damaged)
            said = f"features: damaged or missing shards: {len(damaged)}; their rows are computed again"
            self._report(0, len(self), said)  # to be seen now
            warnings.warn(f"{said} ({self._space.workspace.uri}/{self._space.prefix})", RuntimeWarning, stacklevel=3)


def _parts(backbone: Backbone, layers: Sequence[int] | None, poolings: Sequence[Pooling] | None) -> tuple[Part, ...]:
    wanted = dict.fromkeys(range(backbone.layers + 1) if layers is None else layers)
    ways = dict.fromkeys([backbone.pooling] if poolings is None else poolings)
    for layer in wanted:
        if not 0 <= layer <= backbone.layers:
            remedy = f"Use 0 to {backbone.layers}."
            raise BackboneError("backbone/layer", f"there is no layer {layer}.", remedy=remedy, where=backbone.name)
    for way in ways:
        if way not in get_args(Pooling):
            remedy = f"Use {', '.join(get_args(Pooling))}."
            raise UsageError("usage", f"there is no pooling {way!r}.", remedy=remedy, where="features")
    return tuple(Part(way, layer) for way in ways for layer in wanted)
