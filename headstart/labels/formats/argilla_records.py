"""The shapes of Argilla's records: what was asked about, who answered what, and what else is known of it.

====================  ==========================================================================================
2.x                   ``fields``, ``metadata``, and ``responses`` as lists by question (``records.to_json``)
2.x, flattened        fields and metadata as columns, ``QUESTION.responses`` with ``.users`` and ``.status``
1.x (feedback)        ``fields``, and ``responses`` of each user with ``values`` by question and ``status``
1.x, as a table       fields as columns, each question a column of responses, and ``QUESTION-suggestion``
to 1.x, and Rubrix    ``inputs`` or ``text``, ``prediction``, ``annotation``, ``annotation_agent`` and ``status``
====================  ==========================================================================================
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from headstart.labels.formats.parts import listed, mapped, named

_RESPONSES, _SUGGESTION = ".responses", ".suggestion"
_OLD_SUGGESTION = "-suggestion"
_CLASSIC = "annotation"
_KNOWN = frozenset({"id", "_server_id", "status", "external_id", "metadata", "vectors", "inserted_at", "updated_at"})
_CLASSIC_STATUS = {"Discarded": "discarded", "Edited": "draft", "Validated": "submitted", "Default": "submitted"}


class Answer(NamedTuple):
    """What a user answered to a question; None where the question was left out."""

    value: Any
    by: str | None
    status: str


@dataclass
class Answered:
    """A record: its fields, what else is known of it, and the answers by question."""

    id: str
    fields: dict[str, Any]
    about: dict[str, Any]
    answers: dict[str, list[Answer]]
    suggestions: int = 0
    is_discarded: bool = False
    tokens: list[str] = field(default_factory=list)


def shape_of(entry: dict[str, Any]) -> str | None:
    """Which shape the entry has, in words; None where it is none of Argilla's."""
    if isinstance(entry.get("fields"), dict) and isinstance(entry.get("responses"), dict | list):
        return "records with fields and responses"
    if "_server_id" in entry or any(name.endswith(f"{_RESPONSES}.users") for name in entry):
        return "records with Argilla's columns of responses"
    if _table_questions(entry):
        return "records with Argilla's columns of responses and suggestions"
    if _CLASSIC in entry and "annotation_agent" in entry and ("prediction" in entry or "status" in entry):
        return "records with an annotation and its agent"
    return None


def unpack(document: Any) -> Sequence[Any] | None:
    """The records of a document that has them as columns, or by their ids (``records.to_dict``)."""
    inside = list(mapped(document).values())
    if inside and all(isinstance(each, list) for each in inside) and len(set(map(len, inside))) == 1:
        return _rows(document)
    is_by_id = bool(inside) and all(isinstance(each, dict) for each in inside) and shape_of(inside[0]) is not None
    return inside if is_by_id else None


def _rows(columns: dict[str, list[Any]]) -> list[Any] | None:
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return rows if any(shape_of(row) for row in rows[:1]) else None


def read(entry: dict[str, Any]) -> Answered:
    """A record of whichever shape."""
    if isinstance(entry.get("fields"), dict):
        return _nested(entry)
    if any(name.endswith(_RESPONSES) for name in entry):
        return _flat(entry)
    return _table(entry) if _table_questions(entry) else _classic(entry)


def _nested(entry: dict[str, Any]) -> Answered:
    responses = entry.get("responses")
    answers: dict[str, list[Answer]] = {}
    statuses: list[str] = []
    for question, said in mapped(responses).items():
        answers[question] = [_answer(mapped(each)) for each in listed(said)]
    questions = list(dict.fromkeys(name for each in listed(responses) for name in _values(each)))
    for each in map(mapped, listed(responses)):
        statuses.append(_status(each.get("status")))
        for question in questions:
            value = mapped(_values(each).get(question)).get("value")
            answers.setdefault(question, []).append(Answer(value, named(each.get("user_id")), statuses[-1]))
    return _record(entry, mapped(entry["fields"]), mapped(entry.get("metadata")), answers, statuses)


def _values(response: Any) -> dict[str, Any]:
    """What a response says to each question; some versions write a list of objects."""
    values = mapped(response).get("values")
    found: dict[str, Any] = {}
    for each in [values] if isinstance(values, dict) else map(mapped, listed(values)):
        found |= each
    return found


