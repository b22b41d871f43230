"""Which column of a CoNLL file holds what, told from its first sentences."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from headstart.errors import DataError
from headstart.labels.formats.conll import tags as conll_tags
from headstart.labels.formats.conll.table import TOKENS, Row, Table, cells
from headstart.labels.formats.conll.tags import Column, Rank, Tags
from headstart.labels.formats.tag_schemes import LABELS
from headstart.labels.records import Ask
from headstart.labels.tables import fields

_NUMBER = re.compile(r"[0-9]{1,9}")
_UNSPACED = frozenset({"SpaceAfter=No", "NoSpaceAfter"})
_LAST = "last"
_MOST = 0.9  # the least share of sentences whose words are numbered


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column holds what. ``inner`` are further columns of tags, which are left aside; ``seen`` are some tags."""

    table: Table
    numbers: Column | None
    tokens: Column
    tags: Tags
    inner: tuple[Tags, ...]
    spacing: Column | None
    seen: frozenset[str]

    def cells(self, line: str) -> list[str]:
        """The cells of a line."""
        return cells(line, self.table.is_tabbed)

    def is_row(self, line: str) -> bool:
        """Whether the line has the right columns."""
        return len(self.cells(line)) == self.table.width

    def is_token(self, line: str) -> bool:
        """Whether the line has the right columns, with a tag among them."""
        return self.is_row(line) and self.is_tagged(self.cells(line))

    def is_tagged(self, row: Row) -> bool:
        """Whether a row has a tag; where tags are just labels, one that was seen: any name could be one."""
        tag, scheme = self.tags.column.of(row), self.tags.scheme
        return tag in self.seen or (bool(scheme.first) and (tag == scheme.outside or scheme.parsed(tag) is not None))

    def is_header(self, line: str) -> bool:
        """Whether the line names the columns."""
        return line == self.table.header

    def is_spaced(self, row: Row) -> bool:
        """Whether a space follows the token of a row."""
        return self.spacing is None or not _is_unspaced(row[self.spacing.number])

    def __str__(self) -> str:
        return f"tokens from {self.tokens.name}, tags from {self.tags.column.name} ({self.tags.scheme.name})"


def layout_of(table: Table, ask: Ask, where: str) -> Layout | None:
    """The layout of a table; None where no column holds tags, or none is left for tokens.

    Raises:
        DataError: A column that the user named is not there, or holds no tags.
    """
    columns = conll_tags.columns(table)
    numbers = columns[0] if _is_numbered(table) else None
    found = conll_tags.all_tags(table, [column for column in columns if column != numbers])
    wanted = ask.fields.label
    chosen = _named(table, columns, wanted, where) if wanted != "auto" else found[0] if found else None
    if chosen is None:
        return None
    taken = {column.number for column in (numbers, chosen.column, *(tags.column for tags in found)) if column}
    rest = [column for column in columns if column.number not in taken]
    named = columns[_number(table, "text", ask.fields.text, where)] if ask.fields.text != "auto" else None
    tokens = named or _tokens(table, rest)
    if tokens is None:
        return None
    inner = tuple(tags for tags in found if tags.is_sure and tags.column != chosen.column)
    spacing = next((column for column in columns if column != tokens and _has_spacing(table, column)), None)
    tags_seen = {chosen.column.of(row) for rows in table.sentences for row in rows}
    seen = frozenset(tag for tag in tags_seen if tag == chosen.scheme.outside or chosen.scheme.parsed(tag))
    return Layout(table, numbers, tokens, chosen, inner, spacing, seen)


def _is_numbered(table: Table) -> bool:
    """Whether the first column numbers the words of each sentence, from 1 or 0."""
    if table.width < 3:
        return False
    counted = 0
    for words in table.column(0):
        numbers = [int(cell) for cell in words if _NUMBER.fullmatch(cell)]
        counted += bool(numbers) and numbers[0] < 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return counted >= _MOST * len(table.sentences)


def _named(table: Table, columns: Sequence[Column], wanted: str, where: str) -> Tags:
    """The tags that the user named, by column or by key.

    Raises:
        DataError: There are none.
    """
    keyed = next((column for column in conll_tags.keys(table, columns) if column.key == wanted), None)
    column = keyed or columns[_number(table, "label", wanted, where)]
    tags = conll_tags.tags_of(table, column)
    if tags is None and any("O" in words for words in table.column(column.number)):
        return Tags(column, LABELS, Rank.LABELS)
    if tags is None:
        problem = f"{column.name} holds no tags, such as B-PER, I-PER and O."
        remedy = f"Name the column that does under data.fields.label: 1 to {table.width}, or {_LAST}."
        raise DataError("data/unknown-field", problem, remedy=remedy, where=where)
    return tags


def _number(table: Table, kind: str, wanted: str, where: str) -> int:
    """The column of a name or number.

    Raises:
        DataError: There is none.
    """
    if wanted in table.names:
        return table.names.index(wanted)
    if wanted == _LAST:
        return table.width - 1
    if _NUMBER.fullmatch(wanted) and 1 <= int(wanted) <= table.width:
        return int(wanted) - 1
    numbers = [str(number + 1) for number in range(table.width)]
    raise fields.unknown(kind, wanted, [*(table.names or numbers), _LAST], where)


def _tokens(table: Table, among: Sequence[Column]) -> Column | None:
    """The column of tokens: the one that is called so, or the first that does not only hold numbers."""
    for column in among:
        if table.names and table.names[column.number].lower() in TOKENS:
            return column
    for column in among:
        if not all(_NUMBER.fullmatch(cell) for words in table.column(column.number) for cell in words):
            return column
    return among[0] if among else None


def _has_spacing(table: Table, column: Column) -> bool:
    return any(_is_unspaced(cell) for words in table.column(column.number) for cell in words)


def _is_unspaced(cell: str) -> bool:
    return "SpaceAfter" in cell and not _UNSPACED.isdisjoint(cell.split("|"))
