"""doccano's exports of texts and images: JSON Lines, JSON and CSV, of the versions from 2018 to 1.8.

What holds the labels was renamed time and again, and whether it holds names or spans depends on the project. A project
of which all annotators share the labels is exported as ``all.jsonl``; of others each annotator's labels are a file in
the archive, named after the annotator.

An empty list of labels is written where nobody looked as well as where somebody saw nothing. It counts as an answer
only where the export tells that somebody looked: an approver, or labels of the other kind.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from headstart.errors import DataError
from headstart.labels.formats import doccano_csv, entries, offsets, parts
from headstart.labels.formats.entries import Entry
from headstart.labels.formats.parts import Parts, Unfit, listed, mapped, named
from headstart.labels.records import Ask, Kind, Names, Reading, Record, Reject, Vote
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import cells, fields

_LABELS = ("label", "labels", "cats", "entities", "annotations")
_ASIDE = {"relations": "relations", "Comments": "comments", "comments": "comments"}
_BOXES = ("bbox", "segmentation")
_USUAL: Mapping[str, Kind] = MappingProxyType({"entities": "spans", "cats": "names"})
_IMAGE = re.compile(r"\.(jpe?g|png|gif|bmp|webp|tiff?)$", re.IGNORECASE)
_MEMBER = re.compile(r"\.zip/(.+)\.(?:jsonl|json|csv)$")
_NOBODY = ("all", "unknown")  # what doccano calls the file of labels that are shared, and of texts without labels


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the labels are, what they are, how their spans are counted and whose they are."""

    parts: Parts
    field: str
    kind: Kind
    unit: offsets.Unit
    by: str | None


def recognise(file: SourceFile) -> str | None:
    """Entries, or columns, as doccano writes them."""
    if doccano_csv.recognise(file):
        return "it has the columns of doccano's CSV"
    if any(_is_task(each) for each in entries.first_objects(file)):
        return "its entries have a text or a file and labels as doccano writes them"
    return None


def read(file: SourceFile, ask: Ask) -> Reading:
    """One record an entry, with a vote of the annotator, or of each where they are told apart."""
    is_csv = file.suffix == ".csv" or doccano_csv.recognise(file)
    rows = doccano_csv.read(file) if is_csv else entries.read(file)
    head, rows = entries.look_ahead(rows)
    tasks = [each for each in head if isinstance(each, dict)]
    aside: Counter[str] = Counter()
    if not tasks:
        return Reading("", ask.kind or "names", map(entries.rejected, rows), aside)
    layout = _layout(tasks, file, ask)
    words = f"{layout.parts}, {layout.kind} from {layout.field!r}"
    return Reading(words, layout.kind, _records(rows, layout, aside), aside)


def _is_task(task: dict[str, Any]) -> bool:
    if not any(isinstance(task.get(key), str) for key in ("text", "data", "filename")):
        return False
    if "doc_id" in task and "username" in task:
        return True
    if any(isinstance(task.get(key), list) for key in _BOXES) and "filename" in task:
        return True
    if isinstance(task.get("entities"), list) and ("relations" in task or isinstance(task.get("cats"), list)):
        return True
    if not isinstance(task.get("id"), int):
        return False
    if "annotation_approver" in task:
        return any(isinstance(task.get(key), list) for key in ("labels", "annotations"))
    if isinstance(task.get("annotations"), list):
        return any("user" in mapped(each) for each in task["annotations"])
    spans = _kind(task.get("labels")) == "spans"
    return spans or (isinstance(task.get("label"), list) and (not task["label"] or _kind(task["label"]) is not None))


def _kind(value: Any) -> Kind | None:
    """What a list of labels holds; None where that cannot be told."""
    items = listed(value)
    if not items:
        return None
    if all(isinstance(each, str) for each in items):
        return "names"
    if all(mapped(each).keys() >= {"start_offset", "end_offset"} for each in items) or cells.spans(items):
        return "spans"
    return "names" if all("label" in mapped(each) for each in items) else None


