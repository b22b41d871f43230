"""The first sentences of a CoNLL file as a table: how its lines are parted, and its columns."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from headstart.labels.formats.conll.blocks import Block, is_structure
from headstart.labels.formats.tag_schemes import is_tag

TOKENS = ("form", "token", "tokens", "word", "words", "text")  # names of the column of tokens, in small letters
_GAP = re.compile(r"[ \t]+")  # other white space may be a token
_NAMED = re.compile(r"#\s*global\.columns\s*=\s*(.*?)\s*")

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """Sentences of rows of ``width`` cells.

    ``names`` are the columns' names, none where the file does not say; ``header`` is the line that says them, where it
    is one among those of tokens. ``rows_seen`` also counts rows of another width.
    """

    is_tabbed: bool
    width: int
    names: tuple[str, ...]
    header: str | None
    sentences: Sequence[Sequence[Row]]
    rows_seen: int

    def column(self, number: int) -> list[list[str]]:
        """A column's cells, by sentence."""
        return [[row[number] for row in rows] for rows in self.sentences]


def cells(line: str, is_tabbed: bool) -> list[str]:
    """The cells of a line; one without tabs may be parted by spaces even in a file that has tabs elsewhere."""
    return line.split("\t") if is_tabbed and "\t" in line else _GAP.split(line.strip(" \t"))


def table_of(sample: Sequence[Block]) -> Table | None:
    """The table that a file begins with; None where it has no two columns."""
    lines = [[line.text for line in block if not is_structure(line.text)] for block in sample]
    every = [line for block in lines for line in block]
    is_tabbed = 2 * sum("\t" in line for line in every) >= len(every)
    rows = [[cells(line, is_tabbed) for line in block] for block in lines]
    widths = Counter(len(row) for block in rows for row in block)
    width = max(widths, key=widths.__getitem__, default=0)
    names = _global_columns(sample)
    header = every[0] if every and not names and _is_header(cells(every[0], is_tabbed)) else None
    if header is not None:
        names = cells(header, is_tabbed)
    sentences = [[row for row in block if len(row) == width and row != names] for block in rows]
    sentences = [block for block in sentences if block]
    if width < 2 or not sentences:
        return None
    named = tuple(names) if len(names) == width else ()
    return Table(is_tabbed, width, named, header, sentences, widths.total() - (header is not None))


def _global_columns(sample: Sequence[Block]) -> list[str]:
    """The names of the columns, as CoNLL-U Plus gives them in its first line."""
    for block in sample[:1]:
        for line in block:
            if found := _NAMED.fullmatch(line.text):
                return found[1].split()
    return []


def _is_header(row: Row) -> bool:
    """Whether a first row names columns: one of them has a name for tokens, and none a tag."""
    has_tokens = any(cell.lower() in TOKENS for cell in row)
    return has_tokens and len(set(row)) == len(row) > 1 and not any(map(is_tag, row))
