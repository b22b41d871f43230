"""Lines that begin with their labels: fastText's (``__label__spam Win a prize``) and TREC's (``NUM:date When ...``)."""

import re
from collections.abc import Callable, Iterator

from headstart.errors import DataError
from headstart.labels.records import Ask, Names, Reading, Record, Reject, Vote, is_clean
from headstart.labels.sources.files import SourceFile
from headstart.labels.sources.text import decoded, open_text
from headstart.labels.tables.fields import unknown

_START = 1 << 16  # bytes that are looked at
_MANY = 10  # lines from which on heads that come again are labels
_MARKED = re.compile(r"(?<!\S)__label__(\S+)\s*")
_HEAD = re.compile(r"([A-Za-z]+:[A-Za-z]+) +(?=\S)")

Parted = tuple[Names, str]


def recognise(file: SourceFile) -> str | None:
    """Lines of which most have fastText's labels, or that all begin with one of a few labels as TREC's do."""
    part = _parting(file)
    if part is None:
        return None
    return f"its lines have labels as {'fastText' if part is _of_fasttext else 'TREC'} writes them"


def read(file: SourceFile, ask: Ask) -> Reading:
    """Every line that is not blank.

    Raises:
        DataError: The task's labels are no names, or the spec names a field.
    """
    if ask.kind not in (None, "names"):
        problem = f"it holds names of labels, and {ask.task} takes others."
        remedy = "Set task to text-classification or multi-label, or leave it out."
        raise DataError("data/unknown-field", problem, remedy=remedy, where=file.name)
    wanted = [(kind, name) for kind, name in ask.fields.model_dump().items() if name != "auto"]
    for kind, name in (*wanted, ("group", ask.group_by), ("time", ask.time)):
        if name is not None:
            raise unknown(kind, name, (), file.name)
    return Reading("label and text from each line", "names", _records(file, _parting(file) or _of_fasttext))


def _records(file: SourceFile, part: Callable[[str], Parted]) -> Iterator[Record | Reject]:
    with open_text(file.path) as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            place = f"{file.name}, line {number}"
            if not is_clean(line):
                yield Reject(place, "broken-unicode", repr(line))
                continue
            names, text = part(line)
            yield Record(place, text, (Vote(names),) if names else (), file.split)


def _parting(file: SourceFile) -> Callable[[str], Parted] | None:
    """How labels are told from the text."""
    lines = [line for line in decoded(file.start(_START)).split("\n") if line.strip()]
    marked = sum(_MARKED.match(line) is not None for line in lines)
    if marked and 2 * marked > len(lines):
        return _of_fasttext
    whole = lines[:-1]  # the last one may be cut
    heads = [head[1] for line in whole if (head := _HEAD.match(line))]
    is_of_trec = len(heads) == len(whole) >= _MANY and 2 * len(set(heads)) <= len(heads)
    return _of_trec if is_of_trec and file.suffix != ".log" else None


def _of_fasttext(line: str) -> Parted:
    return tuple(dict.fromkeys(_MARKED.findall(line))), _MARKED.sub("", line).strip()


def _of_trec(line: str) -> Parted:
    head = _HEAD.match(line)
    return ((head[1],), line[head.end() :].strip()) if head else ((), line.strip())
