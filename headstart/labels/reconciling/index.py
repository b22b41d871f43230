"""What decides about records, as arrays: a few dozen bytes a record, whatever its texts and images weigh."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from headstart.labels.reconciling import blocks
from headstart.labels.reconciling.normal import normalised, visible
from headstart.spec import SPLITS

Indices = npt.NDArray[np.intp]
Digests = npt.NDArray[np.uint64]
"""Digests of 16 bytes as pairs of numbers, shape (records, 2)."""

NOBODY, WRITTEN = -1, -2  # for a name's number: no vote; votes that are more than one name
_SEPARATOR = "\x1f"  # of the two texts of a pair; no normalised text has it
_ID_BYTES = 32


@dataclass(frozen=True)
class Index:
    """What decides about each record, in the order they came.

    ``ids`` are the sha256 of contents, uint8 of shape (records, 32); ``same`` are digests that records share whose
    contents people take for the same. ``name`` is the number of the one name that was voted for, or :data:`NOBODY`
    or :data:`WRITTEN`; ``split`` is the number of the published split, or -1. ``group`` is a digest, zero where there
    is none, and ``time`` is in seconds, nan where there is none. ``visible`` says whether there is anything to be seen.
    """

    ids: npt.NDArray[np.uint8]
    same: Digests
    name: npt.NDArray[np.int32]
    split: npt.NDArray[np.int8]
    group: Digests
    time: npt.NDArray[np.float64]
    visible: npt.NDArray[np.bool]
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.name)

    @cached_property
    def number_of(self) -> Mapping[str, int]:
        """The number of each name."""
        return {name: number for number, name in enumerate(self.names)}

    @classmethod
    def of(cls, block: pa.RecordBatch, names: dict[str, int]) -> Self:
        """What decides about the records of a block; ``names`` numbers those that were met, and takes in new ones."""
        images = pc.is_valid(block["image"]).to_numpy(zero_copy_only=False)
        return cls(
            _ids(_contents(block)),
            _digests(_compared(block)),
            _numbered(block, names),
            _splits(block["split"]),
            _groups(block["group"]),
            _times(block["time"]),
            visible(block["text"]) | images,
        )

    @classmethod
    def joined(cls, parts: Sequence[Self], names: Iterable[str]) -> Self:
        """All parts, one after the other."""
        if not parts:
            parts = [cls.of(pa.RecordBatch.from_pylist([], blocks.SCHEMA), {})]

        def column(name: str) -> npt.NDArray[Any]:
            return _concatenated([getattr(part, name) for part in parts])

        return cls(
            column("ids"),
            column("same"),
            column("name"),
            column("split"),
            column("group"),
            column("time"),
            column("visible"),
            tuple(names),
        )


def _concatenated(arrays: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """One array after the other; where all repeat one value, without memory for each."""
    if all(array.strides[0] == 0 or not len(array) for array in arrays):
        last = next((array for array in arrays if len(array)), arrays[0])
        return np.broadcast_to(last[:1], (sum(map(len, arrays)), *last.shape[1:])) if len(last) else last
    return np.concatenate(arrays)


def runs(digests: Digests) -> tuple[Indices, npt.NDArray[np.bool]]:
    """The order of digests, and where in that order a new one begins."""
    order = np.argsort(digests[:, 0], kind="stable")
    first, second = digests[order].T
    same = first[1:] == first[:-1]
    if (same & (second[1:] != second[:-1])).any():  # once in ten thousand billion pairs
        order = np.lexsort((digests[:, 1], digests[:, 0]))
        first, second = digests[order].T
        same = (first[1:] == first[:-1]) & (second[1:] == second[:-1])
    return order, np.concatenate([np.ones(min(1, len(order)), dtype=bool), ~same])


def _contents(block: pa.RecordBatch) -> Iterable[bytes]:
    """The bytes that a record's id is the sha256 of: an image's, a text's, or those of a pair with their lengths."""
    texts = block["text"].cast(pa.binary()).to_pylist()
    if block["image"].null_count < len(block):
        texts = [image or text for image, text in zip(block["image"].to_pylist(), texts, strict=True)]
    if block["pair"].null_count < len(block):
        pairs = block["pair"].cast(pa.binary()).to_pylist()
        return [
            text if pair is None else b"%d:%b%b" % (len(text), text, pair)
            for text, pair in zip(texts, pairs, strict=True)
        ]
    return texts  # type: ignore[no-any-return]


def _compared(block: pa.RecordBatch) -> Iterable[bytes]:
    """The bytes that records share whose contents people take for the same."""
    texts = normalised(block["text"])
    if block["pair"].null_count < len(block):
        pairs = normalised(pc.fill_null(block["pair"], ""))
        both = pc.binary_join_element_wise(texts, pairs, _SEPARATOR)
        texts = pc.if_else(pc.is_valid(block["pair"]), both, texts)
    found: Sequence[bytes] = texts.cast(pa.binary()).to_pylist()
    if block["image"].null_count < len(block):
        return [image or text for image, text in zip(block["image"].to_pylist(), found, strict=True)]
    return found


def _ids(contents: Iterable[bytes]) -> npt.NDArray[np.uint8]:
    """The sha256 of each, shape (contents, 32)."""
    sha256 = hashlib.sha256
    joined = b"".join([sha256(content).digest() for content in contents])
    return np.frombuffer(joined, np.uint8).reshape(-1, _ID_BYTES)


def _digests(contents: Iterable[bytes]) -> Digests:
    """XXH3 of each, which is no secret and a third of the work: it finds what is alike and places rows."""
    digest = xxhash.xxh3_128_digest
    joined = b"".join([digest(content) for content in contents])
    return np.frombuffer(joined, np.uint64).reshape(-1, 2)


def _splits(splits: pa.Array) -> npt.NDArray[np.int8]:
    found = pc.index_in(splits, value_set=pa.array(SPLITS))
    return pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int8)  # type: ignore[no-any-return]


def _groups(groups: pa.Array) -> Digests:
    if groups.null_count == len(groups):
        return np.broadcast_to(np.zeros((1, 2), np.uint64), (len(groups), 2))
    digests = np.zeros((len(groups), 2), np.uint64)
    known = pc.is_valid(groups).to_numpy(zero_copy_only=False)
    names = groups.drop_null().cast(pa.binary()).to_pylist()
    digests[known] = _digests(names)
    return digests


def _times(times: pa.Array) -> npt.NDArray[np.float64]:
    if times.null_count == len(times):
        return np.broadcast_to(np.full(1, np.nan), len(times))
    found: npt.NDArray[np.float64] = pc.fill_null(times, np.nan).to_numpy(zero_copy_only=False)
    return found


def _numbered(block: pa.RecordBatch, names: dict[str, int]) -> npt.NDArray[np.int32]:
    labels = block["label"]
    if not pa.types.is_dictionary(labels.type):
        labels = labels.dictionary_encode()
    numbers = [names.setdefault(name, len(names)) for name in labels.dictionary.to_pylist()]
    index = pc.fill_null(labels.indices, -1).to_numpy(zero_copy_only=False)
    number: npt.NDArray[np.int32] = np.array([*numbers, NOBODY], dtype=np.int32)[index]  # -1 is the last
    number[pc.is_valid(block["votes"]).to_numpy(zero_copy_only=False)] = WRITTEN
    return number
