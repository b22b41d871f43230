"""brat's collections: texts (``.txt``), each with its annotations beside it (``.ann``), and their BioNLP kin.

A document is a record. BioNLP's ``.a1`` and ``.a2`` are read together, as brat reads them.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from headstart.labels.formats import only_spans, standoff
from headstart.labels.formats.only_spans import DOCUMENT
from headstart.labels.records import Ask, Reading, Record, Reject, Vote, is_clean, printable
from headstart.labels.sources.files import SourceFile
from headstart.labels.sources.text import ERRORS, open_text
from headstart.labels.tables.fields import unknown

_WHOLE = ".ann"
_PARTS = (".a1", ".a2", ".co", ".rel")
_TEXT = ".txt"
_SETTINGS = "annotation.conf"


def recognise(file: SourceFile) -> str | None:
    """A name in .ann, .a1 or .a2 over lines of annotations, or over none beside a text; or a text in such a folder."""
    if file.suffix == _TEXT:
        return "it is a text in a folder of standoff annotations" if _is_among_annotations(file.path.parent) else None
    if file.suffix != _WHOLE and file.suffix not in _PARTS:
        return None
    first = file.first_line().decode("utf-8", errors="replace")
    if standoff.LINE.match(first) or (not first and file.beside(f"{file.path.stem}{_TEXT}")):
        return "it holds standoff annotations"
    return None


def companions(file: SourceFile) -> tuple[str, ...]:
    """The files beside this one that are read with it, or left aside for it: none of them is a file of its own."""
    if file.suffix == _WHOLE:
        suffixes: tuple[str, ...] = (_TEXT, *_PARTS)
    elif file.suffix in _PARTS:
        # Each part only names those after it, or they would name each other.
        suffixes = (_TEXT, *_PARTS[_PARTS.index(file.suffix) + 1 :])
    else:
        return ()
    return tuple(name for suffix in suffixes if file.beside(name := f"{file.path.stem}{suffix}"))


def read(file: SourceFile, ask: Ask) -> Reading:
    """One record, with one vote for all its spans; without votes where there is no file of annotations."""
    only_spans.check(ask, ("text", "pair", "image"), file.name)
    if ask.fields.label not in ("auto", standoff.ENTITIES, standoff.EVENTS):
        raise unknown("label", ask.fields.label, (standoff.ENTITIES, standoff.EVENTS), file.name)
    for kind, wanted in (("group", ask.group_by), ("time", ask.time)):
        if wanted is not None and (kind, wanted) != ("group", DOCUMENT):
            raise unknown(kind, wanted, (DOCUMENT,) if kind == "group" else (), file.name)
    aside: Counter[str] = Counter()
    which = "spans" if ask.fields.label == "auto" else ask.fields.label
    return Reading(
        f"text from {_TEXT}, {which} from the annotations beside it", "spans", _records(file, ask, aside), aside
    )


def _records(file: SourceFile, ask: Ask, aside: Counter[str]) -> Iterator[Record | Reject]:
    stem = file.path.stem
    path = file.path if file.suffix == _TEXT else file.beside(f"{stem}{_TEXT}")
    annotations, others = _annotations(file)
    lines = [line for each in annotations for line in _lines(each, file)]
    content = [line.text.rstrip("\r\n") for line in lines]
    if path is None:
        yield Reject(file.name, "no-text", content)
        return
    try:
        found = standoff.document(_raw(path), lines, ask.fields.label)
    except standoff.Fault as fault:
        yield Reject(fault.place, fault.reason, content)
        return
    if not is_clean(found.text):
        yield Reject(file.name, "broken-unicode", content)
        return
    aside.update(found.aside)
    if others:
        aside["partial annotation files"] += len(others)
    votes = (Vote(found.spans),) if annotations else ()
    yield Record(file.name, found.text, votes, file.split, stem if ask.group_by == DOCUMENT else None)


def _annotations(file: SourceFile) -> tuple[list[Path], list[Path]]:
    """The files of a document's annotations, and those that are left aside because the first have them all."""
    stem = file.path.stem
    parts = [path for suffix in _PARTS if (path := file.beside(f"{stem}{suffix}"))]
    whole = file.path if file.suffix not in (_TEXT, *_PARTS) else file.beside(f"{stem}{_WHOLE}")
    return ([whole], parts) if whole else (parts, [])


def _lines(path: Path, file: SourceFile) -> list[standoff.Line]:
    name = _name(path, file)
    with open_text(path) as stream:
        return [standoff.Line(f"{name}, line {number}", line) for number, line in enumerate(stream, start=1)]


def _raw(path: Path) -> str:
    """The text of a file with its byte-order mark and its line ends, which annotations may count."""
    return path.read_bytes().decode(errors=ERRORS)


def _name(path: Path, file: SourceFile) -> str:
    """What users call a file beside this one."""
    folder, slash, _ = file.name.rpartition("/")
    return file.name if path == file.path else f"{folder}{slash}{printable(path.name)}"


def _is_among_annotations(folder: Path) -> bool:
    return any(next(folder.glob(pattern), None) for pattern in (_SETTINGS, f"*{_WHOLE}", f"*{_PARTS[0]}"))
