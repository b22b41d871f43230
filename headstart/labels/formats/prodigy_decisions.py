"""Prodigy's tasks that are answered by yes or no: whether a label applies, whether a suggested span is right.

Such a task is a part of the answer to its input. An annotator's decisions on an input are put together, and each of
the tasks then says the same: all that was accepted. Where a file asks about a single label only, rejecting it is an
answer of its own, ``NOT_`` and the label, for that is the other class of the classifier that it is meant for.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

from headstart.labels.formats.parts import Unfit, listed, mapped
from headstart.labels.records import Ask, Kind, Names, Span
from headstart.labels.tables import cells

_NOT = "NOT_"
_SUGGESTING_VIEWS = ("ner", "spans", "pos", "dep")

By = Callable[[dict[str, Any]], str | None]


@dataclass
class Decisions:
    """What each annotator accepted and rejected of each input; ``only`` is the only label that was asked about."""

    known: dict[Hashable, dict[str | Span, bool]] = field(default_factory=dict)
    only: str = ""

    def __str__(self) -> str:
        return f" ({_NOT}{self.only} where it is rejected)" if self.only else ""

    def on(self, task: dict[str, Any], by: str | None) -> Names | tuple[Span, ...]:
        """All that the annotator of this task accepted of its input.

        Raises:
            Unfit: No span was accepted.
        """
        decided = self.known.get(_input(task, by), {})
        accepted: Any = tuple(sorted(part for part, is_right in decided.items() if is_right))
        if not accepted and not isinstance(task.get("label"), str):
            raise Unfit("rejected")
        return (f"{_NOT}{self.only}",) if self.only and not accepted else accepted


def is_yes_or_no(task: dict[str, Any], kind: Kind) -> bool:
    """Whether the task asks about one label, or about spans that were suggested."""
    if kind != "spans":
        return isinstance(task.get("label"), str) and "accept" not in task and "options" not in task
    if task.get("_is_binary") is True or task.get("_view_id") in _SUGGESTING_VIEWS:
        return True
    return any("answer" in mapped(span) for span in listed(task.get("spans")))


def gather(tasks: Iterable[dict[str, Any]], kind: Kind, ask: Ask, by: By) -> Decisions:
    """The decisions of all tasks; where one part is decided twice, the last counts."""
    known: dict[Hashable, dict[str | Span, bool]] = {}
    is_whole = True
    for task in tasks:
        if task.get("answer") not in ("accept", "reject"):
            continue
        if not is_yes_or_no(task, kind):
            is_whole = is_whole and not ("options" in task or "accept" in task)
            continue
        known.setdefault(_input(task, by(task)), {}).update(_decided(task, kind))
    labels = {part for decided in known.values() for part in decided if isinstance(part, str)}
    is_binary = len(labels) == 1 and is_whole and ask.task != "multi-label"
    return Decisions(known, labels.pop() if is_binary else "")


def _decided(task: dict[str, Any], kind: Kind) -> dict[str | Span, bool]:
    if kind != "spans":
        name = task["label"].strip()
        return {name: task["answer"] == "accept"} if name else {}
    decided: dict[str | Span, bool] = {}
    for span in listed(task.get("spans")):
        for each in cells.spans([span]) or ():
            decided[each] = mapped(span).get("answer", task["answer"]) == "accept"
    return decided


def _input(task: dict[str, Any], by: str | None) -> Hashable:
    """What tasks about the same input by the same annotator share."""
    known = task.get("_input_hash")
    if not isinstance(known, int):
        known = next((task[name] for name in ("text", "html", "image") if isinstance(task.get(name), str)), None)
    return (known, by)
