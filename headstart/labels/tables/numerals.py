"""Numbers in label fields: measured ones, those that are names or stand for some, and the words for missing ones."""

import re
from collections.abc import Callable, Sequence, Set
from typing import Any

from headstart.labels.tables.pieces import EXACT, number

NOBODY = "-1"
"""Hugging Face's number for a label that is not known."""

_WHOLE = re.compile(r"\s*([-+]?\d+)(?:\.0*)?\s*")
_COMMA = re.compile(r"\s*[-+]?\d*,\d+\s*")
_MISSING = frozenset({"nan", "na", "n/a", "null", "none", "-"})


def whole(value: object) -> str | None:
    """The digits of a float that is a whole number, as programs write one where some are missing; else None."""
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return str(int(value))
    return None


def is_whole(name: str) -> bool:
    """Whether a name is a whole number."""
    return _WHOLE.fullmatch(name) is not None


def digits(name: str) -> str:
    """A whole number without a decimal point; any other name as it is."""
    found = _WHOLE.fullmatch(name)
    return found[1] if found else name


def is_measured(cells: Sequence[Any]) -> bool:
    """Whether all are numbers and some are not whole: grades and scores, where whole numbers may be names.

    A number that is not finite costs its own record: it makes no names of the others.
    """
    numbers = [number(cell) for cell in cells if not is_missing(cell) and not _is_infinite(cell)]
    return None not in numbers and not _are_whole(numbers)


def may_have_commas(cells: Sequence[Any]) -> bool:
    """Whether a comma in a number may be a decimal one, as in most of Europe: there are no decimal points."""
    return _are_whole([number(cell) for cell in cells])


def is_missing(cell: Any) -> bool:
    """Whether a cell is one of the words for a number that is missing."""
    return isinstance(cell, str) and cell.strip().lower() in _MISSING


def _is_infinite(cell: Any) -> bool:
    return str(cell).strip().lower().lstrip("+-") in {"inf", "infinity"}


def comma_number(cell: Any) -> float | None:
    """A number that may have a decimal comma."""
    return number(cell.replace(",", ".") if isinstance(cell, str) and _COMMA.fullmatch(cell) else cell)


def numbered(names: Sequence[str]) -> Callable[[str], str | None]:
    """From numbers to the names that they stand for."""
    known: dict[str, str | None] = {str(number): name for number, name in enumerate(names)}
    known[NOBODY] = None
    return lambda name: known[digits(name)]


def spelling(found: Set[str]) -> Callable[[str], str | None]:
    """From names as cells write them to names.

    Where names are numbers, ``1.0`` is what programs make of ``1`` if some are missing. A dash alone says that there
    is none, as in SNLI; not so beside a plus.
    """
    numbers = {name for name in found if is_whole(name)}
    if numbers and all(map(is_missing, found - numbers)):
        return lambda name: None if is_missing(name) else digits(name)
    return str if "+" in found else lambda name: None if name == "-" else name


def _are_whole(numbers: Sequence[float | None]) -> bool:
    return all(each == int(each) for each in numbers if each is not None)
