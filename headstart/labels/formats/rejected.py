"""Records that an import rejected and a person has mended, from the file that an import writes them to."""

from collections.abc import Iterator
from typing import Any, cast, get_args

from headstart.labels import times
from headstart.labels.records import Ask, Kind, Reading, Record, Reject, Value, Vote, is_clean
from headstart.labels.sources.files import SourceFile, UnseenImage
from headstart.labels.tables import cells, jsonl, pieces
from headstart.labels.tables.rows import names_in
from headstart.spec import SPLITS

_SIGNATURE = {"place", "reason", "why"}


def recognise(file: SourceFile) -> str | None:
    """A first line with place, reason and why."""
    first = jsonl.first_object(file)
    return "its lines say why a record was rejected" if first is not None and first.keys() >= _SIGNATURE else None


def read(file: SourceFile, ask: Ask) -> Reading:
    """One record a line, by the fields that the file itself has; what was not mended is rejected again."""
    kind = ask.kind or _kind(file)
    return Reading("text, label and spans as they were mended", kind, _records(file, kind))


def _kind(file: SourceFile) -> Kind:
    """What the labels are, as every line of an import says."""
    said = (jsonl.first_object(file) or {}).get("kind")
    return cast("Kind", said) if said in get_args(Kind) else "names"


def _records(file: SourceFile, kind: Kind) -> Iterator[Record | Reject]:
    for number, row in jsonl.objects(file):
        yield row if isinstance(row, Reject) else _record(file, f"{file.name}, line {number}", row, kind)


def _record(file: SourceFile, place: str, row: dict[str, Any], kind: Kind) -> Record | Reject:
    text, pair, split, group, image, time = (
        row.get(name) for name in ("text", "pair", "split", "group", "image", "time")
    )
    content = None
    if image is not None:
        try:
            content = _image(image, file)
        except UnseenImage as unseen:
            return Reject(place, unseen.reason, row)
        text = image
    if not isinstance(text, str) or not isinstance(pair, str | None) or not isinstance(group, str | None):
        return Reject(place, "no-text", row)
    shown = text if content is None else None
    votes = _votes(row, kind)
    if votes is None:
        return Reject(place, "bad-label", row, shown)
    if not all(map(is_clean, (text, pair or "", group or "", *(vote.by or "" for vote in votes), *names_in(votes)))):
        return Reject(place, "broken-unicode", repr(row))
    if split is not None and split not in SPLITS:
        return Reject(place, "unknown-split", row, shown)
    moment = times.seconds(time)
    if time is not None and moment is None:
        return Reject(place, "bad-time", row, shown)
    return Record(place, text, votes, file.split or split, group, pair, content, moment)


def _image(name: object, file: SourceFile) -> bytes:
    if not isinstance(name, str):
        raise UnseenImage("no-image")
    return file.image(name)


def _votes(row: dict[str, Any], kind: Kind) -> tuple[Vote, ...] | None:
    """The mended answer, or else what annotators said; None where it cannot be one."""
    mended = _said(row, kind)
    if mended is not None:
        value = _value(mended, kind)
        return None if value is None else (Vote(value),)
    votes: list[Vote] = []
    for each in _listed(row.get("votes")):
        value = _value(_said(each, kind), kind) if isinstance(each, dict) else None
        if value is None:
            return None
        votes.append(Vote(value, each["by"] if isinstance(each.get("by"), str) else None))
    return tuple(votes)


def _said(entry: dict[str, Any], kind: Kind) -> Any:
    """What an entry says; of no spans an import writes that there is no label."""
    found = entry.get("spans" if kind == "spans" else "label")
    return [] if found is None and kind == "spans" and entry.get("label") == [] else found


def _value(value: Any, kind: Kind) -> Value | None:
    if kind == "spans":
        return cells.spans(value)
    return pieces.number(value) if kind == "number" else cells.names(value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
