"""Prodigy's exports (``db-out``): JSON Lines of tasks, each with the answer that an annotator gave to it.

``accept`` is a vote, ``ignore`` a skipped task. ``reject`` says what is wrong and not what is right, so it is no vote,
save in tasks that ask whether one label applies (:mod:`.prodigy_decisions`).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from headstart.errors import DataError
from headstart.labels.formats import entries, offsets, parts, prodigy_decisions
from headstart.labels.formats.entries import Entry
from headstart.labels.formats.parts import Parts, Unfit, listed, mapped, named
from headstart.labels.formats.prodigy_decisions import Decisions
from headstart.labels.records import Ask, Kind, Reading, Record, Reject, Span, Value, Vote
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import cells, fields

_ANSWERS = ("accept", "reject", "ignore")
_HASHES = ("_input_hash", "_task_hash")
_FIELDS: Mapping[str, Kind] = MappingProxyType({"accept": "names", "label": "names", "spans": "spans"})
_ASIDE = {"relations": "relations", "arcs": "relations", "versions": "reviewed versions"}
_SPANS_VIEWS = ("ner", "ner_manual", "spans", "spans_manual", "pos", "pos_manual", "relations", "dep")
_NAMES_VIEWS = ("choice", "classification")
_NO_CONTENT = ("answer", "label", "view_id")
_CLOCK = re.compile(r"\d{4}-\d\d-\d\d(_\d\d-\d\d-\d\d)?")  # what a session is called that was given no name
_PICTURE = re.compile(r"<img\b[^>]*?\bsrc\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the content and the labels are, and what was decided by yes or no on each input.

    ``field`` is empty where each task shows by itself what holds its labels.
    """

    parts: Parts
    kind: Kind
    field: str
    decisions: Decisions


def recognise(file: SourceFile) -> str | None:
    """Tasks with Prodigy's hashes or answers."""
    for task in entries.first_objects(file):
        if all(key in task for key in _HASHES):
            return "its entries have Prodigy's hashes"
        if task.get("answer") in _ANSWERS and any(key in task for key in (*_FIELDS, "options", *_HASHES)):
            return "its entries have Prodigy's answers"
    return None


def read(file: SourceFile, ask: Ask) -> Reading:
    """One record a task, with one vote."""
    head, rows = entries.look_ahead(entries.read(file))
    tasks = [each for each in head if isinstance(each, dict)]
    aside: Counter[str] = Counter()
    if not tasks:
        return Reading("", ask.kind or "names", map(entries.rejected, rows), aside)
    kind, field = _labels(tasks, file, ask)
    decisions = Decisions()
    if any(prodigy_decisions.is_yes_or_no(task, kind) for task in tasks):
        others = (entry.value for entry in entries.read(file))
        decisions = prodigy_decisions.gather((each for each in others if isinstance(each, dict)), kind, ask, _by)
    layout = _Layout(_parts(tasks, file, ask), kind, field, decisions)
    source = field or ("spans" if kind == "spans" else " or ".join(_names_fields(tasks)) or "accept")
    words = f"{layout.parts}, {kind} from {source!r}{decisions}"
    return Reading(words, kind, _records(rows, layout, aside), aside)


def _labels(tasks: list[dict[str, Any]], file: SourceFile, ask: Ask) -> tuple[Kind, str]:
    """What the labels are, and which field holds them where the spec names it."""
    field = ask.fields.label
    if field != "auto":
        names = parts.names_in(tasks)
        if field not in names:
            raise fields.unknown("label", field, names, file.name)
        kind = parts.kind_of([_FIELDS.get(field, "names")], ask, file)
        return kind, "" if field in ("accept", "spans") else field
    kinds = [kind for task in tasks for kind in _evident(task)]
    if not kinds and any("points" in mapped(span) for task in tasks for span in listed(task.get("spans"))):
        problem, remedy = "its labels are parts of images, which no task takes.", "Export another dataset."
        raise DataError("data/unknown-field", problem, remedy=remedy, where=file.name)
    remedy = "Set task, or data.fields.label to 'spans' or 'accept'."
    return parts.kind_of(kinds, ask, file, remedy), ""


def _names_fields(tasks: list[dict[str, Any]]) -> list[str]:
    return [name for name in ("accept", "label") if any(name in task for task in tasks)]


def _offered(task: dict[str, Any]) -> list[Kind]:
    """What the task asks for; without or in a custom interface what it has for that."""
    view = task.get("view_id" if "versions" in task else "_view_id")
    if view in _SPANS_VIEWS:
        return ["spans"]
    names = "accept" in task or "options" in task or isinstance(task.get("label"), str)
    if view in _NAMES_VIEWS or (names and view != "blocks"):  # spans are but highlighted
        return ["names"]
    spans = any(isinstance(task.get(name), list) for name in ("spans", "tokens")) and "image" not in task
    return [*(["names"] if names else []), *(["spans"] if spans else [])]  # type: ignore[list-item]


