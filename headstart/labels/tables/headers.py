"""Tables without a header: told by their first row, and their columns by what is in them."""

from collections.abc import Sequence
from typing import NamedTuple

from headstart.errors import DataError
from headstart.labels.records import Ask
from headstart.labels.tables.fields import (
    ANNOTATOR_NAMES,
    IMAGE_NAMES,
    LABEL_NAMES,
    PAIR_NAMES,
    TEXT_NAMES,
    Chosen,
    check_named,
)
from headstart.labels.tables.pieces import number

_NAMES = frozenset(
    {
        *TEXT_NAMES,
        *LABEL_NAMES,
        *IMAGE_NAMES,
        *ANNOTATOR_NAMES,
        *(name for pair in PAIR_NAMES for name in pair),
        "id",
        "split",
    }
)
_LONGEST_NAME = 60  # characters of a column's name
_MOST_WORDS = 6
_TEXT_WORDS = 2.5  # on average, from which on cells are texts
_ALIKE = 1 / 3  # how short the one text of a pair may be, beside the other
_SHOWN = 20  # columns that an error names
_FEW = 0.5  # the most distinct values of a label, as a share of the rows


class _Column(NamedTuple):
    name: str
    words: float
    distinct: float
    numeric: float


def has_header(rows: Sequence[Sequence[str]], named: Sequence[str]) -> bool:
    """Whether the first of some rows names the columns.

    Args:
        rows: The first rows.
        named: Fields that the user named.
    """
    first, rest = rows[0], rows[1:]
    if any(cell in named for cell in first) or any(cell.strip().lower() in _NAMES for cell in first):
        return True
    if any(number(cell) is not None or len(cell) > _LONGEST_NAME or len(cell.split()) > _MOST_WORDS for cell in first):
        return False
    # A name stands once; a value, such as a label's, comes again in its column.
    return not any(cell and cell in {row[at] for row in rest if at < len(row)} for at, cell in enumerate(first))


def column_names(count: int) -> list[str]:
    """What the columns of a table without a header are called."""
    return [f"column {number}" for number in range(1, count + 1)]


def choose(rows: Sequence[Sequence[str]], names: Sequence[str], where: str, ask: Ask) -> Chosen:
    """Which columns to read: of those that hold several words a cell the text or texts, of the others the label.

    Raises:
        DataError: A column that the user named is not there, or one could not be told.
    """
    check_named(names, where, ask)
    columns = [_column(name, [row[at] for row in rows]) for at, name in enumerate(names)]
    texts = [each for each in columns if each.words >= _TEXT_WORDS and each.numeric < 1]
    longest = max(texts, key=lambda each: each.words, default=None)
    alike = [each for each in texts if longest and each.words >= _ALIKE * longest.words]
    text = ask.fields.text if ask.fields.text != "auto" else alike[0].name if alike else ""
    pair = ask.fields.pair if ask.fields.pair != "auto" else alike[1].name if len(alike) == 2 else ""
    label = ask.fields.label if ask.fields.label != "auto" else _label(columns, (text, pair))
    if not text or not label:
        problem = f"it has no header, and no column is known to hold the {'label' if text else 'text'}."
        remedy = (
            f"Name the column under data.fields ({', '.join(map(repr, names[:_SHOWN]))}), or give the table a header."
        )
        raise DataError("data/unknown-field", problem, remedy=remedy, where=where)
    return Chosen(text, label, pair, "", "", ask.group_by or "", ask.time or "")


def _label(columns: Sequence[_Column], content: Sequence[str]) -> str:
    """The column with the fewest different values, numbers included, where they are few."""
    others = [each for each in columns if each.name not in content and (each.distinct <= _FEW or each.numeric == 1)]
    return min(others, key=lambda each: each.distinct).name if others else ""


def _column(name: str, cells: Sequence[str]) -> _Column:
    filled = [cell for cell in cells if cell.strip()]
    count = max(1, len(filled))
    return _Column(
        name,
        sum(len(cell.split()) for cell in filled) / count,
        len(set(filled)) / count,
        sum(number(cell) is not None for cell in filled) / count,
    )
