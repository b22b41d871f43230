"""Label Studio's JSON export: tasks with their data and annotations, as one list, a file each, or one a line.

Exports of before 2021 call annotations completions. What Label Studio writes into a bucket is an annotation with its
task inside. Predictions and drafts are no labels and are left aside, as are annotations that were skipped, or rejected
by a reviewer.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from headstart.errors import DataError
from headstart.labels.formats.label_studio.records import Tasks, reading, survey
from headstart.labels.formats.label_studio.results import Result, kind_of, noun_of
from headstart.labels.formats.label_studio.survey import choose_control
from headstart.labels.formats.label_studio.tasks import Answer, Task, annotator, place
from headstart.labels.records import Ask, Reading, Reject
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import jsonl, nested
from headstart.labels.tables.json_file import CUT, Start, document, first_object

_ANNOTATIONS = ("annotations", "completions")


def recognise(file: SourceFile) -> str | None:
    """A first object that has ``data`` and ``annotations``, or a ``result`` and its ``task``."""
    start = first_object(file)
    if start is None or not (_has_annotations(start, file) or _is_annotation(start.members)):
        return None
    return f"it is {'a JSON list of' if start.is_list else 'JSON,'} tasks with data and annotations"


def read(file: SourceFile, ask: Ask) -> Reading:
    """One record a task, with one vote for each annotation that was submitted and not empty."""
    tasks, paths = _tasks(file), nested.named(ask)
    if paths:
        tasks = _lifted(tasks, paths)
    seen = survey(tasks())
    control = choose_control(seen.controls.values(), ask, file.name)
    return reading(tasks, seen, control, file, ask)


def _has_annotations(start: Start, file: SourceFile) -> bool:
    found = next((start.members[name] for name in _ANNOTATIONS if name in start.members), None)
    if found is CUT:  # a long first task: its data may stand behind its annotations
        return file.contains(b'"data"') and file.contains(b'"from_name"')
    if not isinstance(found, list) or not isinstance(start.members.get("data"), dict):
        return False
    return all(isinstance(each, dict) and "result" in each for each in found)


def _is_annotation(entry: Mapping[str, Any]) -> bool:
    task = entry.get("task")
    return isinstance(entry.get("result"), list) and isinstance(task, dict) and isinstance(task.get("data"), dict)


def _tasks(file: SourceFile) -> Tasks:
    start = first_object(file)
    is_object = start is not None and not start.is_list
    if file.suffix in (".jsonl", ".ndjson") or (is_object and jsonl.first_object(file) is not None):
        return lambda: _in_lines(file)
    found = document(file)
    if isinstance(found, dict) and (_data(found) or _is_annotation(found)):
        found = [found]
    if not isinstance(found, list):
        remedy = "Export as JSON from Label Studio."
        raise DataError("data/unreadable", "not a list of tasks.", remedy=remedy, where=file.name)
    return lambda: _in_list(found, file.name)


def _lifted(tasks: Tasks, paths: Sequence[str]) -> Tasks:
    """The tasks, in whose data each field inside another that the user named is one of its own as well."""

    def lifted() -> Iterator[Task | Reject]:
        for task in tasks():
            if isinstance(task, Task):
                task = task._replace(data=nested.with_members(task.data, paths))
            yield task

    return lifted


def _in_list(entries: list[Any], name: str) -> Iterator[Task | Reject]:
    for number, entry in enumerate(entries, start=1):
        task = entry["task"] if isinstance(entry, dict) and _is_annotation(entry) else entry
        yield _task(place(name, task, number), entry)


def _in_lines(file: SourceFile) -> Iterator[Task | Reject]:
    for number, entry in jsonl.objects(file):
        yield entry if isinstance(entry, Reject) else _task(f"{file.name}, line {number}", entry)


def _task(where: str, entry: Any) -> Task | Reject:
    if isinstance(entry, dict) and _is_annotation(entry):
        task, annotations = entry["task"], [entry]
    else:
        task = entry
        annotations = next((found for name in _ANNOTATIONS if isinstance(found := _of(entry, name), list)), [])
    data = _data(task)
    if not data:
        return Reject(where, "not-a-task", entry)
    meta = _of(task, "meta")
    about = {name: value for name, value in task.items() if not isinstance(value, dict | list)}
    answers = tuple(_answer(each) for each in annotations if isinstance(each, dict))
    return Task(
        where, entry, data, about | (meta if isinstance(meta, dict) else {}), answers, _beside(task, annotations)
    )


def _of(entry: Any, name: str) -> Any:
    return entry.get(name) if isinstance(entry, dict) else None


def _data(task: Any) -> dict[str, Any]:
    data = _of(task, "data")
    return data if isinstance(data, dict) else {}


def _beside(task: Mapping[str, Any], annotations: list[Any]) -> Counter[str]:
    """How many things a task holds beside its data and answers."""
    found = {name: task.get(name) for name in ("predictions", "drafts")}
    aside = Counter({name: len(each) for name, each in found.items() if isinstance(each, list) and each})
    for each in annotations:
        reviews = _of(each, "reviews")
        aside["reviews"] += len(reviews) if isinstance(reviews, list) else 0
        aside["ground truth marks"] += _of(each, "ground_truth") is True
        aside["unreadable annotations"] += not isinstance(each, dict)
    return +aside


def _answer(annotation: Mapping[str, Any]) -> Answer:
    by = annotator(annotation.get("completed_by")) or annotator(_string(annotation.get("created_username")).strip())
    if annotation.get("was_cancelled") or annotation.get("skipped"):
        return Answer(by, "skipped")
    if _is_rejected(annotation):
        return Answer(by, "rejected")
    found = annotation.get("result")
    results = [_result(each) for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return Answer(by, "given", tuple(results))


def _is_rejected(annotation: Mapping[str, Any]) -> bool:
    """Whether a reviewer rejected it and the annotator has not changed it since."""
    if action := annotation.get("last_action"):
        return bool(action == "rejected")
    found = annotation.get("reviews")
    reviews = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    last = max(reviews, key=lambda review: str(review.get("created_at")), default={})
    return last.get("accepted") is False and not last.get("fixed_annotation_history")


def _result(item: Mapping[str, Any]) -> Result:
    control, tag, to = (_string(item.get(key)) for key in ("from_name", "type", "to_name"))
    value = item.get("value")
    value = value if isinstance(value, dict) else {}
    is_part = item.get("item_index") is not None or "original_length" in item  # of several images, or of a sound
    kind = None if is_part or not control else kind_of(value)
    return Result(control, kind, noun_of(value, tag) or "other results", value, to)


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
