"""fastText's files for supervised learning: ``__label__refund where is my money``, a record a line."""

import re
from collections.abc import Iterator

from headstart.labels.formats import nameless
from headstart.labels.records import Ask, Reading, Record, Reject, Vote, is_clean
from headstart.labels.sources.files import SourceFile
from headstart.labels.sources.text import open_text

_LABEL = re.compile(r"(?<!\S)__label__(\S+)\s*")


def recognise(file: SourceFile) -> str | None:
    """A start of which most lines begin with a label."""
    lines = [line for line in file.start(1 << 16).splitlines() if line.strip()]
    marked = sum(line.startswith(b"__label__") for line in lines)
    return "most of its lines begin with __label__" if 2 * marked > len(lines) else None


def read(file: SourceFile, ask: Ask) -> Reading:
    """A record a line: its labels are the words that begin with ``__label__``, its text is the rest."""
    nameless.check(file, ask)
    return Reading("labels and text from each line", "names", _records(file))


def _records(file: SourceFile) -> Iterator[Record | Reject]:
    with open_text(file.path) as lines:
        for number, line in enumerate(lines, start=1):
            place, names = f"{file.name}, line {number}", tuple(dict.fromkeys(_LABEL.findall(line)))
            if not is_clean(line):
                yield Reject(place, "broken-unicode", repr(line))
            elif line.strip():
                yield Record(place, _LABEL.sub("", line).strip(), (Vote(names),) if names else (), file.split)
