"""What the records of labeling tools have in common: which parts hold what, and from these parts to a record."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.errors import DataError
from headstart.labels import times
from headstart.labels.records import KINDS, Ask, Kind, Record, Reject, Span, Vote, is_clean, printable
from headstart.labels.sources.files import SourceFile, UnseenImage
from headstart.labels.tables import fields
from headstart.labels.tables.pieces import number


class Unfit(Exception):  # noqa: N818 (a reason for a rejection, not an error of its own)
    """A record cannot become a row: ``reason`` is the reason for its rejection."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Parts:
    """The names of what is read; empty where there is none."""

    file: SourceFile
    text: str
    pair: str = ""
    image: str = ""
    group: str = ""
    time: str = ""

    def __str__(self) -> str:
        pair = f", pair from {self.pair!r}" if self.pair else ""
        return f"image from {self.image!r}" if self.image else f"text from {self.text!r}{pair}"


def choose(
    names: Sequence[str],
    about: Collection[str],
    file: SourceFile,
    ask: Ask,
    usual: str = "",
    images: Sequence[str] = (),
) -> Parts:
    """The parts to read.

    Args:
        names: What may hold a text or an image.
        about: What may name a group or a time besides.
        file: Where they are from.
        ask: What the spec wants.
        usual: What the tool itself puts the text in.
        images: Those of the names that hold images, as far as their content tells.

    Raises:
        DataError: A name that the user gave is not there, or one could not be derived.
    """
    known = list(dict.fromkeys([*names, *about]))
    for kind, wanted in (("group", ask.group_by), ("time", ask.time)):
        if wanted is not None and wanted not in known:
            raise fields.unknown(kind, wanted, known, file.name)
    group, time = ask.group_by or "", ask.time or ""
    image = _image(names, images, file, ask, usual)
    if image:
        return Parts(file, "", "", image, group, time)
    pair = _pair(names, file, ask)
    return Parts(file, _text(names, pair, file, ask, usual), pair, "", group, time)


def record(
    place: str,
    entry: Any,
    parts: Parts,
    look_up: Callable[[str], Any],
    votes: Callable[[str], Sequence[Vote]],
    name: Callable[[], str] = lambda: "",
) -> Record | Reject:
    """An entry as a record.

    Args:
        place: Where it stands.
        entry: All that the export says there.
        parts: What to read.
        look_up: From a name to what the entry has under it, None where it has nothing.
        votes: From the text to the votes on it; may raise :class:`Unfit`.
        name: What to call an image whose reference is no name, for it holds the bytes themselves.
    """
    place = printable(place)
    text = None
    try:
        text, image = _content(parts, look_up, name)
        pair = look_up(parts.pair) if parts.pair else None
        if not isinstance(text, str) or (parts.pair and not isinstance(pair, str)):
            raise Unfit("no-text")
        found = tuple(votes(text))
        group = _group(look_up(parts.group)) if parts.group else None
        time = times.seconds(look_up(parts.time)) if parts.time else None
        if parts.time and time is None:
            raise Unfit("bad-time")
    except Unfit as unfit:
        return Reject(place, unfit.reason, entry, text if isinstance(text, str) and not parts.image else None)
    if not all(map(is_clean, (text, pair or "", group or "", *_texts_of(found)))):
        return Reject(place, "broken-unicode", _spelt(entry, repr))
    return Record(place, text, found, parts.file.split, group, pair, image, time)


