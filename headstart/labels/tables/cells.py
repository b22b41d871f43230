"""What the label field of a table says: names, several in one cell, numbers, or spans; and which of these a table has.

A cell is a value as JSON or Arrow have it, or text as CSV has it, which may spell any of them.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, cast

from headstart.labels.records import Kind, Names, Span, Value
from headstart.labels.tables import numerals
from headstart.labels.tables.pieces import number
from headstart.labels.tables.spelt import decoded

_SEPARATORS = "|;,"
_SEPARATED = 0.01  # the least share of cells with a separator for which it is taken for one
_KNOWN = 0.5  # the least share of their parts that must be met elsewhere
_LONGEST_NAME = 60
_START, _END, _LABEL = (
    ("start", "start_offset", "begin"),
    ("end", "end_offset", "stop"),
    ("label", "type", "entity", "tag"),
)


class BadLabel(Exception):  # noqa: N818 (a reason for a rejection, not an error of its own)
    """A cell cannot be a label."""

    reason = "bad-label"


class Form(NamedTuple):
    """How cells are read: what they hold, in words, and from a cell to what it says.

    ``value`` is asked of cells that are not blank, and gives None where one cannot be a label. ``named`` gives the name
    that a name in a cell stands for, None where that says that there is no label, and raises LookupError where it
    stands for none.
    """

    kind: Kind
    words: str
    value: Callable[[Any], Value | None]
    named: Callable[[str], str | None] = str

    def said(self, cell: Any) -> Value | None:
        """What a cell says; None where it says nothing.

        Raises:
            BadLabel: It cannot be a label.
        """
        if is_blank(cell) or (self.kind == "number" and numerals.is_missing(cell)):
            return None
        value = self.value(cell)
        if value is None:
            raise BadLabel
        if self.kind != "names" or not value:
            return value
        try:
            named = [self.named(name) for name in cast("Names", value)]
        except LookupError:
            raise BadLabel from None
        return tuple(dict.fromkeys(name for name in named if name is not None)) or None


def form_of(
    cells: Sequence[Any],
    kind: Kind | None,
    may_be_several: bool,
    vocabulary: Sequence[str] = (),
    names_of_numbers: Sequence[str] = (),
) -> Form:
    """The form of a label field.

    Args:
        cells: The field in the first rows.
        kind: What the task takes; None where the task is to be derived.
        may_be_several: Whether one record may have several names.
        vocabulary: The names that there are, where the user named them.
        names_of_numbers: What the numbers in the field stand for, where the table says so.
    """
    said = [cell for cell in cells if not is_blank(cell)]
    form = _form(said, kind if kind or not (vocabulary or names_of_numbers) else "names", may_be_several)
    if form.kind != "names":
        return form
    found = {str(name) for cell in said if isinstance(value := form.value(cell), tuple) for name in value}
    if names_of_numbers and all(map(numerals.is_whole, found)):
        return form._replace(named=numerals.numbered(names_of_numbers))
    if not found.isdisjoint(vocabulary):
        return form
    if (
        vocabulary
        and found
        and set(map(numerals.digits, found)) <= {*map(str, range(len(vocabulary))), numerals.NOBODY}
    ):
        return form._replace(named=numerals.numbered(vocabulary))
    return form._replace(named=numerals.spelling(found))


def is_blank(cell: object) -> bool:
    """Whether a cell says nothing; NaN is what pandas makes of such."""
    return cell is None or (isinstance(cell, str) and not cell.strip()) or (isinstance(cell, float) and cell != cell)


def _form(said: Sequence[Any], kind: Kind | None, may_be_several: bool) -> Form:
    if kind == "number" or (kind is None and numerals.is_measured(said)):
        return Form("number", "numbers", numerals.comma_number if numerals.may_have_commas(said) else number)
    spelt = [decoded(cell) for cell in said]
    if kind == "spans" or (kind is None and _are_spans(spelt)):
        return Form("spans", "spans", spans)
    lists = [each for each in spelt if isinstance(each, list)]
    if len(lists) > len(said) / 2:
        if length := _marks(lists):
            return Form("names", f"{length} marks of 0 and 1", lambda cell: _marked(decoded(cell), length))
        return Form("names", "lists of names", names if lists == said else lambda cell: names(decoded(cell)))
    if said and all(isinstance(cell, str) for cell in said):
        separator = _separator(said) if may_be_several else ""
        if separator:
            return Form("names", f"names parted by {separator!r}", lambda cell: _parted(cell, separator))
    return Form("names", "", names)


def names(cell: Any) -> Names | None:
    """A name or a list of names; numbers that are whole and truth values are names too."""
    found = [_name(each) for each in (cell if isinstance(cell, list) else [cell])]
    if None in found:
        return None
    return tuple(dict.fromkeys(name for name in found if name))


def spans(cell: Any) -> tuple[Span, ...] | None:
    """A list of spans: objects with start, end and label, or lists of the three."""
    found = decoded(cell)
    if not isinstance(found, list):
        return None
    read = [_span(each) for each in found]
    return None if None in read else tuple(dict.fromkeys(each for each in read if each))


def _name(value: Any) -> str | None:
    """A name, empty where it says nothing; None where it is none."""
    return str(value).strip() if isinstance(value, bool | int | str) else numerals.whole(value)


def _span(value: Any) -> Span | None:
    if isinstance(value, Mapping):
        value = [next((value[key] for key in keys if key in value), None) for keys in (_START, _END, _LABEL)]
    if not isinstance(value, list | tuple) or len(value) != 3:
        return None
    start, end, label = value
    if not isinstance(label, str):  # some tools write the label first
        return _span([end, label, start]) if isinstance(start, str) else None
    if any(isinstance(each, bool) or not isinstance(each, int) for each in (start, end)) or not label.strip():
        return None
    return Span(start, end, label.strip())


def _marks(lists: Sequence[list[Any]]) -> int:
    """How many marks of 0 and 1 each list has, one for each label that there is; 0 where lists are not of such."""
    lengths = set(map(len, lists))
    cells = [cell for each in lists for cell in each]
    if len(lengths) > 1 or not all(isinstance(cell, int | float) and cell in (0, 1) for cell in cells):
        return 0
    return lengths.pop() if any(len(set(each)) < len(each) for each in lists) else 0


def _marked(cell: Any, length: int) -> Names | None:
    """The numbers of the labels that are marked."""
    if not isinstance(cell, list) or len(cell) != length or not all(each in (0, 1) for each in cell):
        return None
    return tuple(str(at) for at, each in enumerate(cell) if each == 1)


def _are_spans(cells: Sequence[Any]) -> bool:
    lists = [cell for cell in cells if isinstance(cell, list) and cell]
    return bool(lists) and all(spans(cell) is not None for cell in lists)


def _separator(cells: Sequence[str]) -> str:
    """What parts several names in a cell, or nothing: the parts must be met as names elsewhere."""
    for separator in _SEPARATORS:
        several = {cell for cell in cells if separator in cell}
        parts = Counter(part for cell in several for part in set(_parted(cell, separator) or ()))
        if sum(cell in several for cell in cells) < _SEPARATED * len(cells) or not several:
            continue
        alone = {cell.strip() for cell in cells} - several
        known = sum(part in alone or count > 1 for part, count in parts.items())
        if known >= _KNOWN * len(parts) and max(map(len, parts), default=0) <= _LONGEST_NAME:
            return separator
    return ""


def _parted(cell: Any, separator: str) -> Names | None:
    return names(cell.split(separator) if isinstance(cell, str) else cell)
