"""Label Studio's JSON-MIN export: a list of flat objects, one an annotation, of the task's data and controls' values.

Label Studio writes the data first, then ``id``, the controls, ``annotator`` and the rest. Which keys are controls is
told from that order, and from values that only controls have; a choice is written as a mere string. The tables that
Label Studio exports have the same fields (:mod:`.csv_export`).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from headstart.errors import DataError
from headstart.labels.formats.label_studio.records import reading, survey
from headstart.labels.formats.label_studio.results import Result, kind_of, noun_of
from headstart.labels.formats.label_studio.survey import Control, Survey, choose_control, choose_source
from headstart.labels.formats.label_studio.tasks import Answer, Task, annotator, place
from headstart.labels.records import Ask, Kind, Reading, Reject
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import nested
from headstart.labels.tables.fields import LABEL_NAMES, choose_label, unknown
from headstart.labels.tables.json_file import document, first_object
from headstart.labels.tables.pieces import number

REQUIRED = frozenset({"annotation_id", "annotator", "lead_time"})
"""Fields that every row has, and hardly a row of any other tool."""

_ABOUT = ("id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement", "history")
_CLASSIFIES = frozenset({"choices", "taxonomy", "selected", "rating", "number", "original_width", "original_height"})
"""The keys of a value that is about the whole task, and of nothing in its data."""

_NO_SPAN = {"start": -1, "end": -1, "labels": [""]}

Row = tuple[str, Mapping[str, Any]]
"""The place of a row, and its fields."""

Rows = Callable[[], Iterator[Row | Reject]]
"""Gives a file's rows from the first on, each time that it is called."""


def recognise(file: SourceFile) -> str | None:
    """A list whose first object has ``annotation_id``, ``annotator`` and ``lead_time``."""
    start = first_object(file)
    if start is None or not start.is_list or not start.members.keys() >= REQUIRED:
        return None
    return "it is a JSON list of annotations with annotation_id, annotator and lead_time"


def read(file: SourceFile, ask: Ask) -> Reading:
    """One record an annotation."""
    found = document(file)
    if not isinstance(found, list):
        remedy = "Export as JSON-MIN from Label Studio."
        raise DataError("data/unreadable", "not a list of annotations.", remedy=remedy, where=file.name)
    return read_rows(lambda: _rows(found, file.name, nested.named(ask)), file, ask)


def _rows(entries: list[Any], name: str, paths: Sequence[str]) -> Iterator[Row | Reject]:
    for count, entry in enumerate(entries, start=1):
        where = place(name, entry, count)
        is_row = isinstance(entry, dict)
        yield (where, nested.with_members(entry, paths)) if is_row else Reject(where, "not-an-object", entry)


def read_rows(rows: Rows, file: SourceFile, ask: Ask) -> Reading:
    """One record a row.

    Raises:
        DataError: A field that the user named is not there, or one cannot be told.
    """
    seen = survey(_tasks(rows(), None, ask.kind))
    control = _control(seen, ask, file.name)
    others = {each.name for each in seen.controls.values()} - {ask.fields.text, ask.fields.pair, ask.fields.image}
    for name in others | ({control.name} if control else set()):
        seen.about[name] = None
        seen.data.pop(name, None)
    return reading(lambda: _tasks(rows(), control, ask.kind), seen, control, file, ask)


def values(cell: Any) -> list[Mapping[str, Any]]:
    """The values that a control gave, where the cell shows that it is a control's; else none."""
    found = cell if isinstance(cell, list) else [cell]
    if not any(isinstance(each, dict) for each in found):
        return []
    read = [{"choices": [each]} if isinstance(each, str) else each for each in found]
    return read if all(isinstance(each, dict) and _is_value(each) for each in read) else []


def _is_value(value: Mapping[str, Any]) -> bool:
    return value.keys() <= _CLASSIFIES if kind_of(value) in ("names", "number") else _is_region(value)


