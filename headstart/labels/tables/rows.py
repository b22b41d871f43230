"""From a row of a table to a record."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from headstart.labels import times
from headstart.labels.images.check import checked
from headstart.labels.records import Record, Reject, Vote, is_clean
from headstart.labels.sources.files import SourceFile, UnseenImage
from headstart.labels.tables import cells, fields, marks, numerals
from headstart.labels.tables.pieces import Piece, Row
from headstart.spec import Split

_SPLITS: Mapping[str, Split] = MappingProxyType(
    {
        **dict.fromkeys(("train", "training"), "train"),
        **dict.fromkeys(("validation", "valid", "val", "dev", "development", "eval"), "validation"),
        **dict.fromkeys(("test", "testing"), "test"),
    }
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Which fields hold what, and how the label field is read."""

    file: SourceFile
    fields: fields.Chosen
    form: cells.Form


class About(NamedTuple):
    """Whose a record is, and where it belongs."""

    by: str | None
    group: str | None
    split: Split | None
    time: float | None


class Odd(Exception):  # noqa: N818 (a reason for a rejection, not an error of its own)
    """A row is no record: ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def record(piece: Piece, index: int, layout: Layout) -> Record | Reject:
    """One row of a table, by its position in a piece."""
    row, chosen, file = piece.row(index), layout.fields, layout.file
    place = f"{file.name}, {piece.unit} {piece.numbers[index]}"
    try:
        text, pair, image = _content(row, chosen, file)
        value = layout.form.said(marks.label(row, chosen.marks) if chosen.marks else row.get(chosen.label))
        said = about(row, chosen, file)
    except (cells.BadLabel, UnseenImage, Odd) as odd:
        known = None if chosen.image else row.get(chosen.text)
        return rejected(place, odd.reason, row, known if isinstance(known, str) else None)
    votes = () if value is None else (Vote(value, said.by),)
    if not all(map(is_clean, (text, pair or "", *filter(None, (said.group, said.by)), *names_in(votes)))):
        return rejected(place, "broken-unicode", row)
    return Record(place, text, votes, said.split, said.group, pair, image, said.time)


def about(row: Row, chosen: fields.Chosen, file: SourceFile) -> About:
    """What a row says beside text and label.

    Raises:
        Odd: Its split is unknown, or its time is none.
    """
    by, group = (_name(row.get(field)) if field else None for field in (chosen.by, chosen.group))
    split = file.split or (split_of(row.get(chosen.split)) if chosen.split else None)
    time = times.seconds(row.get(chosen.time)) if chosen.time else None
    if chosen.time and time is None:
        raise Odd("bad-time")
    return About(by, group, split, time)


def rejected(place: str, reason: str, row: Row, text: str | None = None) -> Reject:
    """A row that is no record, as an account can show it; ``text`` is its text, where it has one."""
    shown = {name: f"{len(value)} bytes" if isinstance(value, bytes) else value for name, value in row.items()}
    return Reject(place, reason, repr(shown) if reason == "broken-unicode" else shown, text)


def split_of(value: object) -> Split | None:
    """The published split that a cell names; None where it is blank.

    Raises:
        Odd: It names none.
    """
    if cells.is_blank(value):
        return None
    found = _SPLITS.get(str(value).strip().lower())
    if found is None:
        raise Odd("unknown-split")
    return found


def _content(row: Row, chosen: fields.Chosen, file: SourceFile) -> tuple[str, str | None, bytes | None]:
    """The text, the second one of a pair, and the image, by whose name the text goes then."""
    pair = row.get(chosen.pair) if chosen.pair else None
    text, image = _image(row.get(chosen.image), file) if chosen.image else (row.get(chosen.text), None)
    if not isinstance(text, str) or (chosen.pair and not isinstance(pair, str)):
        raise Odd("no-text")
    return text, pair, image


def _image(value: object, file: SourceFile) -> tuple[str, bytes]:
    """An image's name and bytes, from what a row says of it: its path, or both as Hugging Face datasets store them."""
    if isinstance(value, dict):
        name, data = value.get("path"), value.get("bytes")
        if isinstance(data, bytes):
            return name if isinstance(name, str) else "", checked(data)
        value = name
    if isinstance(value, bytes):
        return "", checked(value)
    if not isinstance(value, str) or not value.strip():
        raise UnseenImage("no-image")
    return value, file.image(value)


def _name(value: object) -> str | None:
    """The name of a group or of an annotator, None where the field is blank."""
    if value is None or value == "" or value != value:  # as NaN, which pandas writes for a blank
        return None
    return numerals.whole(value) or str(value)


def names_in(votes: Sequence[Vote]) -> Iterator[str]:
    """The labels in votes."""
    for vote in votes:
        if isinstance(vote.value, tuple):
            yield from (part if isinstance(part, str) else part.label for part in vote.value)