def _evident(task: dict[str, Any]) -> list[Kind]:
    offered = _offered(task)
    return ["names"] if len(offered) > 1 and not task.get("spans") else offered


def _parts(tasks: list[dict[str, Any]], file: SourceFile, ask: Ask) -> Parts:
    known = parts.names_in(tasks)
    about = [*known, *parts.names_in(mapped(task.get("meta")) for task in tasks)]
    texts = [name for name in known if any(isinstance(task.get(name), str) for task in tasks)]
    names = [name for name in texts if not name.startswith("_") and name not in _NO_CONTENT]
    if not {"text", "html", "image"} & set(names) and {"audio", "video"} & set(names):
        problem, remedy = "it holds audio or video, which no task takes.", "Export a dataset of texts or images."
        raise DataError("data/unknown-field", problem, remedy=remedy, where=file.name)
    images = [name for name in ("image", "html") if name in names and all(_is_picture(task, name) for task in tasks)]
    usual = "text" if "text" in names else "html" if "html" in names and not images else ""
    return parts.choose(names, about, file, ask, usual=usual, images=images)


def _is_picture(task: dict[str, Any], name: str) -> bool:
    content = task.get(name)
    return not isinstance(content, str) or name == "image" or _PICTURE.search(content) is not None


def _records(rows: Iterator[Entry], layout: _Layout, aside: Counter[str]) -> Iterator[Record | Reject]:
    for item in entries.objects(rows, _ASIDE, aside):
        yield item if isinstance(item, Reject) else _record(*item, layout)


def _record(place: str, task: dict[str, Any], layout: _Layout) -> Record | Reject:
    meta = mapped(task.get("meta"))

    def look_up(name: str) -> Any:
        found = task[name] if name in task else meta.get(name)
        if name == "html" and layout.parts.image == name and isinstance(found, str):
            picture = _PICTURE.search(found)
            return (picture[1] or picture[2]) if picture else None
        return found

    def name() -> str:
        known = next((each for each in (task.get("path"), meta.get("file")) if isinstance(each, str) and each), None)
        return known or f"image {task.get('_input_hash', place)}"

    return parts.record(place, task, layout.parts, look_up, lambda text: _votes(task, layout, text), name)


def _votes(task: dict[str, Any], layout: _Layout, text: str) -> list[Vote]:
    answer = task.get("answer")
    if answer == "ignore":
        raise Unfit("skipped")
    asks_for_spans = layout.kind == "spans"
    if answer is None or (not layout.field and ("spans" if asks_for_spans else "names") not in _offered(task)):
        return []
    if answer not in _ANSWERS:
        raise Unfit("bad-label")
    by = _by(task)
    if not layout.field and prodigy_decisions.is_yes_or_no(task, layout.kind):
        decided = layout.decisions.on(task, by)
        return [Vote(_checked(task, text, decided) if asks_for_spans else _named(decided, layout), by)]
    if answer == "reject":
        raise Unfit("rejected")
    if asks_for_spans:
        spans = cells.spans(task.get("spans") or [])
        if spans is None:
            raise Unfit("bad-label")
        return [Vote(_checked(task, text, spans), by)]
    return [Vote(_named(_names(task, layout.field), layout), by)]


def _names(task: dict[str, Any], field: str) -> Any:
    chosen = task.get(field) if field else task.get("accept", [] if "options" in task else task.get("label"))
    names = cells.names([] if chosen is None else chosen)
    if names is None:
        raise Unfit("bad-label")
    return names


def _named(names: Any, layout: _Layout) -> Value:
    return parts.number_of(names) if layout.kind == "number" else names


def _checked(task: dict[str, Any], text: str, spans: Any) -> tuple[Span, ...]:
    """The spans, if they agree with the text and with the task's tokens."""
    found = offsets.inside(text, spans)
    if not all(_is_as_said(mapped(each), text) for each in listed(task.get("spans"))):
        raise Unfit("bad-span")
    tokens = [mapped(each) for each in listed(task.get("tokens"))]
    starts, ends = ([each.get(key) for each in tokens] for key in ("start", "end"))
    if tokens and not all(span.start in starts and span.end in ends for span in found):
        raise Unfit("split-token")
    return found


def _is_as_said(span: dict[str, Any], text: str) -> bool:
    """Whether the span is about the characters that it repeats, where it does."""
    start, end, said = (span.get(key) for key in ("start", "end", "text"))
    return not (isinstance(start, int) and isinstance(end, int) and isinstance(said, str)) or text[start:end] == said


def _by(task: dict[str, Any]) -> str | None:
    """Who answered: the name of the session, where it was given one."""
    found = named(task.get("_annotator_id")) or named(task.get("_session_id"))
    return None if found is None or _CLOCK.fullmatch(found) else found
