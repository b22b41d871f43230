"""Which field holds what, where the user did not say: by the names that people give them, else by what is in them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from headstart.errors import DataError
from headstart.labels.records import Ask
from headstart.labels.tables import contents, conventions
from headstart.labels.tables.contents import Column
from headstart.labels.tables.conventions import (
    ANNOTATOR_NAMES,
    IMAGE_NAMES,
    LABEL_NAMES,
    PAIR_NAMES,
    SPLIT_NAMES,
    TEXT_NAMES,
)

__all__ = ["IMAGE_NAMES", "LABEL_NAMES", "PAIR_NAMES", "TEXT_NAMES", "Chosen", "check_named", "choose"]

_SHOWN = 20  # fields that an error names
_OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "text": "--text, in a spec data.fields.text",
        "pair": "--pair, in a spec data.fields.pair",
        "second text": "--pair, in a spec data.fields.pair",
        "image": "--image, in a spec data.fields.image",
        "label": "--label, in a spec data.fields.label",
        "group": "--group-by, in a spec data.split.group_by",
        "time": "--time, in a spec data.split.time",
    }
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The fields to read; empty where there is none.

    ``marks`` are several fields of 0 and 1, one for each label, which together are the label.
    """

    text: str
    label: str
    pair: str = ""
    image: str = ""
    by: str = ""
    group: str = ""
    time: str = ""
    split: str = ""
    marks: tuple[str, ...] = ()

    @property
    def read(self) -> tuple[str, ...]:
        """All that are read."""
        label = self.marks or (self.label,)
        rest = (self.text, self.pair, self.image, self.by, self.group, self.time, self.split)
        return tuple(filter(None, (*label, *rest)))

    def __str__(self) -> str:
        content = f"image from {self.image!r}" if self.image else f"text from {self.text!r}"
        pair = [f"pair from {self.pair!r}"] if self.pair else []
        label = ", ".join(map(repr, self.marks or (self.label,)))
        by = [f"annotator from {self.by!r}"] if self.by else []
        return ", ".join([content, *pair, f"label from {label}", *by])


def choose(names: Sequence[str], where: str, ask: Ask, columns: Callable[[], Sequence[Column]] = tuple) -> Chosen:
    """The fields to read, out of those that there are.

    Args:
        names: The fields that there are.
        where: The file.
        ask: What the spec wants.
        columns: What is in them, asked for only where their names do not tell.

    Raises:
        DataError: One that the user named is not there, or one could not be derived.
    """
    check_named(names, where, ask)
    image = _image(names, ask)
    text, pair = ("", "") if image else _texts(names, where, ask, columns)
    marks = marked(ask.fields.label, names)
    content = [name for name in (image, text, pair, ask.group_by, ask.time) if name]
    is_number = None if ask.kind is None else ask.kind == "number"
    label = ask.fields.label if marks else choose_label(ask.fields.label, names, content, where, is_number, columns)
    return completed(Chosen(text, label, pair, image, marks=marks), names, ask)


def completed(chosen: Chosen, names: Sequence[str], ask: Ask) -> Chosen:
    """The fields with those that say of a record whose it is, and where it belongs."""
    taken = (chosen.text, chosen.label, chosen.pair, chosen.image, *chosen.marks)
    rest = [name for name in names if name not in taken]
    by, split = (conventions.exact(rest, usual) or "" for usual in (ANNOTATOR_NAMES, SPLIT_NAMES))
    return replace(chosen, by=by, group=ask.group_by or "", time=ask.time or "", split=split)


def marked(wanted: str, names: Sequence[str]) -> tuple[str, ...]:
    """The fields that the user named with commas between them; none where it is just one."""
    parts = tuple(part.strip() for part in wanted.split(","))
    return parts if wanted not in names and len(parts) > 1 and all(part in names for part in parts) else ()


def check_named(names: Sequence[str], where: str, ask: Ask) -> None:
    """See that every field that the user named is there, and is named for one thing.

    Raises:
        DataError: One is not.
    """
    wanted = [(kind, name) for kind, name in ask.fields.model_dump().items() if name != "auto"]
    for kind, name in wanted:
        if other := next((before for before, same in wanted if same == name and before != kind), None):
            problem, remedy = f"field {name!r} is named for the {other} and for the {kind}.", "Name two fields."
            raise DataError("data/unknown-field", problem, remedy=remedy, where=where)
    for kind, name in (*wanted, ("group", ask.group_by), ("time", ask.time)):
        if name is not None and name not in names and not (kind == "label" and marked(name, names)):
            parts = [part.strip() for part in name.split(",")] if kind == "label" else []
            missing = [part for part in parts if part not in names]
            raise unknown(kind, missing[0] if len(missing) < len(parts) else name, names, where)


