"""Which column holds what, told by what is in the columns: of tables without a header, and where names do not tell."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from headstart.labels.tables.pieces import number

_TEXT_WORDS = 2.5  # on average, from which on cells are texts
_ALIKE = 1 / 3  # how short the one text of a pair may be, beside the other
_REPEATED = 0.1  # the least different values of texts, as a share of the rows
_FEW = 0.5  # the most different values of a label, as a share of the rows
_SURELY_FEW = 0.2  # the same, where a name speaks against it or for nothing
_MANY = 10  # rows that are enough to tell names from numbers that count rows
_MARKS = frozenset({"0", "1", "0.0", "1.0", "true", "false"})
# Letters of Thai, Lao, Burmese, Khmer, Japanese and Chinese, whose words no spaces part.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


class Column(NamedTuple):
    """What is in a column: in how many rows there is anything, and what that is like."""

    name: str
    rows: int
    words: float
    values: int
    is_numeric: bool
    is_measured: bool
    is_marked: bool
    is_written: bool

    @property
    def is_text(self) -> bool:
        """Whether people wrote it: several words a cell, not as many in each as dates have, and seldom the same."""
        return self.is_written and self.words >= _TEXT_WORDS and self.values > _REPEATED * self.rows

    @property
    def is_counted(self) -> bool:
        """Whether it is a number for each row, such as an id."""
        return self.is_numeric and not self.is_measured and self.values == self.rows >= _MANY

    def is_few(self, share: float) -> bool:
        """Whether its values come again and again, as those of a label do, or are measured."""
        return self.rows > 0 and (self.is_measured or self.values <= share * self.rows)


def words(text: str) -> float:
    """How many words there are, about."""
    return max(len(text.split()), len(_UNSPACED.findall(text)) / 2)


def column(name: str, cells: Sequence[Any]) -> Column:
    """A column with these cells."""
    said = [str(cell) for cell in cells if isinstance(cell, str | int | float) and str(cell).strip()]
    filled = [cell for cell in cells if cell is not None and cell != ""]
    numbers = [found for cell in said if (found := number(cell)) is not None]
    counts = [words(cell) for cell in said]
    is_numeric = bool(said) and len(numbers) == len(said) == len(filled)
    return Column(
        name,
        rows=len(filled),
        words=sum(counts) / max(1, len(filled)),
        values=len(set(said)) + len(filled) - len(said),
        is_numeric=is_numeric,
        is_measured=is_numeric and any(each != int(each) for each in numbers),
        is_marked=bool(said) and len(said) == len(filled) and {cell.strip().lower() for cell in said} <= _MARKS,
        is_written=len(set(counts)) > 1 or not all(any(map(str.isdigit, cell)) for cell in said),
    )


def columns(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Column]:
    """The columns of some rows, which have a cell for each name."""
    return [column(name, [row[at] for row in rows]) for at, name in enumerate(names)]


def texts(among: Sequence[Column]) -> list[str]:
    """The columns that hold the text, or the two texts of a pair; none where this cannot be told."""
    written = [each for each in among if each.is_text]
    longest = max(written, key=lambda each: each.words, default=None)
    if longest is None:
        return []
    alike = [each.name for each in written if each.words >= _ALIKE * longest.words]
    return alike if len(alike) <= 2 else [longest.name]


def short_text(among: Sequence[Column]) -> list[str]:
    """Of two columns the one that holds texts of a word or two, for they seldom come again, as labels do."""
    found = [each.name for each in among if not each.is_numeric and not each.is_few(_FEW)]
    return found if len(among) == 2 and len(found) == 1 else []


def text(among: Sequence[Column]) -> str | None:
    """The column that holds the text, if there is one that is far longer than the others."""
    found = texts(among)
    return found[0] if len(found) == 1 else None


def label(among: Sequence[Column]) -> str | None:
    """The column that holds the label, if it is the only one that looks as if it did."""
    found = [
        each.name
        for each in among
        if each.rows >= _MANY and each.values > 1 and each.is_few(_SURELY_FEW) and not each.is_text
    ]
    return found[0] if len(found) == 1 else None


def labels(among: Sequence[Column], content: Sequence[str]) -> list[str]:
    """The columns of a table without names that hold the label: one, or as many as are equally likely.

    That is the only other column, a grade beside a pair, or whichever has the fewest different values.
    """
    others = [each for each in among if each.name not in content and each.rows and not each.is_counted]
    if len(among) == len(content) + 1:
        return [each.name for each in others]
    likely = [each for each in others if each.is_few(_FEW) or each.is_numeric]
    measured = [each for each in likely if each.is_measured]
    if len(content) == 2 and len(measured) == 1:
        return [measured[0].name]
    likely = [each for each in likely if each.values > 1] or likely
    least = min((each.values for each in likely), default=0)
    return [each.name for each in likely if each.values == least]


def marks(among: Sequence[Column]) -> list[str]:
    """The columns of nothing but 0 and 1, if there are several: each may be a label."""
    found = [each.name for each in among if each.is_marked]
    return found if len(found) > 1 else []
