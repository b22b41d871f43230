"""The rows' answers as arrays: a number each, or the labels of each with their places in the text."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headstart.labels.reconciling import blocks
from headstart.labels.reconciling.index import Index
from headstart.labels.reconciling.reconcile import Outcome
from headstart.labels.reconciling.spool import Spool
from headstart.labels.records import Kind, Names, Span, Value

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Answers:
    """What the rows say, in their order.

    ``label`` holds the numbers of all labels, one row after the other, as indices into ``names``, and ``begins`` where
    each row's begin, with an end; ``start`` and ``end`` are characters, for spans. ``number`` is of shape (rows,).
    """

    names: tuple[str, ...]
    begins: Integers
    label: npt.NDArray[np.int32]
    start: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    number: npt.NDArray[np.float64]

    @property
    def row_of(self) -> Integers:
        """The row of each label."""
        return np.repeat(np.arange(len(self.begins) - 1), np.diff(self.begins))

    def renamed(self, vocabulary: Sequence[str]) -> "Answers":
        """The same answers with labels numbered as a vocabulary has them, which holds them all."""
        place = {name: number for number, name in enumerate(vocabulary)}
        moved = np.array([place.get(name, -1) for name in self.names], np.int32)
        label = moved[self.label] if len(self.label) else self.label
        return Answers(tuple(vocabulary), self.begins, label, self.start, self.end, self.number)

    def rarest(self) -> Integers:
        """The number of each row's rarest label, and one past the last for rows without any: what is spread evenly."""
        counts = np.bincount(self.label, minlength=len(self.names))
        rank = np.empty(len(self.names), np.int64)
        rank[np.lexsort((np.arange(len(counts)), counts))] = np.arange(len(counts))
        found = np.full(len(self.begins) - 1, len(self.names), np.int64)
        some = np.flatnonzero(np.diff(self.begins))
        if len(some):
            least = np.minimum.reduceat(rank[self.label], self.begins[:-1][some])
            found[some] = np.argsort(rank)[least]
        return found


def answers(kind: Kind, index: Index, outcome: Outcome, spool: Spool) -> Answers:
    """The answers of the rows that an outcome has."""
    rows = outcome.rows
    if kind == "number":
        numbers = np.array(list(_written(kind, rows, outcome, spool)), np.float64)
        nothing = np.empty(0, np.int32)
        return Answers((), np.zeros(len(rows) + 1, np.int64), nothing, nothing, nothing, numbers)
    names = dict(index.number_of)
    named = outcome.name[rows]
    length = np.ones(len(rows), np.int64)
    label, start, end = array("i"), array("i"), array("i")
    for position, value in zip(np.flatnonzero(named < 0), _written(kind, rows[named < 0], outcome, spool), strict=True):
        parts = cast("Names | tuple[Span, ...]", value)
        length[position] = len(parts)
        for part in parts:
            if isinstance(part, str):
                label.append(names.setdefault(part, len(names)))
            else:
                label.append(names.setdefault(part.label, len(names)))
                start.append(part.start)
                end.append(part.end)
    begins = np.concatenate([[0], np.cumsum(length)])
    labels = np.empty(begins[-1], np.int32)
    is_written = np.repeat(named < 0, length)
    labels[is_written] = label
    labels[~is_written] = named[named >= 0]
    return Answers(tuple(names), begins, labels, np.array(start, np.int32), np.array(end, np.int32), np.empty(0))


def _written(kind: Kind, rows: npt.NDArray[np.intp], outcome: Outcome, spool: Spool) -> Iterator[Value]:
    """The answers of rows that are more than one name: as they were settled, or the only vote."""
    settled = outcome.values
    alone = np.array([row for row in rows.tolist() if row not in settled], np.intp)
    votes = spool.taken(alone, ["votes"])
    for row in rows.tolist():
        yield settled[row] if row in settled else blocks.read(next(votes)[1][0], kind)[0].value


def column_type(kind: Kind, is_single: bool) -> pa.DataType:
    """How the answers are stored."""
    if kind == "number":
        return pa.float64()
    if kind == "spans":
        return pa.list_(pa.struct({"start": pa.int32(), "end": pa.int32(), "label": pa.string()}))
    return pa.dictionary(pa.int32(), pa.string()) if is_single else pa.list_(pa.string())


def column(found: Answers, kind: Kind, is_single: bool, first: int, last: int) -> pa.Array:
    """The answers of the rows from ``first`` up to ``last`` as they are stored."""
    if kind == "number":
        return pa.array(found.number[first:last])
    begin, end = found.begins[first], found.begins[last]
    if is_single:
        return pa.DictionaryArray.from_arrays(found.label[begin:end], pa.array(found.names, pa.string()))
    offsets = pa.array((found.begins[first : last + 1] - begin).astype(np.int32))
    named = pa.array(found.names, pa.string()).take(pa.array(found.label[begin:end]))
    if kind == "names":
        return pa.ListArray.from_arrays(offsets, named)
    parts = [pa.array(found.start[begin:end]), pa.array(found.end[begin:end]), named]
    return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(parts, ["start", "end", "label"]))