def choose_text(wanted: str, names: Sequence[str], where: str, columns: Callable[[], Sequence[Column]] = tuple) -> str:
    """The field that holds the text: the one that is asked for, or else the one that its name or content tells.

    Raises:
        DataError: The field is not there, or none could be derived.
    """
    if wanted != "auto":
        return _there("text", wanted, names, where)
    if found := conventions.exact(names, TEXT_NAMES):
        return found
    label = conventions.exact(names, LABEL_NAMES)
    rest = [name for name in names if name != label and not conventions.is_aside(name)]
    found = _only("text", conventions.texts(rest), names, where)
    if found is None and label and len(rest) == 1:
        found = rest[0]
    found = found or contents.text([each for each in columns() if each.name in rest])
    if found is None:
        raise _error("text", "no field is known to hold the text.", names, where)
    return found


def choose_label(
    wanted: str,
    names: Sequence[str],
    content: Sequence[str],
    where: str,
    is_number: bool | None = None,
    columns: Callable[[], Sequence[Column]] = tuple,
) -> str:
    """The field that holds the label, given those that hold something else.

    Raises:
        DataError: The field is not there, or none could be derived.
    """
    if wanted != "auto":
        return _there("label", wanted, names, where)
    rest = [name for name in names if name not in content and not conventions.is_aside(name)]
    if found := conventions.exact(rest, LABEL_NAMES):
        return found
    if found := _only("label", conventions.labels(rest, is_number), names, where):
        return found
    if len(rest) == 1 and content:
        return rest[0]
    seen = [each for each in columns() if each.name in rest]
    found = contents.label(seen)
    if found is None:
        raise _error("label", "no field is known to hold the label.", names, where, contents.marks(seen))
    return found


def unknown(kind: str, wanted: str, names: Sequence[str], where: str) -> DataError:
    """The error for a field that is not there."""
    return _error(kind, f"there is no field {wanted!r} for the {kind}.", names, where)


def _image(names: Sequence[str], ask: Ask) -> str:
    if ask.fields.image != "auto":
        return ask.fields.image
    is_named = ask.fields.text != "auto" or ask.fields.pair != "auto"
    is_text = is_named or any((conventions.exact(names, TEXT_NAMES), *conventions.called_text(names)))
    is_text = is_text or any(conventions.pairs(names))
    if ask.task not in ("auto", "image-classification") or (ask.task == "auto" and is_text):
        return ""
    return conventions.exact(names, IMAGE_NAMES) or ""


def _texts(names: Sequence[str], where: str, ask: Ask, columns: Callable[[], Sequence[Column]]) -> tuple[str, str]:
    """The field of the text, and that of the second one of a pair."""
    text, pair = ask.fields.text, ask.fields.pair
    named = ((one, two) for one, two in conventions.pairs(names) if text in ("auto", one) and pair in ("auto", two))
    if found := next(named, None):
        return found
    rest = [name for name in names if name != pair]
    return choose_text(text, rest, where, columns), pair if pair != "auto" else ""


def _there(kind: str, wanted: str, names: Sequence[str], where: str) -> str:
    if wanted not in names:
        raise unknown(kind, wanted, names, where)
    return wanted


def _only(kind: str, found: Sequence[str], names: Sequence[str], where: str) -> str | None:
    """The one that was found, if any.

    Raises:
        DataError: There are several.
    """
    if len(found) > 1:
        raise _error(kind, f"several fields may hold the {kind}: {_listed(found)}.", names, where)
    return found[0] if found else None


def _error(kind: str, problem: str, names: Sequence[str], where: str, marks: Sequence[str] = ()) -> DataError:
    if not names:
        return DataError(
            "data/unknown-field", problem, remedy="The file has no other field; export it again.", where=where
        )
    remedy = f"Name the field to use ({_OPTIONS.get(kind, 'data.fields')}); there are: {_listed(names)}."
    if marks:
        remedy += f" Several that hold 0 and 1 are one label: {','.join(marks[:_SHOWN])!r}."
    return DataError("data/unknown-field", problem, remedy=remedy, where=where)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:_SHOWN]))
