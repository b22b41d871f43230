"""What a file's reader gives."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from hypothesis import assume

from headstart.errors import HeadstartError
from headstart.labels import detect
from headstart.labels.reconciling import blocks
from headstart.labels.records import Ask, Reading, Record, Reject
from headstart.labels.sources.files import SourceFile
from headstart.spec import FieldsSpec, Split

Read = Record | Reject


def opened(path: Path, *, form: str = "auto", name: str = "", **asked: Any) -> Reading:
    """A file's reading. ``asked`` are fields of the spec (text, label, pair, image), or group_by, time, task, split."""
    split: Split | None = asked.pop("split", None)
    fields = FieldsSpec(**{key: asked.pop(key) for key in tuple(asked) if key in FieldsSpec.model_fields})
    file = SourceFile(path, name or path.name, split)
    format_, _ = detect.detect(file, form)
    return detect.READERS[format_].read(file, Ask(fields, **asked))


def taken(reading: Reading) -> list[Read]:
    """All items of a reading, with blocks as the records that they hold."""
    items: list[Read] = []
    for item in reading.items:
        if isinstance(item, Record | Reject):
            items.append(item)
        else:
            items += blocks.unpack(item, reading.kind)
    return items


def read(path: Path, **asked: Any) -> list[Read]:
    """What a file's reader yields."""
    return taken(opened(path, **asked))


def read_bytes(path: Path, content: bytes | str, **asked: Any) -> list[Read]:
    """What a reader yields for these bytes, written to ``path``."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(path, **asked)


def read_or_refused(path: Path, content: bytes | str, **asked: Any) -> list[Read] | None:
    """What a reader yields for these bytes; None where it refuses them by a clear error, as it may."""
    try:
        return read_bytes(path, content, **asked)
    except HeadstartError:
        return None


def written(entries: Sequence[object], as_list: bool) -> str:
    """Entries as JSON: a list of them, or one a line where that can be told from a list."""
    assume([type(each) for each in entries] != [str, dict])  # which is a pair on a line of its own
    if as_list or isinstance(next(iter(entries), None), list):  # which would be the whole file
        return json.dumps(entries)
    return "".join(json.dumps(entry) + "\n" for entry in entries)


def said(items: list[Read]) -> list[object]:
    """What each record says, in short: its text and the values of its votes; the reason of one that is rejected."""
    return [
        (item.text, tuple(vote.value for vote in item.votes)) if isinstance(item, Record) else item.reason
        for item in items
    ]


def lines_file(path: Path, entries: Iterable[object]) -> Path:
    """A JSON Lines file of these entries."""
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
    return path


def list_file(path: Path, entries: Iterable[object]) -> Path:
    """A JSON file that lists these entries."""
    path.write_text(json.dumps(list(entries)), encoding="utf-8")
    return path


def records(items: list[Read]) -> list[Record]:
    """The items, all of which are records."""
    assert all(isinstance(item, Record) for item in items), items
    return [item for item in items if isinstance(item, Record)]
