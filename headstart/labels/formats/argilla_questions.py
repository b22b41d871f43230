"""Argilla's questions: what kind each is, which the export does not say, and which one holds the labels."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

from headstart.errors import DataError
from headstart.labels.formats import parts
from headstart.labels.formats.argilla_records import Answered
from headstart.labels.records import Ask, Kind
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables.fields import unknown

Form = Literal["name", "names", "spans", "number"]

_KINDS: Mapping[Form, Kind] = MappingProxyType(
    {"name": "names", "names": "names", "spans": "spans", "number": "number"}
)
_TAKEN: Mapping[str, Form] = MappingProxyType(
    {"text-classification": "name", "image-classification": "name", "multi-label": "names"}
)
_LONGEST_NAME = 60  # characters; an answer that is longer is a text of its own


def choose(known: Sequence[Answered], file: SourceFile, ask: Ask) -> tuple[str, Kind]:
    """The question whose answers are the labels, and what they are; no question where none was answered.

    Raises:
        DataError: There are several, or the one that the user named is not there.
    """
    forms = {question: _form(_values(known, question)) for question in parts.names_in(each.answers for each in known)}
    if any(each.tokens for each in known):
        forms = {question: form or "spans" for question, form in forms.items()}
    wanted = ask.fields.label
    if wanted != "auto":
        if wanted not in forms:
            raise unknown("label", wanted, list(forms), file.name)
        form = forms[wanted]
        return wanted, parts.kind_of([_KINDS[form]] if form else [], ask, file)
    held = {question: form for question, form in forms.items() if form is not None}
    if len(held) > 1:
        held = {question: form for question, form in held.items() if not _is_prose(_values(known, question))} or held
    fitting = {question: form for question, form in held.items() if form == _TAKEN.get(ask.task)}
    fitting = fitting or {question: form for question, form in held.items() if _KINDS[form] == ask.kind} or held
    if len(fitting) > 1:
        problem = "several questions were answered, and the label is only one of them."
        remedy = f"Name it under data.fields.label: {', '.join(map(repr, fitting))}."
        raise DataError("data/unknown-field", problem, remedy=remedy, where=file.name)
    kind = parts.kind_of([_KINDS[form] for form in fitting.values()], ask, file)
    return next(iter(fitting), next(iter(forms), "")), kind


def may_be_none(known: Sequence[Answered], question: str) -> bool:
    """Whether a question without an answer is one that was answered by nothing: if it takes several."""
    return any(isinstance(value, list | dict) for value in _values(known, question))


def spans_of(value: Any) -> Any:
    """Spans as a list of objects, where they are written as lists of starts, ends and labels."""
    if not isinstance(value, dict):
        return value
    names = ("start", "end", "label")
    columns = [value.get(name) for name in names]
    if not all(isinstance(each, list) for each in columns) or len({len(parts.listed(each)) for each in columns}) > 1:
        return value
    return [dict(zip(names, row, strict=True)) for row in zip(*map(parts.listed, columns), strict=True)]


def _values(known: Sequence[Answered], question: str) -> list[Any]:
    said = (answer.value for each in known for answer in each.answers.get(question, ()))
    return [value for value in said if value is not None]


def _form(values: Sequence[Any]) -> Form | None:
    """What the answers are; None for a ranking, and where nobody answered."""
    lists = [each for each in map(spans_of, values) if isinstance(each, list)]
    items = [item for each in lists for item in each]
    if any(isinstance(item, dict | list) for item in items):
        is_ranking = any(isinstance(item, dict) and "start" not in item for item in items)
        return None if is_ranking else "spans"
    if lists or any(isinstance(value, dict) for value in values):
        return None if not items or _is_ranking(lists) else "names"
    are_numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    return None if not values else "number" if are_numbers else "name"


def _is_ranking(lists: Sequence[list[Any]]) -> bool:
    """Whether all list the same values, and not in one order only."""
    orders = {tuple(map(str, each)) for each in lists}
    return len(orders) > 1 and len({tuple(sorted(each)) for each in orders}) == 1


def _is_prose(values: Sequence[Any]) -> bool:
    return any(isinstance(value, str) and (len(value) > _LONGEST_NAME or "\n" in value) for value in values)