def kind_of(there: Sequence[Kind], ask: Ask, file: SourceFile, remedy: str = "Set task in the spec.") -> Kind:
    """What the votes of a file are, by the kinds of label that are there; numbers may be names, and names numbers.

    Raises:
        DataError: Several kinds are there and the task is not said, or the task takes another kind.
    """
    kinds = list(dict.fromkeys(there))
    if ask.kind is None:
        if len(kinds) > 1:
            problem = f"it holds {' and '.join(kinds)}, and the labels are only one of them."
            raise DataError("data/unknown-field", problem, remedy=remedy, where=file.name)
        return kinds[0] if kinds else "names"
    if kinds and ask.kind not in kinds and (ask.kind == "spans" or kinds == ["spans"]):
        problem = f"it holds {' and '.join(kinds)}, and {ask.task} takes {ask.kind}."
        fitting = ", ".join(task for task, kind in KINDS.items() if kind in kinds)
        raise DataError("data/unknown-field", problem, remedy=f"Set task to one of {fitting}.", where=file.name)
    return ask.kind


def number_of(value: Any) -> float:
    """A number, or the one that the only name spells.

    Raises:
        Unfit: It is none, or there are several.
    """
    found = number(value[0] if isinstance(value, list | tuple) and len(value) == 1 else value)
    if found is None:
        raise Unfit("bad-label")
    return found


def listed(value: Any) -> list[Any]:
    """A list, or an empty one in place of anything else."""
    return value if isinstance(value, list) else []


def mapped(value: Any) -> dict[str, Any]:
    """An object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def named(value: Any) -> str | None:
    """A name or a number as the name of an annotator; None where it is none."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip() else None


def names_in(maps: Iterable[Mapping[str, Any]]) -> list[str]:
    """The keys of all, in order."""
    return list(dict.fromkeys(key for each in maps for key in each))


def _content(parts: Parts, look_up: Callable[[str], Any], name: Callable[[], str]) -> tuple[Any, bytes | None]:
    if not parts.image:
        return look_up(parts.text), None
    reference = look_up(parts.image)
    if not isinstance(reference, str) or not reference.strip():
        raise Unfit("no-image")
    try:
        image = parts.file.image(reference)
    except UnseenImage as unseen:
        raise Unfit(unseen.reason) from None
    return (name() if reference.startswith("data:") else "") or reference, image


def _group(value: Any) -> str | None:
    return None if value is None or value == "" else _spelt(value, str)


def _spelt(value: Any, spell: Callable[[Any], str]) -> str:
    try:
        return spell(value)
    except RecursionError:  # JSON that is nested just less deeply than can be read
        return "nested too deeply"


def _texts_of(votes: Iterable[Vote]) -> Iterable[str]:
    for vote in votes:
        yield vote.by or ""
        if isinstance(vote.value, tuple):
            yield from (part.label if isinstance(part, Span) else part for part in vote.value)


def _text(names: Sequence[str], pair: str, file: SourceFile, ask: Ask, usual: str) -> str:
    wanted = ask.fields.text
    if wanted == "auto":
        first = next((one for one, two in fields.PAIR_NAMES if pair and two == pair and one in names), "")
        if first or usual in names:
            return first or usual
        if len(names) == 1:
            return names[0]
    return fields.choose_text(wanted, names, file.name)


def _pair(names: Sequence[str], file: SourceFile, ask: Ask) -> str:
    wanted = ask.fields.pair
    if wanted != "auto":
        if wanted in names:
            return wanted
        raise fields.unknown("second text", wanted, names, file.name)
    if ask.task not in ("auto", "pair-regression"):
        return ""
    text = ask.fields.text
    pairs = ((one, two) for one, two in fields.PAIR_NAMES if text in ("auto", one))
    return next((two for one, two in pairs if one in names and two in names), "")


def _image(names: Sequence[str], images: Sequence[str], file: SourceFile, ask: Ask, usual: str) -> str:
    wanted = ask.fields.image
    if wanted != "auto":
        if wanted in names:
            return wanted
        raise fields.unknown("image", wanted, names, file.name)
    has_text = ask.fields.text != "auto" or any(name in names for name in (usual, *fields.TEXT_NAMES))
    if ask.task not in ("auto", "image-classification") or (ask.task == "auto" and has_text):
        return ""
    conventional = (name for name in fields.IMAGE_NAMES if name in names)
    return next(iter(images), "") or next(conventional, "")
