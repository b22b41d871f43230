"""Computing the features that are missing: in this process where they are few, else on all workers."""

import functools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from headstart.arrays import Array
from headstart.backbone import Backbone
from headstart.compute import InlineCompute, Report, Shared
from headstart.context import Context
from headstart.errors import BackboneError
from headstart.features.shard import Part, binary, halves
from headstart.features.space import Space, Speed
from headstart.workspace import Workspace

if TYPE_CHECKING:
    from headstart.encoder import Encoder, Tokenizer

SHARD_ROWS = 4096  # a killed worker loses at most these
FEW_ROWS = 2000  # with fewer, workers cost more to start than they save
_LEAST_ROWS, _EVEN_ITEMS = 512, 16  # smaller shards than SHARD_ROWS where that keeps more workers busy to the end
_TELLING_ROWS = 100  # from so many rows on, what an extraction takes is not all starting
_CHARACTERS_A_TOKEN = 6  # roughly; a text longer than the model reads costs no more than one that it reads whole


@dataclass(frozen=True)
class Item:
    """The rows of one shard: their ids, 32 bytes each one behind the other, and their texts."""

    ids: bytes
    texts: tuple[str, ...]


def extract(
    ids: pa.FixedSizeBinaryArray,
    texts: Sequence[str],
    parts: Sequence[Part],
    backbone: Backbone,
    on: Context,
    report: Report,
) -> None:
    """Compute and store the features of rows. Each worker writes its shards itself.

    Args:
        ids: The rows' content digests.
        texts: Their texts.
        parts: The layers and poolings to store.
        backbone: The model.
        on: Where to store, and what computes.
        report: Is told how many rows are done, and how many there are.
    """
    import torch

    raw = ids.to_numpy(zero_copy_only=False)
    items = [
        Item(b"".join(raw[rows].tolist()), tuple(texts[row] for row in rows.tolist()))
        for rows in cut([len(text) for text in texts], backbone.max_tokens)
    ]
    shared = {"workspace": on.workspace.uri, "backbone": backbone, "parts": tuple(parts)}
    # A GPU of this process is faster than any number of CPU workers, and is not to be shared by them.
    here = len(texts) < FEW_ROWS or torch.cuda.is_available()
    started = time.monotonic()
    try:
        (InlineCompute() if here else on.compute).map(
            write_shard,
            items,
            shared,
            lambda done, total, note: report(round(len(texts) * done / total), len(texts), "features"),
        )
    finally:
        _loaded.cache_clear()
    if len(texts) >= _TELLING_ROWS:
        Space.of(backbone, on.workspace).note(Speed(rows=len(texts), seconds=time.monotonic() - started))


def cut(lengths: Sequence[int], max_tokens: int) -> list[np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """Rows in items of like length and of about the same cost, the longest first.

    Args:
        lengths: The number of characters of each row's text.
        max_tokens: Where the model cuts texts.

    Returns:
        For each item the indices of its rows, at least one and at most ``SHARD_ROWS``.
    """
    costs = np.minimum(np.asarray(lengths), max_tokens * _CHARACTERS_A_TOKEN) + _CHARACTERS_A_TOKEN
    order = np.argsort(-costs, kind="stable")
    count = max(-(-len(order) // SHARD_ROWS), min(_EVEN_ITEMS, len(order) // _LEAST_ROWS), 1)
    done = np.cumsum(costs[order]) - costs[order]  # before each row
    item = done * count // costs.sum()
    groups = np.split(order, np.flatnonzero(np.diff(item)) + 1)
    return [piece for group in groups for piece in np.array_split(group, -(-len(group) // SHARD_ROWS))]


def write_shard(item: Item, shared: Shared) -> None:
    """Compute the features of an item's rows and write them as one shard.

    Args:
        item: The rows.
        shared: ``workspace`` (URI), ``backbone``, and ``parts``, the layers and poolings to store.

    Raises:
        BackboneError: The model cannot be loaded, or gives numbers that are not finite.
    """
    backbone: Backbone = shared["backbone"]
    parts: tuple[Part, ...] = shared["parts"]
    tokenizer, encoder = _loaded(shared["workspace"], backbone, max(part.layer for part in parts))
    vectors = vectors_of(item.texts, tokenizer, encoder, parts)
    if not np.isfinite(vectors).all():
        problem, remedy = "it gives numbers that are not finite.", "Choose another, or export it again."
        raise BackboneError("backbone/not-a-model", problem, remedy=remedy, where=backbone.source)
    space = Space.of(backbone, Workspace.open(shared["workspace"]))
    space.add(binary(item.ids), {part: halves(vectors[:, number]) for number, part in enumerate(parts)})


def vectors_of(texts: Sequence[str], tokenizer: "Tokenizer", encoder: "Encoder", parts: Sequence[Part]) -> Array:
    """The vectors of texts, shape (texts, parts, width), float32; zeros for a text without tokens.

    Matrix products are in the precision that the machine is quick in. In tests each text gave the same bits in whatever
    batch; nobody promises that of a machine's kernels.
    """
    import torch

    from headstart.encoder import TOKEN_BUDGET, of_one_length, pad
    from headstart.precision import inferring

    place = next(encoder.parameters()).device
    tokens = tokenizer(texts)
    spoken = [row for row, ids in enumerate(tokens) if ids]
    found = np.zeros((len(texts), len(parts), encoder.body.config.hidden_size), np.float32)
    with torch.inference_mode(), inferring(place):
        for batch in of_one_length([tokens[row] for row in spoken], TOKEN_BUDGET[place.type]):
            rows = [spoken[index] for index in batch]
            found[rows] = encoder.pooled(*pad([tokens[row] for row in rows], place), parts).cpu().numpy()
    return found


@functools.lru_cache(maxsize=1)
def _loaded(uri: str, backbone: Backbone, layer: int) -> "tuple[Tokenizer, Encoder]":
    """The tokenizer and the encoder up to a layer, kept for the worker's next item."""
    from headstart.encoder import Encoder, Tokenizer, device

    with Workspace.open(uri).blobs.checkout(backbone.files) as folder:
        return Tokenizer(folder, backbone.max_tokens), Encoder(folder, backbone.pooling, (layer,)).eval().to(device())
