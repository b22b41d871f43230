"""Tables as their formats hold them, some thousand rows at a time: objects, cells under a header, or Arrow columns."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

import pyarrow as pa

ROWS = 1 << 14
EXACT = 2.0**53
"""Whole numbers from here on may have lost digits as floats."""
LOOK_AHEAD = 1000
"""Rows that are seen before fields and their forms are chosen: not every row has every field."""
_STRINGS = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)

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
        found = scalar.as_py()
    except UnicodeDecodeError:
        return scalar.cast(pa.binary()).as_py()
    except (ValueError, OverflowError):
        if pa.types.is_timestamp(scalar.type) and scalar.type.tz:  # of a zone that this machine does not know
            return _value(scalar.cast(pa.timestamp(scalar.type.unit)))
        # It is beyond Python's calendar.
        return f"{scalar.type} {scalar.cast(pa.int64()).as_py()}"
    return float(found) if isinstance(found, Decimal) else found


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
    if pa.types.is_null(kind) or any(is_kind(kind) for is_kind in _STRINGS):
        try:
            found = values.cast(pa.string())
            found.validate(full=True)
        except pa.ArrowException:
            return None
        return found
    return None


def values(seen: Iterable[Piece], name: str, most: int) -> list[Any]:
    """The first values of a field as Python has them, None where a row lacks it."""
    found: list[Any] = []
    for piece in seen:
        wanted = min(most - len(found), len(piece.numbers))
        column = piece.column(name) if name in piece.names() else [None] * wanted
        found += column[:wanted] if isinstance(column, list) else [_value(each) for each in column.slice(0, wanted)]
    return found


def number(value: object) -> float | None:
    """A finite number, or None where the value is none; text may spell one, but not as Python does with ``_``."""
    if isinstance(value, str):
        if "_" in value:
            return None
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
