"""What the label field of a table says: names, several in one cell, numbers, or spans; and which of these a table has.

A cell is a value as JSON or Arrow have it, or text as CSV has it, which may spell any of them.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from headstart.labels.records import Kind, Names, Span, Value
from headstart.labels.tables.pieces import number

_SEPARATORS = "|;,"
_SEPARATED = 0.01  # the least share of cells with a separator for which it is taken for one
_KNOWN = 0.5  # the least share of their parts that must be met elsewhere
_LONGEST_NAME = 60
_START, _END, _LABEL = (
    ("start", "start_offset", "begin"),
    ("end", "end_offset", "stop"),
    ("label", "type", "entity", "tag"),
)


class Form(NamedTuple):
    """How cells are read: what they hold, in words, and from a cell to what it says.

    ``value`` is asked of cells that are not blank, and gives None where one cannot be a label. ``renamed`` are names to
    be replaced, where a table has numbers for names that are known.
    """

    kind: Kind
    words: str
    value: Callable[[Any], Value | None]
    renamed: Mapping[str, str] = MappingProxyType({})


def form_of(cells: Sequence[Any], kind: Kind | None, may_be_several: bool, vocabulary: Sequence[str] = ()) -> Form:
    """The form of a label field.

    Args:
        cells: The field in the first rows.
        kind: What the task takes; None where the task is to be derived.
        may_be_several: Whether one record may have several names.
        vocabulary: The names that there are, where they are known.
    """
    form = _form(cells, kind if kind or not vocabulary else "names", may_be_several)
    if form.kind != "names" or not vocabulary:
        return form
    said = {name for cell in cells if cell not in (None, "") for name in form.value(cell) or ()}  # type: ignore[union-attr]
    numbers = {str(number): name for number, name in enumerate(vocabulary)}
    return form._replace(renamed=numbers) if said and said.isdisjoint(vocabulary) and said <= numbers.keys() else form


def _form(cells: Sequence[Any], kind: Kind | None, may_be_several: bool) -> Form:
    said = [cell for cell in cells if cell not in (None, "")]
    if kind == "number" or (kind is None and _is_measured(said)):
        return Form("number", "numbers", number)
    spelt = [_decoded(cell) for cell in said]
    if kind == "spans" or (kind is None and _are_spans(spelt)):
        return Form("spans", "spans", spans)
    if said and all(isinstance(cell, str) for cell in said):
        if sum(isinstance(each, list) for each in spelt) > len(said) / 2:
            return Form("names", "lists of names", lambda cell: names(_decoded(cell)))
        separator = _separator(said) if may_be_several else ""
        if separator:
            return Form("names", f"names parted by {separator!r}", lambda cell: _parted(cell, separator))
    return Form("names", "", names)


def names(cell: Any) -> Names | None:
    """A name or a list of names; numbers that are whole and truth values are names too."""
    found = cell if isinstance(cell, list) else [cell]
    if not all(isinstance(name, bool | int | str) for name in found):
        return None
    return tuple(dict.fromkeys(str(name).strip() for name in found if str(name).strip()))


def spans(cell: Any) -> tuple[Span, ...] | None:
    """A list of spans: objects with start, end and label, or lists of the three."""
    found = _decoded(cell)
    if not isinstance(found, list):
        return None
    read = [_span(each) for each in found]
    return None if None in read else tuple(dict.fromkeys(each for each in read if each))


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


def _decoded(cell: Any) -> Any:
    """What a text spells as JSON, where it spells a list."""
    if isinstance(cell, str) and cell.lstrip()[:1] == "[":
        try:
            return json.loads(cell)
        except (ValueError, RecursionError):
            return cell
    return cell


def _is_measured(cells: Sequence[Any]) -> bool:
    """Whether all are numbers and some are not whole: grades and scores, where whole numbers may be names."""
    numbers = [number(cell) for cell in cells]
    return bool(cells) and None not in numbers and any(each != int(each) for each in numbers if each is not None)


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
