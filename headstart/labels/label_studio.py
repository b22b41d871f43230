"""Label Studio's JSON export: a list of tasks, each with its data and its annotations.

Predictions and drafts are no labels and are left aside, as are cancelled (skipped) annotations.
"""

import json
from collections.abc import Iterator
from typing import Any

from headstart.errors import DataError
from headstart.labels import fields as field_names
from headstart.labels.records import Record, Reject, SourceFile
from headstart.labels.text import check_utf8, is_clean
from headstart.spec import FieldsSpec


def recognise(head: bytes, name: str) -> str | None:
    """A JSON list whose first task has ``data`` and ``annotations``."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"[") and b'"data"' in start and (b'"annotations"' in start or b'"completions"' in start):
        return "it is a JSON list of tasks with data and annotations"
    return None


def read(file: SourceFile, fields: FieldsSpec, group_by: str | None) -> Iterator[Record | Reject]:
    """One record a task, with one vote for each annotation that was submitted and not empty."""
    tasks = _load(file)
    names = list(dict.fromkeys(name for task in tasks if isinstance(task, dict) for name in _data(task)))
    if not names:
        yield from (
            Reject(f"{file.name}, task {number}", "not-a-task", task) for number, task in enumerate(tasks, start=1)
        )
        return
    text = field_names.choose(fields.text, "text", names, file.name)
    control = _control(tasks, fields.label, file.name)
    for number, task in enumerate(tasks, start=1):
        place = f"{file.name}, task {task['id'] if isinstance(task, dict) and 'id' in task else f'number {number}'}"
        yield _record(place, task, file, text, control, group_by)


def _load(file: SourceFile) -> list[Any]:
    check_utf8(file.path, file.name)
    try:
        tasks = json.loads(file.path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise DataError(
            "data/unreadable",
            f"not JSON: {error.msg}.",
            remedy="Export it again.",
            where=f"{file.name}, line {error.lineno}",
        ) from None
    except RecursionError:
        raise DataError(
            "data/unreadable", "JSON nested too deeply.", remedy="Export it again.", where=file.name
        ) from None
    if not isinstance(tasks, list):
        raise DataError(
            "data/unreadable", "not a list of tasks.", remedy="Export as JSON from Label Studio.", where=file.name
        )
    return tasks


def _control(tasks: list[Any], wanted: str, where: str) -> str | None:
    """The name of the choices control that holds the label; None where no annotation has one."""
    names = list(
        dict.fromkeys(item["from_name"] for task in tasks for each in _annotations(task) for item in _choices(each))
    )
    if wanted == "auto" and len(names) <= 1:
        return names[0] if names else None
    return field_names.choose(wanted, "label", names, where)


def _record(
    place: str, task: Any, file: SourceFile, text: str, control: str | None, group_by: str | None
) -> Record | Reject:
    if not isinstance(task, dict) or not _data(task):
        return Reject(place, "not-a-task", task)
    content = _data(task).get(text)
    annotations = _annotations(task)
    votes = tuple(
        vote for vote in (_vote(each, control) for each in annotations if not each.get("was_cancelled")) if vote
    )
    if not isinstance(content, str):
        return Reject(place, "no-text", task)
    if not all(map(is_clean, (content, *(label for vote in votes for label in vote)))):
        return Reject(place, "broken-unicode", repr(task))
    if not votes and annotations and all(each.get("was_cancelled") for each in annotations):
        return Reject(place, "skipped", task)
    group = _data(task).get(group_by) if group_by else None
    return Record(place, content, votes, file.split, None if group is None else str(group))


def _data(task: dict[str, Any]) -> dict[str, Any]:
    data = task.get("data")
    return data if isinstance(data, dict) else {}


def _annotations(task: Any) -> list[dict[str, Any]]:
    """The task's annotations; exports of before 2021 call them completions."""
    if not isinstance(task, dict):
        return []
    found = task.get("annotations", task.get("completions"))
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _choices(annotation: dict[str, Any]) -> list[dict[str, Any]]:
    result = annotation.get("result")
    items = result if isinstance(result, list) else []
    return [
        item
        for item in items
        if isinstance(item, dict) and item.get("type") == "choices" and isinstance(item.get("from_name"), str)
    ]


def _vote(annotation: dict[str, Any], control: str | None) -> tuple[str, ...]:
    """The labels that this annotator chose."""
    labels: list[str] = []
    for item in _choices(annotation):
        value = item.get("value")
        chosen = value.get("choices") if isinstance(value, dict) else None
        if item["from_name"] == control and isinstance(chosen, list):
            labels += [label for label in chosen if isinstance(label, str) and label]
    return tuple(dict.fromkeys(labels))
