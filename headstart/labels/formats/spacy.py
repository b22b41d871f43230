"""spaCy's training data in JSON: that of version 2, and lists of texts with what is said of them.

Version 2 has documents of paragraphs, and each paragraph is a record. The simple form is a pair ``[text, {"entities":
..., "cats": ...}]`` or an object with ``text`` besides, as one list or one a line. Binary ``.spacy`` files are refused.
"""

import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.errors import DataError
from headstart.labels.formats import entries, parts, spacy_examples
from headstart.labels.formats.entries import Entry
from headstart.labels.formats.parts import Parts, Unfit, mapped
from headstart.labels.formats.spacy_examples import Example
from headstart.labels.records import Ask, Kind, Reading, Record, Reject, Value, Vote
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import cells, fields

_START = 64  # bytes of a binary file that show what it is
_ZLIB = b"\x78"
_VERSION = b"\xa7version"  # the first key of what spaCy packs
_LIKELY = 0.5  # from which value on a category applies
_RECIPE = (
    'Convert it with spaCy: write [[doc.text, {"entities": [[e.start_char, e.end_char, e.label_] for e in doc.ents], '
    '"cats": doc.cats}] for doc in DocBin().from_disk(PATH).get_docs(spacy.blank("xx").vocab)] as JSON.'
)


@dataclass(frozen=True, slots=True)
class _Layout:
    """What is read, and what it is called where the only category does not apply."""

    parts: Parts
    kind: Kind
    otherwise: str = ""


def recognise(file: SourceFile) -> str | None:
    """Texts with entities or categories as spaCy has them, or its binary form."""
    if _is_binary(file):
        return "it is a binary DocBin of spaCy"
    start = entries.first(file)
    if len(start) > 1 and isinstance(start[0], str):  # a line of its own for each pair
        start = [start[:2]]
    start += [each for one in start[:1] for each in spacy_examples.unpack(one) or ()]
    return next(filter(None, map(spacy_examples.shape_of, start)), None)


def read(file: SourceFile, ask: Ask) -> Reading:
    """One record a text, with one vote, whose annotator is not known."""
    if _is_binary(file):
        raise DataError("data/unreadable", "binary DocBin files are not read.", remedy=_RECIPE, where=file.name)
    head, rows = entries.look_ahead(_paragraphs(entries.read(file, spacy_examples.unpack)))
    known = [each for each in map(spacy_examples.read, head) if each is not None]
    aside: Counter[str] = Counter()
    if not known:
        return Reading("", ask.kind or "names", map(entries.rejected, rows), aside)
    layout = _layout(known, file, ask)
    source = "entities" if layout.kind == "spans" else "cats"
    otherwise = f" ({layout.otherwise} where it does not apply)" if layout.otherwise else ""
    return Reading(f"text, {layout.kind} from {source!r}{otherwise}", layout.kind, _records(rows, layout, aside), aside)


def _is_binary(file: SourceFile) -> bool:
    start = file.start(_START)
    if not start.startswith(_ZLIB):
        return False
    try:
        return _VERSION in zlib.decompressobj().decompress(start, _START)
    except zlib.error:
        return False


def _paragraphs(rows: Iterator[Entry]) -> Iterator[Entry]:
    """The paragraphs of documents; other entries as they are."""
    for place, value in rows:
        inside = spacy_examples.paragraphs(value)
        if inside is None:
            yield Entry(place, value)
            continue
        name = parts.named(mapped(value).get("id"))
        where = place if name is None else f"{place}, document {name}"
        for number, paragraph in enumerate(inside, start=1):
            yield Entry(f"{where}, paragraph {number}", paragraph)


def _layout(known: Sequence[Example], file: SourceFile, ask: Ask) -> _Layout:
    about = parts.names_in(each.about for each in known)
    chosen = parts.choose(["text"], about, file, ask, usual="text")
    field = ask.fields.label
    if field not in ("auto", "entities", "cats"):
        raise fields.unknown("label", field, ["entities", "cats"], file.name)
    has_cats, has_spans = any(each.cats for each in known), any(each.has_spans for each in known)
    kinds: list[Kind] = [*(["names"] if has_cats else []), *(["spans"] if has_spans else [])]  # type: ignore[list-item]
    if not kinds and any(each.has_tags for each in known):
        kinds = ["spans"]
    if field != "auto":
        kinds = ["spans" if field == "entities" else "names"]
    kind = parts.kind_of(kinds, ask, file, "Set task, or data.fields.label to 'entities' or 'cats'.")
    cats = {name for each in known for name in each.cats or ()}
    is_binary = kind == "names" and len(cats) == 1 and ask.task != "multi-label"
    return _Layout(chosen, kind, f"NOT_{cats.pop()}" if is_binary else "")


def _records(rows: Iterator[Entry], layout: _Layout, aside: Counter[str]) -> Iterator[Record | Reject]:
    for row in rows:
        known = spacy_examples.read(row.value)
        if known is None:
            yield entries.rejected(row)
            continue
        aside += Counter({"links": known.links})
        yield _record(row, known, layout)


def _record(row: Entry, known: Example, layout: _Layout) -> Record | Reject:
    def look_up(name: str) -> Any:
        return known.text if name == "text" else known.about.get(name)

    def votes(text: str) -> list[Vote]:
        value = known.spans(text) if layout.kind == "spans" else _names(known, layout)
        return [] if value is None else [Vote(value)]

    return parts.record(row.place, row.value, layout.parts, look_up, votes)


def _names(known: Example, layout: _Layout) -> Value | None:
    """The categories that apply; None where the text has none at all."""
    if known.cats is None or not all(isinstance(value, int | float) for value in known.cats.values()):
        raise Unfit("bad-label")
    if not known.cats:
        return None
    applying = cells.names([name for name, value in known.cats.items() if value >= _LIKELY])
    if layout.kind == "number":
        return parts.number_of(applying)
    return (layout.otherwise,) if layout.otherwise and not applying else applying
