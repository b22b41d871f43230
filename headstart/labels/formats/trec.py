"""TREC's questions: each line begins with its label, as in ``NUM:date When was Ray born?``."""

import re
from collections.abc import Iterator

from headstart.labels.formats import nameless
from headstart.labels.records import Ask, Reading, Record, Reject, Vote, is_clean
from headstart.labels.sources.files import SourceFile
from headstart.labels.sources.text import decoded, open_text

_START = 1 << 16  # bytes that are looked at
_MANY = 10  # lines from which on heads that come again are labels
_HEAD = re.compile(r"([A-Za-z]+:[A-Za-z]+) +(?=\S)")


def recognise(file: SourceFile) -> str | None:
    """Lines that all begin with one of a few labels of two parts."""
    lines = [line for line in decoded(file.start(_START)).split("\n") if line.strip()][:-1]  # the last may be cut
    heads = [head[1] for line in lines if (head := _HEAD.match(line))]
    are_labels = len(heads) == len(lines) >= _MANY and 2 * len(set(heads)) <= len(heads)
    return "all its lines begin with one of a few labels" if are_labels and file.suffix != ".log" else None


def read(file: SourceFile, ask: Ask) -> Reading:
    """A record a line.

    Raises:
        DataError: The task's labels are no names, or the spec names a field.
    """
    nameless.check(file, ask)
    return Reading("label and text from each line", "names", _records(file))


def _records(file: SourceFile) -> Iterator[Record | Reject]:
    with open_text(file.path) as lines:
        for number, line in enumerate(lines, start=1):
            place, head = f"{file.name}, line {number}", _HEAD.match(line)
            if not is_clean(line):
                yield Reject(place, "broken-unicode", repr(line))
            elif line.strip():
                text = line[head.end() :] if head else line
                yield Record(place, text.strip(), (Vote((head[1],)),) if head else (), file.split)