def _layout(tasks: list[dict[str, Any]], file: SourceFile, ask: Ask) -> _Layout:
    kinds = {field: _kind_of_field(tasks, field) for field in _LABELS if any(field in task for task in tasks)}
    if not kinds:
        boxes = any(key in task for task in tasks for key in _BOXES)
        problem = (
            "its labels are parts of images, which no task takes." if boxes else "no field is known to hold labels."
        )
        remedy = "Export a doccano project that labels texts or whole images."
        raise DataError("data/unknown-field", problem, remedy=remedy, where=file.name)
    field = ask.fields.label
    if field != "auto" and field not in kinds:
        raise fields.unknown("label", field, list(kinds), file.name)
    asked = list(kinds.values()) if field == "auto" else [kinds[field]]
    remedy = f"Set task, or data.fields.label to one of {', '.join(map(repr, kinds))}."
    kind = parts.kind_of([each for each in asked if each], ask, file, remedy)
    if field == "auto":
        wanted = "spans" if kind == "spans" else "names"
        field = next((name for name, held in kinds.items() if held == wanted), next(iter(kinds)))
    old = any(key in task for task in tasks for key in ("annotations", "labels", "doc_id"))
    return _Layout(_parts(tasks, file, ask), field, kind, "code points" if old else "UTF-16 units", _annotator(file))


def _kind_of_field(tasks: list[dict[str, Any]], field: str) -> Kind | None:
    return next(filter(None, (_kind(task.get(field)) for task in tasks)), _USUAL.get(field))


def _parts(tasks: list[dict[str, Any]], file: SourceFile, ask: Ask) -> Parts:
    names = [name for name in parts.names_in(tasks) if name not in (*_LABELS, *_ASIDE, "id", "doc_id")]
    about = parts.names_in(_meta(task) for task in tasks)
    if "filename" in names and not {"text", "data"} & set(names):
        return parts.choose(["filename"], [*names, *about], file, ask, images=["filename"])
    held = [task["data"] for task in tasks if isinstance(task.get("data"), str)]
    if held and all(_IMAGE.search(each) for each in held) and "text" not in names:
        return parts.choose(["data"], [*names, *about], file, ask, images=["data"])
    return parts.choose(names, about, file, ask, usual="text" if "text" in names else "data")


def _annotator(file: SourceFile) -> str | None:
    """Whose labels the file holds, where it stands in doccano's archive."""
    found = _MEMBER.search(file.name)
    return found[1] if found and found[1] not in _NOBODY else None


def _records(rows: Iterator[Entry], layout: _Layout, aside: Counter[str]) -> Iterator[Record | Reject]:
    for item in entries.objects(rows, _ASIDE, aside):
        yield item if isinstance(item, Reject) else _record(*item, layout)


def _record(place: str, task: dict[str, Any], layout: _Layout) -> Record | Reject:
    def look_up(name: str) -> Any:
        return task[name] if name in task else _meta(task).get(name)

    return parts.record(place, task, layout.parts, look_up, lambda text: _votes(task, layout, text))


def _meta(task: dict[str, Any]) -> dict[str, Any]:
    return {**mapped(task.get("metadata")), **mapped(task.get("meta"))}


def _votes(task: dict[str, Any], layout: _Layout, text: str) -> list[Vote]:
    labels = task.get(layout.field)
    if labels is not None and not isinstance(labels, list):
        raise Unfit("bad-label")
    by = layout.by or named(task.get("username"))
    if not labels:
        others = (task.get(field) for field in _LABELS if field != layout.field)
        looked = bool(task.get("annotation_approver")) or any(others)
        return [Vote((), by)] if looked and layout.kind != "number" else []
    said: dict[str | None, list[Any]] = {by: labels} if layout.field != "annotations" else {}
    if layout.field == "annotations":
        for each in labels:
            said.setdefault(named(mapped(each).get("user")), []).append(_plain(each, layout.kind))
    return [Vote(_value(labels, layout, text), who) for who, labels in said.items()]


def _plain(annotation: Any, kind: Kind) -> Any:
    """An annotation of version 1.0 to 1.2, which calls its label by number, as later versions write it."""
    held = mapped(annotation)
    label = named(held.get("label", held.get("text")))
    return {**held, "label": label} if kind == "spans" else label


def _value(labels: list[Any], layout: _Layout, text: str) -> Names | tuple[Any, ...] | float:
    if layout.kind == "spans":
        spans = cells.spans(labels)
        if spans is None:
            raise Unfit("bad-label")
        return offsets.in_code_points(text, spans, layout.unit)
    names = cells.names(labels)
    if names is None:
        raise Unfit("bad-label")
    return parts.number_of(names) if layout.kind == "number" else names
