"""Argilla's records as JSON, JSON Lines or tables dumped to JSON, of all its generations (Rubrix included).

The votes are the responses to one question; suggestions and predictions, drafts, and the answers to other questions
are left aside. :mod:`.argilla_records` knows the shapes that records have.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from headstart.labels.formats import argilla_questions, argilla_records, entries, offsets, parts
from headstart.labels.formats.argilla_records import Answer, Answered
from headstart.labels.formats.entries import Entry
from headstart.labels.formats.parts import Parts, Unfit
from headstart.labels.records import Ask, Kind, Reading, Record, Reject, Span, Value, Vote
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import cells


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which fields to read and which question's answers are the labels."""

    parts: Parts
    question: str
    kind: Kind
    may_be_none: bool


def recognise(file: SourceFile) -> str | None:
    """Records with fields and responses, or with Argilla's columns for these."""
    start = entries.first(file)
    records = [*start, *(each for one in start[:1] for each in argilla_records.unpack(one) or ())]
    names = (argilla_records.shape_of(each) for each in records if isinstance(each, dict))
    found = next(filter(None, names), None)
    return None if found is None else f"its entries are {found}"


def read(file: SourceFile, ask: Ask) -> Reading:
    """One record an entry, with a vote of each annotator who submitted a response."""
    head, rows = entries.look_ahead(entries.read(file, argilla_records.unpack))
    known = [argilla_records.read(each) for each in head if isinstance(each, dict)]
    aside: Counter[str] = Counter()
    if not known:
        return Reading("", ask.kind or "names", map(entries.rejected, rows), aside)
    question, kind = argilla_questions.choose(known, file, ask)
    may_be_none = argilla_questions.may_be_none(known, question)
    layout = _Layout(_parts(known, file, ask), question, kind, may_be_none)
    words = f"{layout.parts}, {kind} from {question!r}" if question else f"{layout.parts}"
    return Reading(words, kind, _records(rows, layout, aside), aside)


def _parts(known: list[Answered], file: SourceFile, ask: Ask) -> Parts:
    names = parts.names_in(each.fields for each in known)
    about = parts.names_in(each.about for each in known)
    texts = [name for name in names if any(isinstance(each.fields.get(name), str) for each in known)]
    images = [name for name in texts if any(_is_picture(each.fields.get(name)) for each in known)]
    return parts.choose(texts, [*names, *about], file, ask, images=images)


def _is_picture(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("data:image/")


def _records(rows: Iterator[Entry], layout: _Layout, aside: Counter[str]) -> Iterator[Record | Reject]:
    for row in rows:
        if not isinstance(row.value, dict):
            yield entries.rejected(row)
            continue
        known = argilla_records.read(row.value)
        others = (each for question, said in known.answers.items() if question != layout.question for each in said)
        aside += Counter(suggestions=known.suggestions)
        aside += Counter({"answers to other questions": sum(each.value is not None for each in others)})
        yield _record(row, known, layout, aside)


def _record(row: Entry, known: Answered, layout: _Layout, aside: Counter[str]) -> Record | Reject:
    def look_up(name: str) -> Any:
        return known.fields[name] if name in known.fields else known.about.get(name)

    place = f"{row.place}, record {known.id}" if known.id else row.place
    return parts.record(
        place,
        row.value,
        layout.parts,
        look_up,
        lambda text: _votes(known, layout, text, aside),
        lambda: f"image {known.id or place}",
    )


def _votes(known: Answered, layout: _Layout, text: str, aside: Counter[str]) -> list[Vote]:
    said = known.answers.get(layout.question, [])
    aside += Counter(drafts=sum(each.status == "draft" for each in said))
    submitted = [each for each in said if each.status not in ("draft", "discarded")]
    votes = [Vote(_value(each, known, layout, text), each.by) for each in submitted if _is_answered(each, layout)]
    if not votes and known.is_discarded:
        raise Unfit("skipped")
    return votes


def _is_answered(answer: Answer, layout: _Layout) -> bool:
    return layout.may_be_none or (answer.value is not None and answer.value != [])


def _value(answer: Answer, known: Answered, layout: _Layout, text: str) -> Value:
    value = [] if answer.value is None else answer.value
    if layout.kind == "number":
        return parts.number_of(value)
    if layout.kind == "spans":
        spans = cells.spans(argilla_questions.spans_of(value))
        if spans is None:
            raise Unfit("bad-label")
        return _aligned(offsets.in_code_points(text, spans, "code points"), known, text)
    names = cells.names(value)
    if names is None:
        raise Unfit("bad-label")
    return names


def _aligned(spans: tuple[Span, ...], known: Answered, text: str) -> tuple[Span, ...]:
    """The spans, if they begin and end where the record's tokens do, as far as these are found in the text."""
    starts, ends, at = set(), set(), 0
    for token in known.tokens:
        start = text.find(token, at)
        if start < 0:
            return spans
        at = start + len(token)
        starts.add(start)
        ends.add(at)
    if known.tokens and not all(span.start in starts and span.end in ends for span in spans):
        raise Unfit("split-token")
    return spans