def _is_region(value: Mapping[str, Any]) -> bool:
    return kind_of(value) == "spans" or noun_of(value) is not None


def _control(seen: Survey, ask: Ask, where: str) -> Control | None:
    """The control that holds the label: one that shows itself as a control, or else a field with a usual name."""
    controls, wanted = list(seen.controls.values()), ask.fields.label
    if wanted != "auto" and all(control.name != wanted for control in controls):
        if wanted not in seen.data:
            raise unknown("label", wanted, [*seen.data, *(control.name for control in controls)], where)
        return Control(wanted, ask.kind or "names")
    are_fitting = any(ask.kind in (None, control.kind) for control in controls)
    if are_fitting or wanted != "auto" or ask.kind == "spans" or not seen.is_answered:
        return choose_control(controls, ask, where)
    asked = {ask.fields.text, ask.fields.pair, ask.fields.image}
    lowered = {name.strip().lower(): name for name in seen.data if name not in asked}
    if usual := next((lowered[name] for name in LABEL_NAMES if name in lowered), None):
        return Control(usual, ask.kind or "names")
    content = [name for name in choose_source(seen, None, ask, where) if name]
    label = choose_label("auto", list(seen.data), content, where)
    return Control(label, ask.kind or "names")


def _tasks(rows: Iterable[Row | Reject], control: Control | None, kind: Kind | None) -> Iterator[Task | Reject]:
    for row in rows:
        yield row if isinstance(row, Reject) else _task(*row, control, kind)


def _task(where: str, row: Mapping[str, Any], control: Control | None, kind: Kind | None) -> Task:
    """A row as a task; before the control is known, with all that may be answers of this kind."""
    placed = _placed(row) if control is None else []
    results: list[Result] = []
    data: dict[str, Any] = {}
    for name, cell in row.items():
        if name in _ABOUT:
            continue
        found = values(cell)
        if not found:
            data[name] = cell
        if control is not None and name == control.name:
            found = found or _plain(cell, control.kind)
        elif name in placed and not found:
            found = _likely(cell, kind)
        results += [Result(name, kind_of(value), noun_of(value) or "other results", value) for value in found]
    by = annotator(row.get("annotator"))
    is_answered = bool(results) or row.get("annotation_id", True) not in (None, "")
    answers = (Answer(by, "given", tuple(results)),) if is_answered else ()
    return Task(where, row, data, {name: row[name] for name in _ABOUT if name in row}, answers, Counter())


def _placed(row: Mapping[str, Any]) -> list[str]:
    """The fields that stand where Label Studio writes controls, or whose name made it rename one of the data."""
    names = list(row)
    renamed = [name for name in names if f"_data_{name}" in row]
    first, last = (names.index(name) if name in names else -1 for name in ("id", "annotator"))
    # An id that comes first was in the data already, and keeps its place there; sorted columns tell nothing.
    return [*renamed, *names[first + 1 : last]] if 0 < first < last else renamed


def _likely(cell: Any, kind: Kind | None) -> list[Mapping[str, Any]]:
    """What a mere name or number says in a field that is a control's by its place."""
    if isinstance(cell, str) and cell and kind in (None, "names"):
        return [{"choices": [cell]}]
    is_number = number(cell) is not None and (kind == "number" or not isinstance(cell, str))
    return _plain(cell, "number") if is_number and kind in (None, "number") else []


def _plain(cell: Any, kind: Kind) -> list[Mapping[str, Any]]:
    """What a mere name or number in the control's field says; anything else is no label of its kind."""
    if cell is None or cell == "" or cell == []:
        return []
    if kind == "spans":
        return [_NO_SPAN]
    if kind == "number":
        return [{"rating": cell if (found := number(cell)) is None else found}]
    return [{"choices": [str(each) if isinstance(each, int | float) else each]} for each in _listed(cell)]


def _listed(cell: Any) -> list[Any]:
    return cell if isinstance(cell, list) else [cell]
