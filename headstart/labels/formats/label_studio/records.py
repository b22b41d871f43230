"""From Label Studio's tasks to records: what the readers of its three exports share."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from headstart.labels import times
from headstart.labels.formats.label_studio.media import image, is_stored
from headstart.labels.formats.label_studio.results import BadAnswer, grade, names, oddities
from headstart.labels.formats.label_studio.spans import Offsets, shown
from headstart.labels.formats.label_studio.survey import Control, Source, Survey, choose_source
from headstart.labels.formats.label_studio.tasks import Answer, Task
from headstart.labels.records import Ask, Kind, Reading, Record, Reject, Value, Vote, is_clean
from headstart.labels.sources.files import SourceFile, UnseenImage
from headstart.labels.tables.fields import unknown

Tasks = Callable[[], Iterable[Task | Reject]]
"""Gives the tasks of a file from the first on, each time that it is called."""

_SAID: dict[Kind, str] = {"names": "label", "spans": "spans", "number": "numbers"}


@dataclass(frozen=True, slots=True)
class Layout:
    """Which fields hold what, and how answers are read.

    ``takes_none`` says that having chosen nothing is an answer; where there is to be one label, it is none.
    """

    file: SourceFile
    ask: Ask
    source: Source
    control: Control | None
    kind: Kind
    takes_none: bool

    def __str__(self) -> str:
        as_shown = " (as the browser shows it)" if self.is_html else ""
        label = f"{_SAID[self.kind]} from {self.control.name!r}" if self.control else "no label in any annotation"
        return f"{self.source}{as_shown}, {label}"

    @property
    def is_html(self) -> bool:
        """Whether spans are about the text of a HyperText."""
        return self.control is not None and self.control.is_html


def survey(tasks: Iterable[Task | Reject]) -> Survey:
    """What the tasks hold."""
    seen = Survey()
    for task in tasks:
        if isinstance(task, Task):
            seen.add(task)
    return seen


def reading(tasks: Tasks, seen: Survey, control: Control | None, file: SourceFile, ask: Ask) -> Reading:
    """A reading of the tasks.

    Raises:
        DataError: A field that the user named is not there, or one cannot be told.
    """
    if not seen.data:
        return Reading("", ask.kind or "names", (_without_data(task) for task in tasks()))
    known = [*seen.data, *(name for name in seen.about if name not in seen.data)]
    for noun, name in (("group", ask.group_by), ("time", ask.time)):
        if name is not None and name not in known:
            raise unknown(noun, name, known, file.name)
    kind = control.kind if control else ask.kind or "names"
    takes_none = ask.task == "multi-label" or (ask.task == "auto" and control is not None and control.takes_several)
    layout = Layout(file, ask, choose_source(seen, control, ask, file.name), control, kind, takes_none)
    aside: Counter[str] = Counter()
    return Reading(str(layout), kind, _records(tasks(), layout, aside), aside)


def shown_safely(content: Any) -> str:
    """Content that cannot be written as UTF-8, spelt out."""
    try:
        return ascii(content)
    except RecursionError:
        return "nested too deeply to be shown"


def _without_data(task: Task | Reject) -> Reject:
    return task if isinstance(task, Reject) else Reject(task.place, "not-a-task", task.content)


def _records(tasks: Iterable[Task | Reject], layout: Layout, aside: Counter[str]) -> Iterator[Record | Reject]:
    for task in tasks:
        if isinstance(task, Task):
            aside.update(task.aside)
            for answer in task.answers:
                aside.update(_left_aside(answer, layout.control))
            yield _record(task, layout, aside)
        else:
            yield task


def _left_aside(answer: Answer, control: Control | None) -> Iterator[str]:
    """What an annotation holds that is no label, or none of this control."""
    if answer.state != "given":
        yield f"{answer.state} annotations"
        return
    for result in answer.results:
        if result.kind is None:
            yield result.noun
        elif control is None or (result.control, result.kind) != (control.name, control.kind):
            yield "answers to other controls"
        elif result.kind == "names":
            yield from ["choices that are no names"] * oddities(result.value)


def _record(task: Task, layout: Layout, aside: Counter[str]) -> Record | Reject:
    source, file, ask = layout.source, layout.file, layout.ask
    content = task.data.get(source.image or source.text)
    pair = task.data.get(source.pair) if source.pair else None
    group = _name(task.field(ask.group_by)) if ask.group_by else None
    time = times.seconds(task.field(ask.time)) if ask.time else None

    def reject(reason: str) -> Reject:
        return Reject(task.place, reason, task.content, None if source.image else read)

    read = content if isinstance(content, str) and not is_stored(content) else None
    if not isinstance(content, str) or not isinstance(pair, str | None) or (source.pair and pair is None):
        return reject("no-image" if source.image else "no-text")
    if not source.image and (is_stored(content) or is_stored(pair or "")):
        return reject("no-text")
    if task.answers and all(answer.state != "given" for answer in task.answers):
        return reject("skipped")
    try:
        text, votes = _voted(task, layout, content, aside)
        picture = image(text, file) if source.image else None
    except (BadAnswer, UnseenImage) as problem:
        return reject(problem.reason)
    if not all(map(is_clean, (text, pair or "", group or "", *_texts_of(votes)))):
        return Reject(task.place, "broken-unicode", shown_safely(task.content))
    if ask.time and time is None:
        return reject("bad-time")
    return Record(task.place, text, votes, file.split, group, pair, picture, time)


def _voted(task: Task, layout: Layout, content: str, aside: Counter[str]) -> tuple[str, tuple[Vote, ...]]:
    """The text that fits the answers, and the votes: a HyperText's text depends on how it was shown.

    Raises:
        BadAnswer: An answer cannot be a vote.
    """
    texts = shown(content) if layout.is_html else (content,)
    for text in texts:
        offsets = Offsets(text)
        given = [answer for answer in task.answers if answer.state == "given"]
        try:
            values = [_value(answer, layout, offsets) for answer in given]
        except BadAnswer:
            if text == texts[-1]:
                raise
            continue
        break
    aside.update(["annotations without a label"] * values.count(None))
    return text, tuple(Vote(value, answer.by) for value, answer in zip(values, given, strict=True) if value is not None)


def _value(answer: Answer, layout: Layout, offsets: Offsets) -> Value | None:
    """What an annotator answered; None where that is nothing and nothing is no answer."""
    control = layout.control
    values = [
        result.value
        for result in answer.results
        if control is not None and (result.control, result.kind) == (control.name, control.kind)
    ]
    if layout.kind == "spans":
        return offsets.spans(values)
    if layout.kind == "number":
        return grade(values)
    chosen = names(values)
    return chosen if chosen or layout.takes_none else None


def _texts_of(votes: Iterable[Vote]) -> Iterator[str]:
    for vote in votes:
        yield vote.by or ""
        if isinstance(vote.value, tuple):
            yield from (part if isinstance(part, str) else part.label for part in vote.value)


def _name(value: Any) -> str | None:
    """The name of a group, None where the field is blank."""
    if isinstance(value, str | int | float):
        return str(value) or None
    return None if value is None else shown_safely(value)
