"""Fields inside fields: ``message.body`` is the member ``body`` of the object that the field ``message`` holds."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from headstart.labels.records import Ask, Reject
from headstart.labels.tables.pieces import Objects, Piece


def lifted(items: Iterable[Objects | Reject], ask: Ask) -> Iterator[Piece | Reject]:
    """Rows in which each field inside another that the user named is a field of its own as well."""
    paths = named(ask)
    for item in items:
        if paths and isinstance(item, Objects):
            yield Objects(item.numbers, [with_members(row, paths) for row in item.rows], item.unit)
        else:
            yield item


def named(ask: Ask) -> list[str]:
    """The fields that the user named with a dot in their names; several may stand in the one of the label."""
    fields = ask.fields
    wanted = (fields.text, fields.pair, fields.image, *fields.label.split(","), ask.group_by, ask.time)
    return [name.strip() for name in wanted if name and "." in name.strip(". ")]


def with_members(row: Mapping[str, Any], paths: Iterable[str]) -> Mapping[str, Any]:
    """A row with what stands under these paths; a field that is called so goes first."""
    found = {path: value for path in paths if path not in row and (value := _member(row, path)) is not None}
    return {**row, **found} if found else row


def _member(row: Any, path: str) -> Any:
    """What stands under a path of names with dots between them; None where there is nothing."""
    if not isinstance(row, Mapping):
        return None
    if path in row:
        return row[path]
    starts = (path[:at] for at, character in enumerate(path) if character == ".")
    insides = (_member(row[start], path[len(start) + 1 :]) for start in starts if start in row)
    return next((inside for inside in insides if inside is not None), None)
