"""Rejected records, written out so that a person can mend them, and ``formats/rejected.py`` read them again."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from headstart.labels.reasons import REASONS
from headstart.labels.records import Kind, Record, Reject, Value, Vote

_EXAMPLES = 5
_SHOWN = 160  # characters of a record that an example shows


class Rejects:
    """A JSON Lines file of rejected records, the count of each reason and the first records that it met.

    A line has ``place``, ``reason`` and ``why``; ``kind``, which says what labels are there (names, spans or a number);
    then ``text``, ``label`` or ``spans`` and what else of the record is known; ``votes`` where annotators said several
    things; and ``record``, the entry as the export has it, where it could not be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: Counter[str] = Counter()
        self.examples: dict[str, list[tuple[str, str]]] = {}
        self._stream = path.open("wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def add(self, reject: Reject, kind: Kind) -> None:
        """Take in an entry that could not be read."""
        said = {"kind": kind, "text": reject.text, "label": None, "record": reject.content}
        self._write(reject.place, reject.reason, said, reject.content if reject.text is None else reject.text)

    def add_record(self, record: Record, kind: Kind, reason: str, hint: str | None = None) -> None:
        """Take in a record that could be read; ``hint`` is the label that may be meant."""
        said: dict[str, Any] = {"kind": kind, "text": record.text}
        said |= {"pair": record.pair} if record.pair is not None else {}
        said |= {"image": record.text} if record.image is not None else {}
        said |= _said(record.votes)
        said |= {"hint": hint} if hint else {}
        known = {"split": record.split, "group": record.group, "time": record.time}
        said |= {name: value for name, value in known.items() if value is not None}
        self._write(record.place, reason, said, record.text)

    def _write(self, place: str, reason: str, said: dict[str, Any], shown: object) -> None:
        self.counts[reason] += 1
        examples = self.examples.setdefault(reason, [])
        if len(examples) < _EXAMPLES:
            examples.append((place, (shown if isinstance(shown, str) else ascii(shown))[:_SHOWN]))
        line = {"place": place, "reason": reason, "why": REASONS[reason], **said}
        self._stream.write(_written(line) + b"\n")


def _said(votes: Sequence[Vote]) -> dict[str, Any]:
    """The answer, where there is one, and else all that annotators said."""
    if not votes:
        return {"label": None}
    values = [_value(vote.value) for vote in votes]
    if all(value == values[0] for value in values):
        return values[0]
    key = next(iter(values[0]))
    return {key: None, "votes": [{"by": vote.by, **value} for vote, value in zip(votes, values, strict=True)]}


def _value(value: Value) -> dict[str, Any]:
    if not isinstance(value, tuple):
        return {"label": value}
    if value and not isinstance(value[0], str):
        return {"spans": [{"start": start, "end": end, "label": label} for start, end, label in value]}
    return {"label": value[0] if len(value) == 1 else list(value)}


def _written(line: dict[str, Any]) -> bytes:
    """The line as JSON, whatever the export held (dates, bytes, NaN, half characters)."""
    try:
        return _json(line)
    except (TypeError, ValueError, RecursionError):
        return _json({name: _sayable(value) for name, value in line.items()})


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def _sayable(value: object) -> object:
    try:
        _json(value)
    except (TypeError, ValueError, RecursionError):
        return ascii(value)
    return value
