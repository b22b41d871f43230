"""The columns of a CoNLL file that hold tags, and which of them are likely to be labels."""

from collections import Counter
from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from headstart.labels.formats.conll.table import Row, Table
from headstart.labels.formats.tag_schemes import BLANK, Scheme, is_tag, scheme_of

_MOST = 0.9  # the least share of tags that are phrases
# What chunkers call phrases, in English and German: tagged, too, but nothing that anybody labels.
_PHRASES = frozenset(
    {
        *("NP", "VP", "PP", "ADVP", "ADJP", "SBAR", "PRT", "CONJP", "INTJ", "LST", "UCP"),
        *("NC", "VC", "PC", "NX", "VX", "PX"),
    }
)


class Column(NamedTuple):
    """A column: its number from 0, what users call it, and the key of what is meant in cells such as ``name=B-PER``."""

    number: int
    name: str
    key: str = ""

    def of(self, row: Row) -> str:
        """What a row says in it."""
        cell = row[self.number]
        if not self.key:
            return cell
        start = f"{self.key}="
        return next((part.removeprefix(start) for part in cell.split("|") if part.startswith(start)), "O")


class Rank(IntEnum):
    """What is in a column of tags, the likeliest to be labels first."""

    TAGS = 1
    LETTERS = 2  # prefixes without labels
    LABELS = 3  # labels without prefixes
    EMPTY = 4  # no span at all
    PHRASES = 5  # of a chunker


class Tags(NamedTuple):
    """A column of tags and their scheme."""

    column: Column
    scheme: Scheme
    rank: Rank

    @property
    def is_sure(self) -> bool:
        """Whether they could hardly be anything else: they have prefixes, and are no phrases."""
        return self.rank <= Rank.LETTERS


def columns(table: Table) -> list[Column]:
    """All columns."""
    return [
        Column(number, repr(table.names[number]) if table.names else f"column {number + 1}")
        for number in range(table.width)
    ]


def all_tags(table: Table, among: Sequence[Column]) -> list[Tags]:
    """The columns of tags, or the keys where no column has them; the likeliest first, of equal ones the leftmost."""
    found = [tags for column in among if (tags := tags_of(table, column))]
    # The first column is the tokens' rather, and a short file may hold just an I, O or S-Bahn there.
    found = [tags for tags in found if tags.column.number or (tags.rank is Rank.TAGS and has_outside(table, tags))]
    if not found:
        found = [tags for column in keys(table, among) if (tags := tags_of(table, column)) and tags.is_sure]
    return sorted(found, key=lambda tags: tags.rank)


def tags_of(table: Table, column: Column) -> Tags | None:
    """The tags in a column; None where most of what it holds are none."""
    tags = [[column.of(row) for row in rows] for rows in table.sentences]
    scheme = scheme_of(tags)
    if scheme is None:
        return None
    counts = Counter(tag for each in tags for tag in each if tag not in BLANK and tag != scheme.outside)
    labels = {tag: parsed[1] for tag in counts if (parsed := scheme.parsed(tag))}
    phrases = sum(counts[tag] for tag, label in labels.items() if label in _PHRASES)
    if not counts:
        return Tags(column, scheme, Rank.EMPTY)
    if phrases >= _MOST * counts.total():
        return Tags(column, scheme, Rank.PHRASES)
    if not scheme.first:
        return Tags(column, scheme, Rank.LABELS)
    return Tags(column, scheme, Rank.TAGS if scheme.is_named else Rank.LETTERS)


def has_outside(table: Table, tags: Tags) -> bool:
    """Whether some token is in no span."""
    return any(tags.column.of(row) == tags.scheme.outside for rows in table.sentences for row in rows)


def keys(table: Table, among: Sequence[Column]) -> list[Column]:
    """The keys of tags in cells that list them, such as MISC in CoNLL-U (``SpaceAfter=No|name=B-PER``)."""
    found: dict[Column, None] = {}
    for column in among:
        cells = (cell for rows in table.column(column.number) for cell in rows if "=" in cell)
        parts = (part.partition("=") for cell in cells for part in cell.split("|"))
        names = dict.fromkeys(key for key, _, value in parts if is_tag(value))
        found |= {Column(column.number, f"{key!r} in {column.name}", key): None for key in names}
    return list(found)
