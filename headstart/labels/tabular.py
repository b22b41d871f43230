"""What CSV, JSONL and Parquet share: rows that are maps from field names to values."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from headstart.errors import DataError
from headstart.labels import fields as field_names
from headstart.labels.records import Record, Reject, SourceFile
from headstart.labels.text import is_clean
from headstart.spec import SPLITS, FieldsSpec

Row = Mapping[str, Any]
_SPLIT_ALIASES = {"dev": "validation", "valid": "validation", "val": "validation", "eval": "validation"}
_LOOK_AHEAD = 100  # rows whose field names are seen before the fields are chosen: not every row has every field


def records(
    rows: Iterable[tuple[str, Row | Reject]], file: SourceFile, fields: FieldsSpec, group_by: str | None
) -> Iterator[Record | Reject]:
    """Turn rows with their places into records.

    Raises:
        DataError: The fields that hold text and label are not known or not there.
    """
    rows = iter(rows)
    head = list(itertools.islice(rows, _LOOK_AHEAD))
    names = list(dict.fromkeys(name for _, row in head if isinstance(row, Mapping) for name in row))
    if not names:
        yield from (row for _, row in head if isinstance(row, Reject))
        return
    text = field_names.choose(fields.text, "text", names, file.name)
    label = field_names.choose(fields.label, "label", [name for name in names if name != text], file.name)
    if group_by is not None and group_by not in names:
        raise DataError(
            "data/unknown-field",
            f"there is no field {group_by!r} for data.split.group_by.",
            remedy=f"Fields: {', '.join(names)}.",
            where=file.name,
        )
    for place, row in itertools.chain(head, rows):
        yield row if isinstance(row, Reject) else _record(place, row, file, text, label, group_by)


def _record(place: str, row: Row, file: SourceFile, text: str, label: str, group_by: str | None) -> Record | Reject:
    content, labels = row.get(text), row.get(label)
    if content is None or not isinstance(content, str):
        return Reject(place, "no-text", dict(row))
    votes = _votes(labels)
    if votes is None:
        return Reject(place, "bad-label", dict(row))
    if not all(map(is_clean, (content, *itertools.chain(*votes)))):
        return Reject(place, "broken-unicode", repr(dict(row)))
    split = file.split or _split(row.get("split"))
    if split == "unknown":
        return Reject(place, "unknown-split", dict(row))
    group = row.get(group_by) if group_by else None
    return Record(place, content, votes, split, None if group is None else str(group))


def _votes(labels: object) -> tuple[tuple[str, ...], ...] | None:
    """One vote, or none where there is no label, or None where the value cannot be a label."""
    if labels is None or labels == "" or labels == []:
        return ()
    if isinstance(labels, list) and all(isinstance(each, str) and each for each in labels):
        return (tuple(labels),)
    if isinstance(labels, bool | int | str):
        return ((str(labels).strip(),),) if str(labels).strip() else ()
    return None


def _split(value: object) -> Any:
    """The published split that a ``split`` column names, None where it is blank."""
    if value is None or value == "":
        return None
    name = str(value).strip().lower()
    name = _SPLIT_ALIASES.get(name, name)
    return name if name in SPLITS else "unknown"
