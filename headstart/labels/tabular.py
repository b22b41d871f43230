"""What CSV, JSONL and Parquet share: rows that are maps from field names to values."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.labels.fields import choose_label, choose_text, unknown
from headstart.labels.records import Reading, Record, Reject, SourceFile, is_clean
from headstart.spec import SPLITS, FieldsSpec

Row = Mapping[str, Any]
Placed = tuple[str, Row | Reject]
SPLIT = "split"
_SPLIT_ALIASES = {"dev": "validation", "valid": "validation", "val": "validation", "eval": "validation"}
_LOOK_AHEAD = 100  # rows whose field names are seen before fields are chosen: not every row has every field


@dataclass(frozen=True, slots=True)
class Columns:
    """Which fields hold what."""

    text: str
    label: str
    group: str | None

    def __str__(self) -> str:
        return f"text from {self.text!r}, label from {self.label!r}"


def choose(names: Sequence[str], file: SourceFile, fields: FieldsSpec, group_by: str | None) -> Columns:
    """The fields to read, out of those that there are.

    Raises:
        DataError: One that the user named is not there, or one could not be derived.
    """
    text = choose_text(fields.text, names, file.name)
    label = choose_label(fields.label, names, text, file.name)
    if group_by is not None and group_by not in names:
        raise unknown("group", group_by, names, file.name)
    return Columns(text, label, group_by)


def reading(rows: Iterable[Placed], file: SourceFile, fields: FieldsSpec, group_by: str | None) -> Reading:
    """A reading of rows whose field names are only known from the rows themselves."""
    rows = iter(rows)
    head: list[Placed] = []
    seen: dict[str, None] = {}
    named = 0
    for place, row in rows:
        head.append((place, row))
        if isinstance(row, Mapping) and row:
            seen |= dict.fromkeys(row)
            named += 1
            if named == _LOOK_AHEAD:
                break
    columns = choose(list(seen), file, fields, group_by) if seen else None
    return Reading(str(columns or ""), records(itertools.chain(head, rows), file, columns))


def records(rows: Iterable[Placed], file: SourceFile, columns: Columns | None) -> Iterator[Record | Reject]:
    """Each row as a record; without columns no row has a text."""
    for place, row in rows:
        if isinstance(row, Reject):
            yield row
        elif columns is None:
            yield Reject(place, "no-text", dict(row))
        else:
            yield _record(place, row, file, columns)


def _record(place: str, row: Row, file: SourceFile, columns: Columns) -> Record | Reject:
    text, votes = row.get(columns.text), _votes(row.get(columns.label))
    group = row.get(columns.group) if columns.group else None
    group = None if group is None or group == "" else str(group)
    split = file.split or _split(row.get(SPLIT))
    if not isinstance(text, str):
        return Reject(place, "no-text", dict(row))
    if votes is None:
        return Reject(place, "bad-label", dict(row))
    if not all(map(is_clean, (text, group or "", *itertools.chain(*votes)))):
        return Reject(place, "broken-unicode", repr(dict(row)))
    if split == "unknown":
        return Reject(place, "unknown-split", dict(row))
    return Record(place, text, votes, split, group)


def _votes(labels: object) -> tuple[tuple[str, ...], ...] | None:
    """One vote, or none where there is no label, or None where the value cannot be a label."""
    names = labels if isinstance(labels, list) else [] if labels is None else [labels]
    if not all(isinstance(name, bool | int | str) for name in names):
        return None
    vote = tuple(dict.fromkeys(str(name).strip() for name in names if str(name).strip()))
    return (vote,) if vote else ()


def _split(value: object) -> Any:
    """The published split that a ``split`` column names, None where it is blank."""
    if value is None or value == "":
        return None
    name = str(value).strip().lower()
    name = _SPLIT_ALIASES.get(name, name)
    return name if name in SPLITS else "unknown"
