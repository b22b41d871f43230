"""Records that an import rejected and a person has mended, from the file that an import writes them to."""

from collections.abc import Iterator
from typing import Any, cast, get_args

from headstart.labels.records import Ask, Kind, Reading, Record, Reject, Value, Vote, is_clean
from headstart.labels.sources.files import SourceFile, UnseenImage
from headstart.labels.tables import cells, jsonl, pieces
from headstart.spec import SPLITS

_SIGNATURE = {"place", "reason", "why"}
_LOOK_AHEAD = 100


def recognise(file: SourceFile) -> str | None:
    """A first line with place, reason and why."""
    first = jsonl.first_object(file)
    return "its lines say why a record was rejected" if first is not None and first.keys() >= _SIGNATURE else None


def read(file: SourceFile, ask: Ask) -> Reading:
    """One record a line, by the fields that the file itself has; what was not mended is rejected again."""
    kind = ask.kind or _kind(file)
    return Reading("text, label and spans as they were mended", kind, _records(file, kind))


def _kind(file: SourceFile) -> Kind:
    """What the votes are: as the first line says, or else spans, where there are some, and numbers where all are."""
    said = (jsonl.first_object(file) or {}).get("kind")
    if said in get_args(Kind):
        return cast("Kind", said)
    labels: list[Any] = []
    for number, (_, row) in enumerate(jsonl.objects(file)):
        if number == _LOOK_AHEAD:
            break
        if isinstance(row, dict):
            if "spans" in row:
                return "spans"
            labels.append(row.get("label"))
    return cells.form_of(labels, None, may_be_several=False).kind


def _records(file: SourceFile, kind: Kind) -> Iterator[Record | Reject]:
    for number, row in jsonl.objects(file):
        yield row if isinstance(row, Reject) else _record(file, f"{file.name}, line {number}", row, kind)


def _record(file: SourceFile, place: str, row: dict[str, Any], kind: Kind) -> Record | Reject:
    text, pair, split, group = (row.get(name) for name in ("text", "pair", "split", "group"))
    image = None
    if isinstance(row.get("image"), str):
        try:
            image = file.image(row["image"])
        except UnseenImage as unseen:
            return Reject(place, unseen.reason, row)
    if not isinstance(text, str) or not isinstance(pair, str | None) or not isinstance(group, str | None):
        return Reject(place, "no-text", row)
    if not all(map(is_clean, (text, pair or "", group or ""))):
        return Reject(place, "broken-unicode", repr(row))
    if split is not None and split not in SPLITS:
        return Reject(place, "unknown-split", row, text)
    votes = _votes(row, kind)
    if votes is None:
        return Reject(place, "bad-label", row, text)
    return Record(place, text, votes, file.split or split, group, pair, image, pieces.number(row.get("time")))


def _votes(row: dict[str, Any], kind: Kind) -> tuple[Vote, ...] | None:
    """The mended answer, or else what annotators said; None where it cannot be one."""
    value = row.get("spans" if kind == "spans" else "label")
    if value is not None:
        read = _value(value, kind)
        return None if read is None else (Vote(read),)
    said = row.get("votes")
    votes = [
        Vote(read, each.get("by") if isinstance(each.get("by"), str) else None)
        for each in (said if isinstance(said, list) else [])
        if isinstance(each, dict)
        and (read := _value(each.get("spans" if kind == "spans" else "label"), kind)) is not None
    ]
    return tuple(votes)


def _value(value: Any, kind: Kind) -> Value | None:
    if kind == "spans":
        return cells.spans(value)
    if kind == "number":
        return pieces.number(value)
    return cells.names(value)
