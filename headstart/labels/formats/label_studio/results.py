"""What one result of a Label Studio annotation says: a label of some kind, or something that no task takes.

The tag that gave a result is told from the value's keys, which every version and every export of Label Studio writes
alike: ``choices``, ``taxonomy``, ``selected`` (Pairwise), ``rating``, ``number``, ``labels``.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from headstart.labels.records import Kind, Names
from headstart.labels.tables.pieces import number

PATH_SEPARATOR = " / "
"""What joins a path of a taxonomy, as Label Studio itself shows it."""

_NAMES = ("choices", "taxonomy", "selected")
_NUMBERS = ("rating", "number")
_SPANS = ("labels", "hypertextlabels", "htmllabels")
_PLACE = frozenset({"start", "startOffset", "globalOffsets", "x", "points", "rle", "sequence", "vertices", "ranges"})
"""Keys that say where in a text, a picture or a recording: an answer with one of them is about that, not the task."""
_NOUNS = MappingProxyType(
    {
        "relation": "relations",
        "rectangle": "boxes",
        "polygon": "polygons",
        "ellipse": "ellipses",
        "keypoint": "key points",
        "brush": "brush masks",
        "bitmask": "brush masks",
        "magicwand": "brush masks",
        "vector": "vectors",
        "videorectangle": "video boxes",
        "timeseries": "time spans",
        "timeline": "time spans",
        "paragraph": "dialogue spans",
        "datetime": "dates",
        "ranker": "rankings",
        "chatmessage": "chat messages",
        "textarea": "textarea answers",
    }
)


class BadAnswer(Exception):  # noqa: N818 (a reason for a rejection, not an error of its own)
    """An answer that cannot be a vote: ``reason`` is the reason for the record's rejection."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Result(NamedTuple):
    """An answer to a control: its kind, or None and a plural noun for what it is instead; ``to`` names the object."""

    control: str
    kind: Kind | None
    noun: str
    value: Mapping[str, Any]
    to: str = ""


def kind_of(value: Mapping[str, Any]) -> Kind | None:
    """What the value says, where it is a label of the whole task or of a part of a text."""
    if any(key in value for key in (*_NAMES, *_NUMBERS)):
        if not _PLACE.isdisjoint(value):
            return None
        return "names" if any(key in value for key in _NAMES) else "number"
    return "spans" if labels(value) and _is_in_text(value) else None


def noun_of(value: Mapping[str, Any], tag: str = "") -> str | None:
    """A plural noun for a value that is no label; None where it may be anything."""
    if any(key in value for key in (*_NAMES, *_NUMBERS)):
        return "answers about regions"
    known = {key.removesuffix("labels") for key in (tag, *value)}
    if noun := next((noun for key, noun in _NOUNS.items() if key in known), None):
        return noun
    if tag == "labels" or any(key in value for key in _SPANS):
        return "other regions"
    return "textarea answers" if list(value) == ["text"] and isinstance(value["text"], list) else None


def labels(value: Mapping[str, Any]) -> list[Any]:
    """The labels of a region, none where it has none."""
    return next((found for key in _SPANS if isinstance(found := value.get(key), list)), [])


def names(values: Iterable[Mapping[str, Any]]) -> Names:
    """The names that an annotator chose; one of a taxonomy is its path, joined by :data:`PATH_SEPARATOR`."""
    return tuple(dict.fromkeys(name for value in values for each in _chosen(value) if (name := _name(each))))


def oddities(value: Mapping[str, Any]) -> int:
    """How many choices are no names."""
    return sum(_name(each) is None for each in _chosen(value))


def grade(values: Iterable[Mapping[str, Any]]) -> float | None:
    """The number that an annotator gave, None where there is none.

    Raises:
        BadAnswer: It is no finite number, or there are two.
    """
    said = [value[key] for value in values for key in _NUMBERS if value.get(key) is not None]
    found = {number(each) if isinstance(each, int | float) else None for each in said}
    if None in found:
        raise BadAnswer("bad-label")
    if len(found) > 1:
        raise BadAnswer("several-labels")
    return found.pop() if found else None


def _chosen(value: Mapping[str, Any]) -> Iterator[Any]:
    for key in _NAMES:
        found = value.get(key)
        yield from found if isinstance(found, list) else [] if found is None else [found]


def _name(chosen: Any) -> str | None:
    path = chosen if isinstance(chosen, list) else [chosen]
    if not path or not all(isinstance(step, str) and step.strip() for step in path):
        return None
    return PATH_SEPARATOR.join(path)


def _is_in_text(value: Mapping[str, Any]) -> bool:
    """Whether a region is a part of a text, and not of a sound, a series or a picture."""
    if is_in_html(value):
        return True
    ends = value.get("start"), value.get("end")
    whole = all(isinstance(end, int) and not isinstance(end, bool) for end in ends)
    return whole and not any(key in value for key in ("channel", "instant", "x"))


def is_in_html(value: Mapping[str, Any]) -> bool:
    """Whether a region is a part of a HyperText: its ends are paths of elements, beside offsets in all of its text."""
    start = value.get("start")
    return isinstance(value.get("globalOffsets"), dict) or (isinstance(start, str) and start.startswith("/"))
