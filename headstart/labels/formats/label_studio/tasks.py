"""A Label Studio task with what its annotators answered, whichever export it is of."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from headstart.labels.formats.label_studio.results import Result
from headstart.labels.records import printable


class Answer(NamedTuple):
    """What an annotator submitted, or that there is nothing to count: skipped, or rejected by a reviewer."""

    by: str | None
    state: Literal["given", "skipped", "rejected"]
    results: tuple[Result, ...] = ()


class Task(NamedTuple):
    """A task: ``content`` is all that the export says of it, ``about`` what it says beside the data and the answers."""

    place: str
    content: Any
    data: Mapping[str, Any]
    about: Mapping[str, Any]
    answers: tuple[Answer, ...]
    aside: Counter[str]

    def field(self, name: str) -> Any:
        """A field of the data, or else one about the task."""
        return self.data[name] if name in self.data else self.about.get(name)


def annotator(who: Any) -> str | None:
    """An annotator's e-mail address or number: exports have either, or an object with both."""
    if isinstance(who, dict):
        who = next((who[key] for key in ("email", "id") if who.get(key)), None)
    return str(who) if isinstance(who, int | str) and not isinstance(who, bool) and who != "" else None


def place(file: str, entry: Any, number: int) -> str:
    """Where a task stands: its number in Label Studio, and in a file with an entry an annotation that one's too."""
    parts = []
    if isinstance(entry, dict):
        parts = [
            f"{noun} {entry[key]}"
            for noun, key in (("task", "id"), ("annotation", "annotation_id"))
            if isinstance(entry.get(key), int | str) and not isinstance(entry[key], bool)
        ]
    return printable(", ".join([file, *(parts or [f"task number {number}"])]))
