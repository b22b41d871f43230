"""Label Studio's JSON export: a list of tasks, each with its data and its annotations.

Predictions and drafts are no labels and are left aside, as are cancelled (skipped) annotations.
"""

import json
from collections.abc import Iterator
from typing import Any

from headstart.errors import DataError
from headstart.labels.fields import choose_text, unknown
from headstart.labels.files import SourceFile
from headstart.labels.records import Ask, Reading, Record, Reject, Vote, is_clean, printable
from headstart.labels.text import decoded


def recognise(file: SourceFile) -> str | None:
    """A JSON list of objects that have ``data`` and ``annotations``."""
    is_list = file.first_line().startswith(b"[")
    if is_list and file.contains(b'"data"') and file.contains(b'"annotations"', b'"completions"'):
        return "it is a JSON list of tasks with data and annotations"
    return None


def read(file: SourceFile, ask: Ask) -> Reading:
    """One record a task, with one vote for each annotation that was submitted and not empty."""
    tasks = _load(file)
    names = list(dict.fromkeys(name for task in tasks if isinstance(task, dict) for name in _data(task)))
    if not names:
        return Reading(
            "",
            "names",
            (Reject(_place(task, number, file), "not-a-task", task) for number, task in enumerate(tasks, 1)),
        )
    fields, group_by = ask.fields, ask.group_by
    text = choose_text(fields.text, names, file.name)
    if group_by is not None and group_by not in names:
        raise unknown("group", group_by, names, file.name)
    control = _control(tasks, fields.label, file.name)
    return Reading(
        f"text from {text!r}, label from {control!r}", "names", _records(tasks, file, text, control, group_by)
    )


def _records(
    tasks: list[Any], file: SourceFile, text: str, control: str | None, group_by: str | None
) -> Iterator[Record | Reject]:
    for number, task in enumerate(tasks, start=1):
        yield _record(_place(task, number, file), task, file, text, control, group_by)


def _place(task: Any, number: int, file: SourceFile) -> str:
    known = isinstance(task, dict) and "id" in task
    return printable(f"{file.name}, task {task['id'] if known else f'number {number}'}")


def _load(file: SourceFile) -> list[Any]:
    try:
        tasks = json.loads(decoded(file.path.read_bytes()))
    except json.JSONDecodeError as error:
        raise _unreadable(error.msg, f"{file.name}, line {error.lineno}") from None
    except RecursionError:
        raise _unreadable("nested too deeply", file.name) from None
    except ValueError as error:  # a number of thousands of digits
        raise _unreadable(str(error).partition(";")[0], file.name) from None
    if not isinstance(tasks, list):
        remedy = "Export as JSON from Label Studio."
        raise DataError("data/unreadable", "not a list of tasks.", remedy=remedy, where=file.name)
    return tasks


def _unreadable(reason: str, where: str) -> DataError:
    return DataError("data/unreadable", f"not JSON: {reason}.", remedy="Export it again.", where=where)


def _control(tasks: list[Any], wanted: str, where: str) -> str | None:
    """The name of the choices control that holds the label; None where no annotation has one."""
    chosen = (item["from_name"] for task in tasks for each in _annotations(task) for item in _choices(each))
    names = list(dict.fromkeys(chosen))
    if wanted == "auto" and len(names) <= 1:
        return names[0] if names else None
    if wanted in names:
        return wanted
    if wanted == "auto":
        problem = "several controls hold choices, and the label is only one of them."
        remedy = f"Name it under data.fields.label: {', '.join(map(repr, names))}."
        raise DataError("data/unknown-field", problem, remedy=remedy, where=where)
    raise unknown("label", wanted, names, where)


def _record(
    place: str, task: Any, file: SourceFile, text: str, control: str | None, group_by: str | None
) -> Record | Reject:
    if not isinstance(task, dict) or not _data(task):
        return Reject(place, "not-a-task", task)
    content = _data(task).get(text)
    annotations = _annotations(task)
    votes = tuple(
        Vote(vote) for vote in (_vote(each, control) for each in annotations if not each.get("was_cancelled")) if vote
    )
    group = _data(task).get(group_by) if group_by else None
    group = None if group is None or group == "" else str(group)
    if not isinstance(content, str):
        return Reject(place, "no-text", task)
    if not all(map(is_clean, (content, group or "", *(label for vote in votes for label in vote.value)))):
        return Reject(place, "broken-unicode", repr(task))
    if not votes and annotations and all(each.get("was_cancelled") for each in annotations):
        return Reject(place, "skipped", task)
    return Record(place, content, votes, file.split, group)


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
