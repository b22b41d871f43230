"""Which fields of an export of images the spec asks for, and what it must not ask for."""

from collections.abc import Mapping, Sequence
from typing import Any

from headstart.errors import DataError
from headstart.labels import times
from headstart.labels.records import Ask
from headstart.labels.tables.fields import unknown


def check(ask: Ask, names: Sequence[str], where: str) -> None:
    """Check what an export that labels images, and nothing else, is asked for.

    Args:
        ask: What the spec wants.
        names: The fields that images have.
        where: The file.

    Raises:
        DataError: The task's labels are no names, or the spec names a text, or a field that no image has.
    """
    if ask.kind not in (None, "names"):
        problem = f"it holds names of labels, and {ask.task} needs {'spans' if ask.kind == 'spans' else 'numbers'}."
        remedy = "Set task to image-classification or multi-label."
        raise DataError("data/unknown-field", problem, remedy=remedy, where=where)
    for kind, wanted in (("text", ask.fields.text), ("second text", ask.fields.pair)):
        if wanted != "auto":
            raise unknown(kind, wanted, [], where)
    for kind, asked in (("group", ask.group_by), ("time", ask.time)):
        if asked is not None and asked not in names:
            raise unknown(kind, asked, names, where)


def choose(kind: str, wanted: str, default: str, names: Sequence[str], where: str) -> str:
    """The field that is asked for, or the default.

    Raises:
        DataError: The field is not there.
    """
    if wanted not in ("auto", default, *names):
        raise unknown(kind, wanted, list(dict.fromkeys((default, *names))), where)
    return default if wanted == "auto" else wanted


def group(entry: Mapping[str, Any], ask: Ask) -> str | None:
    """The group of an image, None where its field is blank."""
    value = entry.get(ask.group_by) if ask.group_by else None
    return None if value is None or value == "" else str(value)


def time(entry: Mapping[str, Any], ask: Ask) -> float | None:
    """The time of an image, None where its field holds none."""
    return times.seconds(entry.get(ask.time)) if ask.time else None
