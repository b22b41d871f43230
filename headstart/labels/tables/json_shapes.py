"""The shapes in which a JSON document holds a table: objects or lists one after the other, by split, or by column."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from headstart.labels.sources.published import said_by
from headstart.labels.tables import conventions
from headstart.spec import Split

LISTS = ("data", "rows", "records", "examples", "items", "documents")
_OBJECT = "object"


class Part(NamedTuple):
    """Rows one after the other, what each is called where it is counted, and the split that they are published as."""

    unit: str
    rows: Sequence[Any]
    split: Split | None = None


def parts(document: Any) -> list[Part]:
    """The rows that a document holds; none where it is no table."""
    if isinstance(document, list):
        return [Part(_OBJECT, document)]
    if not isinstance(document, dict):
        return []
    return _by_split(document) or _of_list(document) or _of_columns(document) or _of_rows(document)


def _by_split(document: Mapping[str, Any]) -> list[Part]:
    """Lists that are called as splits are."""
    said = {name: said_by(name) for name in document}
    if not document or None in said.values() or not all(isinstance(rows, list) for rows in document.values()):
        return []
    return [Part(f"{name} {_OBJECT}", rows, said[name]) for name, rows in document.items()]


def _of_list(document: Mapping[str, Any]) -> list[Part]:
    """The list among other things that holds the rows; pandas can have the names of their cells beside it."""
    rows = next((document[name] for name in LISTS if isinstance(document.get(name), list)), None)
    if rows is None:
        return []
    names = document.get("columns")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return [Part(_OBJECT, rows)]
    return [Part(_OBJECT, [_named(names, row) for row in rows])]


def _of_columns(document: Mapping[str, Any]) -> list[Part]:
    """Lists of as many values, or as pandas writes them by default, objects with the same numbers."""
    columns = list(document.values())
    if not _names_a_text(document):
        return []
    if all(isinstance(each, dict) and each.keys() == columns[0].keys() for each in columns):
        columns = [list(each.values()) for each in columns]
    if not all(isinstance(each, list) and len(each) == len(columns[0]) for each in columns):
        return []
    return [Part(_OBJECT, [dict(zip(document, cells, strict=True)) for cells in zip(*columns, strict=True)])]


def _of_rows(document: Mapping[str, Any]) -> list[Part]:
    """Objects by their ids."""
    rows = list(document.values())
    if not all(isinstance(row, dict) for row in rows) or not any(map(_names_a_text, rows)):
        return []
    return [Part(_OBJECT, rows)]


def _names_a_text(names: Mapping[str, Any]) -> bool:
    return conventions.exact(list(names), conventions.TEXT_NAMES) is not None or any(conventions.pairs(list(names)))


def _named(names: Sequence[str], row: Any) -> Any:
    return dict(zip(names, row, strict=True)) if isinstance(row, list) and len(row) == len(names) else row
