"""The entries of an export in JSON: of a list, of an object that holds one, or one a line."""

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from headstart.labels.records import Reject
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import jsonl
from headstart.labels.tables.json_file import document

_SIZES = (1 << 16, 1 << 20, 1 << 24)  # bytes of the start that are looked at, until an entry is whole
_FEW = 20  # entries that are looked at to tell a format
_LOOK_AHEAD = 1000  # entries that are seen before it is decided what holds the labels: not every entry has all
_BLANK = " \t\r\n"

Unpack = Callable[[dict[str, Any]], "Sequence[Any] | None"]


class Entry(NamedTuple):
    """One entry: where it stands, in words, and what it says in JSON or why it says nothing."""

    place: str
    value: Any | Reject


def first(file: SourceFile) -> list[Any]:
    """Some entries of the start of the file, for telling its format; none where it is no JSON."""
    found: list[Any] = []
    for size in _SIZES:
        start = file.start(size)
        found = _decoded(start.decode("utf-8", errors="replace"))
        if found or len(start) < size - len(b"\xef\xbb\xbf"):
            break
    return found


def first_objects(file: SourceFile) -> list[dict[str, Any]]:
    """Those of the first entries that are objects."""
    return [each for each in first(file) if isinstance(each, dict)]


def read(file: SourceFile, unpack: Unpack = lambda _: None) -> Iterator[Entry]:
    """Every entry in order, one line at a time where each stands on a line of its own.

    Args:
        file: The file.
        unpack: From an object that is the whole document to the entries in it, or None where it is one itself.

    Raises:
        DataError: A document of more than one line is not JSON.
    """
    if _is_lines(file):
        lines = (Entry(f"{file.name}, line {number}", value) for number, value in jsonl.values(file))
        head = list(itertools.islice(lines, 2))
        inside = unpack(head[0].value) if len(head) == 1 and isinstance(head[0].value, dict) else None
        yield from _numbered(inside, file) if inside is not None else itertools.chain(head, lines)
        return
    whole = document(file)
    inside = whole if isinstance(whole, list) else unpack(whole) if isinstance(whole, dict) else None
    yield from _numbered([whole] if inside is None else inside, file)


def look_ahead(entries: Iterator[Entry]) -> tuple[list[Any], Iterator[Entry]]:
    """What the first entries say, and all entries again."""
    head = list(itertools.islice(entries, _LOOK_AHEAD))
    return [each.value for each in head if not isinstance(each.value, Reject)], itertools.chain(head, entries)


def objects(
    entries: Iterable[Entry], lists: Mapping[str, str], aside: Counter[str]
) -> Iterator[tuple[str, dict[str, Any]] | Reject]:
    """Every entry that is an object with its place, the others as rejects.

    Args:
        entries: All entries.
        lists: Keys of lists that are left aside, and what they are called.
        aside: Takes in how many items these have.
    """
    for entry in entries:
        if not isinstance(entry.value, dict):
            yield rejected(entry)
            continue
        for key, name in lists.items():
            found = entry.value.get(key)
            aside += Counter({name: len(found) if isinstance(found, list) else 0})
        yield entry.place, entry.value


def rejected(entry: Entry) -> Reject:
    """An entry that holds no record."""
    place, value = entry
    if isinstance(value, Reject):
        return value
    return Reject(place, "no-text" if isinstance(value, dict | list) else "not-an-object", value)


def _numbered(values: Sequence[Any], file: SourceFile) -> Iterator[Entry]:
    return (Entry(f"{file.name}, entry {number}", value) for number, value in enumerate(values, start=1))


def _is_lines(file: SourceFile) -> bool:
    """Whether the file's first line is an entry by itself.

    A list is one only where it is a pair of a text and an object, as some tools write them one a line.
    """
    line = file.first_line()
    is_list = line.startswith(b"[")
    if is_list and not line[1:].lstrip().startswith(b'"'):
        return False
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return file.suffix in (".jsonl", ".ndjson")
    return not is_list or [type(each) for each in value] == [str, dict]


def _decoded(text: str) -> list[Any]:
    """The first entries of a text, up to where it is cut off or no JSON."""
    decode = json.JSONDecoder().raw_decode
    found: list[Any] = []
    at = _after(text, 0, _BLANK)
    if text[at : at + 1] == "[":
        at = _after(text, at + 1, _BLANK)
    while at < len(text) and len(found) < _FEW:
        try:
            value, at = decode(text, at)
        except (ValueError, RecursionError):
            break
        found.append(value)
        at = _after(text, at, _BLANK + ",")
    return found


def _after(text: str, at: int, blank: str) -> int:
    while at < len(text) and text[at] in blank:
        at += 1
    return at
