"""Labels that have a field each, which holds 1 in the rows that they apply to and 0 in others."""

from collections.abc import Mapping, Sequence
from typing import Any

from headstart.errors import DataError
from headstart.labels.tables.cells import is_blank
from headstart.labels.tables.pieces import Row, number

_TRUTHS = {"true": True, "false": False}


def label(row: Row, marks: Sequence[str]) -> Any:
    """The names of the fields that hold 1, where the others hold 0 or nothing.

    None where none holds anything, and the fields themselves where one holds anything else, which no label is.
    """
    if all(is_blank(row.get(name)) for name in marks):
        return None
    found = {name: _mark(row.get(name)) for name in marks}
    return found if None in found.values() else [name for name, applies in found.items() if applies]


def check(seen: Mapping[str, Sequence[Any]], where: str) -> None:
    """See that most rows hold 0 and 1.

    Args:
        seen: What some rows hold, by field.
        where: The file.

    Raises:
        DataError: They do not.
    """
    for name, values in seen.items():
        odd = [value for value in values if _mark(value) is None]
        if 2 * len(odd) > len(values):
            problem = f"field {name!r} holds {str(odd[0])[:20]!r}, where fields that are named together hold 0 or 1."
            remedy = "Name one field as data.fields.label, or those that hold 0 and 1."
            raise DataError("data/unknown-field", problem, remedy=remedy, where=where)


def _mark(value: Any) -> bool | None:
    if isinstance(value, str):
        value = _TRUTHS.get(value.strip().lower(), value)
    if is_blank(value):
        return False
    found = float(value) if isinstance(value, bool) else number(value)
    return found == 1 if found in (0, 1) else None
