"""The lines of a CoNLL file: blocks between blank lines, and the sentences, comments and documents in them."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from headstart.labels.formats.only_spans import DOCUMENT
from headstart.labels.sources.files import SourceFile
from headstart.labels.sources.text import open_text

_BOUNDARY = "-DOCSTART-"
_NEW_DOCUMENT = "newdoc"
_REMARK = re.compile(r"#\s+\S")
_SAID = re.compile(r"#\s*(?P<key>[^\s=/]+( id)?)\s*=\s*(?P<value>.*?)\s*")
_PIECE = re.compile(r"\S+\|(?:O|[BILUES]-\S+)")
_MOST = 0.9  # the least share of pieces that are tokens with tags in a file of a sentence a line


class Line(NamedTuple):
    """A line without its end, and its number."""

    number: int
    text: str


Block = Sequence[Line]


@dataclass(frozen=True, slots=True)
class Sentence:
    """The lines of a sentence's tokens, the text that a comment gives, what comments say of it, and its document."""

    lines: Block
    text: str | None
    said: Mapping[str, str]
    document: str


class Comments(Protocol):
    """Knows comments from tokens that begin with ``#``, and the header."""

    def is_row(self, line: str) -> bool:
        """Whether the line has the right columns."""

    def is_token(self, line: str) -> bool:
        """Whether the line has the right columns, with a tag among them."""

    def is_header(self, line: str) -> bool:
        """Whether the line names the columns."""


def blocks(lines: Iterable[str]) -> Iterator[Block]:
    """The lines between blank ones; white space alone is blank, too."""
    block: list[Line] = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            block.append(Line(number, line.rstrip("\r\n")))
        elif block:
            yield block
            block = []
    if block:
        yield block


def read_blocks(file: SourceFile) -> Iterator[Block]:
    """The blocks of a file."""
    with open_text(file.path) as stream:
        yield from blocks(stream)


def is_piped(sample: Iterable[Block]) -> bool:
    """Whether every line is a sentence of tokens such as ``London|B-LOC``, as spaCy's IOB format has it."""
    pieces = [piece for block in sample for line in block for piece in line.text.split()]
    return bool(pieces) and sum(_PIECE.fullmatch(piece) is not None for piece in pieces) >= _MOST * len(pieces)


def unpiped(piped: Iterable[Block]) -> Iterator[Block]:
    """Each line's tokens as a block of their own, in columns."""
    for block in piped:
        for line in block:
            yield [Line(line.number, piece.replace("|", "\t")) for piece in line.text.split()]


def is_structure(line: str) -> bool:
    """Whether a line looks like a comment or the boundary of a document; some tokens look so, too."""
    return line.startswith(("#", _BOUNDARY))


def sentences(of: Iterable[Block], known: Comments, name: str, wanted: Collection[str]) -> Iterator[Sentence]:
    """The sentences of blocks, in a file of that name.

    What a comment says of one of the ``wanted`` things holds until another one says otherwise, or the document ends.
    """
    documents, document, standing = 0, f"{name}, document 0", dict[str, str]()
    for block in of:
        text = None
        lines: list[Line] = []
        for line in block:
            if not is_structure(line.text):
                lines += [] if known.is_header(line.text) else [line]
                continue
            is_boundary = line.text.startswith(_BOUNDARY)
            if is_boundary and lines:
                yield Sentence(lines, text, dict(standing), document)
                lines, text = [], None
            said = _said(line.text) if _is_comment(line.text, known, bool(lines)) else None
            if is_boundary or (said and said[0].split()[:1] == [_NEW_DOCUMENT]):
                documents, standing = documents + 1, {}
                document = said[1] if said and said[1] else f"{name}, document {documents}"
            elif said:
                standing |= {said[0]: said[1]} if said[0] in wanted else {}
                text = said[1] if said[0] == "text" else text
            else:
                lines.append(line)
        if lines:
            yield Sentence(lines, text, dict(standing), document)


def keys(file: SourceFile) -> set[str]:
    """What comments say something of, and ``document`` where there are documents."""
    found: set[str] = set()
    with open_text(file.path) as stream:
        for line in stream:
            if line.startswith(_BOUNDARY) or (line.startswith("#") and _said(line)[0].split()[:1] == [_NEW_DOCUMENT]):
                found.add(DOCUMENT)
            elif line.startswith("#") and "=" in line:
                found.add(_said(line)[0])
    return found


def _is_comment(line: str, known: Comments, is_inside: bool) -> bool:
    """Whether a line is a comment. Amid a sentence it must look less like a token, for that one may be broken."""
    if not line.startswith("#") or known.is_token(line):
        return False
    return not is_inside or (_REMARK.match(line) is not None and not known.is_row(line))


def _said(comment: str) -> tuple[str, str]:
    """What a comment is about, and what it says of it."""
    found = _SAID.fullmatch(comment.rstrip("\r\n"))
    return (found["key"], found["value"]) if found else (comment.removeprefix("#").strip(), "")
