"""fastText's files for supervised learning: ``__label__refund where is my money``, a record a line."""

import re
from collections.abc import Iterator

from headstart.labels.formats.parts import kind_of
from headstart.labels.records import Ask, Reading, Record, Reject, Vote, is_clean
from headstart.labels.sources.files import SourceFile
from headstart.labels.sources.text import open_text

_LABEL = re.compile(r"(?:^|(?<=\s))__label__(\S+)\s*")


def recognise(file: SourceFile) -> str | None:
    """A first line that begins with a label."""
    return "its first line begins with __label__" if file.first_line().startswith(b"__label__") else None


def read(file: SourceFile, ask: Ask) -> Reading:
    """A record a line: its labels are the words that begin with ``__label__``, its text is the rest."""
    return Reading("labels and text from each line", kind_of(["names"], ask, file), _records(file))


def _records(file: SourceFile) -> Iterator[Record | Reject]:
    with open_text(file.path) as lines:
        for number, line in enumerate(lines, start=1):
            place, names = f"{file.name}, line {number}", tuple(_LABEL.findall(line))
            if not is_clean(line):
                yield Reject(place, "broken-unicode", repr(line))
            elif line.strip():
                yield Record(place, _LABEL.sub("", line).strip(), (Vote(names),) if names else (), file.split)