def _flat(entry: dict[str, Any]) -> Answered:
    answers: dict[str, list[Answer]] = {}
    questions = [name.removesuffix(_RESPONSES) for name in entry if name.endswith(_RESPONSES)]
    for question in questions:
        values = listed(entry[f"{question}{_RESPONSES}"])
        users, statuses = (_padded(entry.get(f"{question}{_RESPONSES}.{name}"), values) for name in ("users", "status"))
        said = zip(values, users, statuses, strict=True)
        answers[question] = [Answer(value, named(user), _status(status)) for value, user, status in said]
    fields = {name: value for name, value in entry.items() if name not in _KNOWN and not _is_about(name, questions)}
    return _record(entry, fields, mapped(entry.get("metadata")), answers)


def _is_about(name: str, questions: list[str]) -> bool:
    """Whether the column is about a question."""
    return _SUGGESTION in name or any(name.startswith(f"{question}{_RESPONSES}") for question in questions)


def _padded(values: Any, like: list[Any]) -> list[Any]:
    found = listed(values)[: len(like)]
    return found + [None] * (len(like) - len(found))


def _table(entry: dict[str, Any]) -> Answered:
    questions = _table_questions(entry)
    answers = {name: [_answer(mapped(each)) for each in listed(entry.get(name))] for name in questions}
    about = entry.get("metadata")
    if isinstance(about, str):
        try:
            about = json.loads(about)
        except (ValueError, RecursionError):
            about = None
    taken = (*questions, *_KNOWN)
    fields = {name: value for name, value in entry.items() if name not in taken and _OLD_SUGGESTION not in name}
    return _record(entry, fields, mapped(about), answers)


def _table_questions(entry: dict[str, Any]) -> list[str]:
    names = (name.removesuffix(_OLD_SUGGESTION) for name in entry if name.endswith(_OLD_SUGGESTION))
    return [name for name in names if name in entry and f"{name}{_OLD_SUGGESTION}-metadata" in entry]


def _classic(entry: dict[str, Any]) -> Answered:
    inputs = entry.get("inputs")
    fields = dict(inputs) if isinstance(inputs, dict) else {"text": inputs} if isinstance(inputs, str) else {}
    if isinstance(entry.get("text"), str):
        fields.setdefault("text", entry["text"])
    value, given = entry.get(_CLASSIC), entry.get("status")
    status = _CLASSIC_STATUS.get(given, "submitted") if isinstance(given, str) else "submitted"
    is_answered = value is not None or given == "Validated"
    answers = {_CLASSIC: [Answer(value, named(entry.get("annotation_agent")), status)] if is_answered else []}
    about = {**mapped(entry.get("metadata")), "event_timestamp": entry.get("event_timestamp")}
    known = _record(entry, fields, about, answers, ["discarded"] if status == "discarded" else [])
    known.tokens = [each for each in listed(entry.get("tokens")) if isinstance(each, str)]
    return known


def _record(
    entry: dict[str, Any],
    fields: dict[str, Any],
    about: dict[str, Any],
    answers: dict[str, list[Answer]],
    statuses: Sequence[str] = (),
) -> Answered:
    found = [*statuses, *(each.status for said in answers.values() for each in said)]
    known = named(entry.get("id")) or named(entry.get("external_id")) or ""
    is_discarded = bool(found) and all(status == "discarded" for status in found)
    return Answered(known, fields, about, answers, _suggestions(entry), is_discarded)


def _suggestions(entry: dict[str, Any]) -> int:
    """How many suggestions or predictions there are."""
    if isinstance(entry.get("suggestions"), dict | list):
        return len(entry["suggestions"])
    ends = (_SUGGESTION, _OLD_SUGGESTION)
    columns = sum(name.endswith(ends) and entry[name] is not None for name in entry)
    return columns + bool(entry.get("prediction"))


def _answer(response: dict[str, Any]) -> Answer:
    return Answer(response.get("value"), named(response.get("user_id")), _status(response.get("status")))


def _status(value: Any) -> str:
    return value.lower() if isinstance(value, str) else ""
