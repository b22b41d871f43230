"""Standoff annotations, as brat and the BioNLP shared tasks write them: lines that label parts of another file's text.

``T1<TAB>Person 0 4<TAB>John`` is a span, counted in characters. What else there is says more about spans or relates
them, and is left aside.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from headstart.labels.records import Span

LINE = re.compile(r"(?:[A-Za-z]+[0-9]\S*|#\S*|\*)\t")  # how an annotation begins: with its id
_OFFSETS = re.compile(r"([0-9]{1,12}) ([0-9]{1,12}) *")
_TRIGGER = re.compile(r"E\S*\t[^\s:]+:(\S+)")
_BOM = "\ufeff"
_ASIDE = MappingProxyType(
    {
        "E": "events",
        "R": "relations",
        "*": "equivalences",
        "A": "attributes",
        "M": "modifications",
        "N": "normalizations",
        "#": "notes",
    }
)


class Fault(Exception):  # noqa: N818 (a reason for a rejection, not an error of its own)
    """The annotations cannot be read because of the one at this place."""

    def __init__(self, reason: str, place: str) -> None:
        super().__init__(reason, place)
        self.reason = reason
        self.place = place


class Line(NamedTuple):
    """A line, and where it stands, in words."""

    place: str
    text: str


class Document(NamedTuple):
    """A text, its spans, and what is left aside."""

    text: str
    spans: tuple[Span, ...]
    aside: Counter[str]


class _Bound(NamedTuple):
    """A span as a line says it: its id, its parts, and the text that it should have."""

    place: str
    name: str
    label: str
    parts: Sequence[tuple[int, int]]
    said: str


ENTITIES, EVENTS = "entities", "events"


def document(raw: str, lines: Iterable[Line], wanted: str) -> Document:
    """The text of a file and the spans that lines label in it.

    Args:
        raw: The file, with its byte-order mark and its line ends.
        lines: Its annotations.
        wanted: Of the spans only ``entities``, or only what triggers ``events``; else all.

    Raises:
        Fault: A line is no annotation, or a span is none of the text.
    """
    bounds: list[_Bound] = []
    triggers: set[str] = set()
    aside: Counter[str] = Counter()
    for line in _annotations(lines):
        if line.text.startswith("T"):
            bounds.append(_bound(line))
            continue
        aside[_ASIDE.get(line.text[0], "other annotations")] += 1
        if trigger := _TRIGGER.match(line.text):
            triggers.add(trigger[1])
    kept = [bound for bound in bounds if wanted not in _LEFT or (bound.name in triggers) == (wanted == EVENTS)]
    if len(kept) < len(bounds):
        aside[_LEFT[wanted]] += len(bounds) - len(kept)
    text, spans = _placed(raw, kept)
    return Document(text, tuple(sorted(dict.fromkeys(spans))), aside)


_LEFT = MappingProxyType({ENTITIES: "triggers of events", EVENTS: ENTITIES})
"""What is left aside where only the one or the other is wanted."""


def _annotations(lines: Iterable[Line]) -> Iterator[Line]:
    """Each annotation. A line that is none continues the one above, whose text or note has several lines."""
    begun: list[Line] = []
    for line in lines:
        if LINE.match(line.text):
            yield from _joined(begun)
            begun = [line]
        elif begun:
            begun.append(line)
        elif line.text.strip():
            raise Fault("not-an-annotation", line.place)
    yield from _joined(begun)


def _joined(lines: Sequence[Line]) -> Iterator[Line]:
    if lines:
        yield Line(lines[0].place, "".join(line.text for line in lines))


def _bound(line: Line) -> _Bound:
    name, data, *said = line.text.split("\t", 2)
    first, *others = data.rstrip("\r\n").split(";")
    label = first.rstrip(" ").rpartition(" ")[0].rpartition(" ")[0]
    found = [_OFFSETS.fullmatch(part) for part in (first[len(label) + 1 :], *others)]
    parts = [(int(each[1]), int(each[2])) for each in found if each]
    if not label or len(parts) < len(found):
        raise Fault("not-an-annotation", line.place)
    return _Bound(line.place, name, label, parts, said[0] if said else "")


def _placed(raw: str, bounds: Sequence[_Bound]) -> tuple[str, list[Span]]:
    """The text and the spans in it.

    Tools disagree on whether CR LF is one character, and on whether a byte-order mark is: what fits is right.
    """
    text = raw.removeprefix(_BOM)
    one_end = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        return text, [_span(bound, text, 0) for bound in bounds]
    except Fault:
        marks = len(raw) - len(text)
        for way, shift in ((one_end, 0), (text, marks), (one_end, marks)):
            with suppress(Fault):
                return way, [_span(bound, way, shift) for bound in bounds]
        raise


def _span(bound: _Bound, text: str, shift: int) -> Span:
    parts = [(start - shift, end - shift) for start, end in bound.parts]
    if not all(0 <= start < end <= len(text) for start, end in parts):
        raise Fault("bad-span", bound.place)
    if not _is_said(bound.said, [text[start:end] for start, end in parts]):
        raise Fault("bad-span", bound.place)
    parts.sort()
    # brat parts what it labels at line ends and tabs: a line of its own cannot hold them.
    if any(text[end:start].strip() for (_, end), (start, _) in pairwise(parts)):
        raise Fault("discontinuous-span", bound.place)
    return Span(parts[0][0], max(end for _, end in parts), bound.label)


def _is_said(said: str, parts: Sequence[str]) -> bool:
    """Whether a line says this text, whatever the white space in it; a line may say none, or remark on it."""
    if not said.strip():
        return True
    text = " ".join(parts)
    return "".join(said.split()) == "".join(text.split()) or (
        said.startswith(text) and said[len(text) : len(text) + 1].isspace()
    )
