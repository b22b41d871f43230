"""Tables as their formats hold them, some thousand rows at a time: objects, cells under a header, or Arrow columns."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

ROWS = 1 << 14

Row = Mapping[str, Any]


class Piece(Protocol):
    """Rows one after the other; ``numbers`` says which, as the format counts, and ``unit`` what is counted."""

    @property
    def numbers(self) -> Sequence[int]:
        """The line or row that each stands on."""

    @property
    def unit(self) -> str:
        """A line, a row, or an object."""

    def names(self) -> Sequence[str]:
        """The fields that some row has."""

    def column(self, name: str) -> list[Any] | pa.Array:
        """The value of a field in each row, None where a row lacks it."""

    def row(self, index: int) -> Row:
        """One row by its position, whole."""


@dataclass(frozen=True)
class Objects:
    """Rows that are objects, as in JSON."""

    numbers: Sequence[int]
    rows: Sequence[Row]
    unit: str = "line"

    def names(self) -> Sequence[str]:
        """See :meth:`Piece.names`."""
        return list(dict.fromkeys(name for row in self.rows for name in row))

    def column(self, name: str) -> list[Any]:
        """See :meth:`Piece.column`."""
        return [row.get(name) for row in self.rows]

    def row(self, index: int) -> Row:
        """See :meth:`Piece.row`."""
        return self.rows[index]


@dataclass(frozen=True)
class Cells:
    """Rows of cells under a header, as in CSV; each row has as many cells as the header."""

    numbers: Sequence[int]
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    unit: str = "line"

    def names(self) -> Sequence[str]:
        """See :meth:`Piece.names`."""
        return self.header

    def column(self, name: str) -> list[Any]:
        """See :meth:`Piece.column`."""
        at = self.header.index(name)
        return [row[at] for row in self.rows]

    def row(self, index: int) -> Row:
        """See :meth:`Piece.row`."""
        return dict(zip(self.header, self.rows[index], strict=True))


@dataclass(frozen=True)
class Batch:
    """Rows of an Arrow batch."""

    numbers: Sequence[int]
    batch: pa.RecordBatch
    unit: str = "row"

    def names(self) -> Sequence[str]:
        """See :meth:`Piece.names`."""
        names: list[str] = self.batch.schema.names
        return names

    def column(self, name: str) -> pa.Array:
        """See :meth:`Piece.column`."""
        return self.batch.column(name)

    def row(self, index: int) -> Row:
        """See :meth:`Piece.row`; a string that is not UTF-8 is bytes."""
        return {name: _value(self.batch.column(name)[index]) for name in self.batch.schema.names}


def _value(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        return scalar.cast(pa.binary()).as_py()


def strings(values: list[Any] | pa.Array) -> pa.Array | None:
    """A column as Arrow strings, or None where some value is none and not missing."""
    if isinstance(values, list):
        try:
            return pa.array(values, pa.string())
        except (pa.ArrowException, UnicodeError):
            return None
    kind = values.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_null(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        try:
            found = values.cast(pa.string())
            found.validate(full=True)
        except pa.ArrowException:
            return None
        return found
    return None


def python(values: list[Any] | pa.Array, index: int) -> Any:
    """One value of a column as Python has it."""
    return values[index] if isinstance(values, list) else values[index].as_py()


def number(value: object) -> float | None:
    """A finite number, or None where the value is none; text may spell one."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def first(pieces: Iterator[Any], least: int) -> tuple[list[Any], list[Piece]]:
    """What comes until there are ``least`` rows, or all: everything, and the pieces among it."""
    items: list[Any] = []
    found: list[Piece] = []
    for item in pieces:
        items.append(item)
        if hasattr(item, "numbers"):
            found.append(item)
            if sum(len(piece.numbers) for piece in found) >= least:
                break
    return items, found
