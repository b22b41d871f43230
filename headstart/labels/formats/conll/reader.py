"""CoNLL's column files: a token a line with its tag, and a blank line after each sentence.

CoNLL-2002 and -2003, WNUT, GermEval, CoNLL-U and CoNLL-U Plus, and what is called ``.bio``, ``.iob`` or ``.bmes``: the
columns and the scheme of the tags are told from the content. A sentence is a record.
"""

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from headstart.errors import DataError
from headstart.labels import times
from headstart.labels.formats import bio, only_spans
from headstart.labels.formats.bio import Chunk
from headstart.labels.formats.conll import blocks as conll_blocks
from headstart.labels.formats.conll.blocks import Block, Line, Sentence
from headstart.labels.formats.conll.layout import Layout, layout_of
from headstart.labels.formats.conll.table import Row, table_of
from headstart.labels.formats.conll.tags import Tags, has_outside
from headstart.labels.formats.conll.words import spans_of, words_of
from headstart.labels.formats.only_spans import DOCUMENT
from headstart.labels.records import Ask, Reading, Record, Reject, Vote, is_clean
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables.fields import unknown

_START = 1 << 17  # bytes that are looked at to recognise the format
_SAMPLE = 4000  # blocks that are looked at to tell columns and scheme
_LONGEST = 2000  # tokens of a file without a blank line, beyond which it is rather a table
_MOST = 0.9  # the least share of lines that are of the format
_SUFFIXES = (".conll", ".conllu", ".conllup", ".bio", ".iob", ".iob2", ".bmes")


@dataclass(frozen=True, slots=True)
class _Source:
    """A file being read."""

    file: SourceFile
    ask: Ask
    layout: Layout
    aside: Counter[str] = field(default_factory=Counter)

    def count(self, what: str, number: int) -> None:
        """Count what is left aside."""
        if number:
            self.aside[what] += number


def recognise(file: SourceFile) -> str | None:
    """Lines of as many columns, one of which holds tags and another one tokens, which have no spaces."""
    start = file.start(_START).decode("utf-8", errors="replace")
    blocks = list(conll_blocks.blocks(io.StringIO(start, newline="")))
    if conll_blocks.is_piped(blocks):
        return "its lines are sentences of tokens with tags, such as London|B-LOC"
    table = table_of(blocks)
    layout = layout_of(table, Ask(), file.name) if table else None
    if layout is None:
        return None
    rows = [row for sentence in layout.table.sentences for row in sentence]
    tagged = sum(" " not in row[layout.tokens.number] and layout.is_tagged(row) for row in rows)
    if tagged < _MOST * layout.table.rows_seen:
        return None
    if file.suffix not in _SUFFIXES and not _has_sentences(layout, blocks, len(rows)):
        return None
    return f"its lines are tokens with tags ({layout.tags.scheme.name})"


def _has_sentences(layout: Layout, blocks: Sequence[Block], tokens: int) -> bool:
    """Whether there are several sentences, or one that is no table: short or commented, with tokens of no span."""
    sentences = layout.table.sentences
    if not layout.tags.is_sure:
        return 1 < len(sentences) < tokens
    is_commented = any(conll_blocks.is_structure(line.text) for block in blocks for line in block)
    is_one = has_outside(layout.table, layout.tags) and (is_commented or 1 < tokens <= _LONGEST)
    return len(sentences) > 1 or is_one


def read(file: SourceFile, ask: Ask) -> Reading:
    """One record a sentence, with one vote, or none where its tags are blank."""
    only_spans.check(ask, ("pair", "image"), file.name)
    blocks = conll_blocks.read_blocks(file)
    first = list(islice(blocks, _SAMPLE))
    every: Iterator[Block] = chain(first, blocks)
    if conll_blocks.is_piped(first):
        first, every = list(conll_blocks.unpiped(first)), conll_blocks.unpiped(every)
    _check_said(file, ask)
    if not first:
        return Reading("", "spans", iter(()))
    table = table_of(first)
    layout = layout_of(table, ask, file.name) if table else None
    if layout is None:
        problem = "no column holds tags such as B-PER, I-PER and O, with tokens in another one."
        remedy = "Name both under data.fields, text and label, by their numbers or as last; or set data.format."
        raise DataError("data/unknown-field", problem, remedy=remedy, where=file.name)
    source = _Source(file, ask, layout)
    wanted = {name for name in (ask.group_by, ask.time) if name}
    found = conll_blocks.sentences(every, layout, file.name, wanted)
    return Reading(str(layout), "spans", (_record(sentence, source) for sentence in found), source.aside)


def _check_said(file: SourceFile, ask: Ask) -> None:
    """Check that comments somewhere say what the spec groups or orders by."""
    if ask.group_by is None and ask.time is None:
        return
    there = conll_blocks.keys(file)
    for kind, wanted in (("group", ask.group_by), ("time", ask.time)):
        if wanted is not None and wanted not in there:
            raise unknown(kind, wanted, sorted(there), file.name)


def _record(sentence: Sentence, source: _Source) -> Record | Reject:
    file, ask, layout, lines = source.file, source.ask, source.layout, sentence.lines

    def reject(reason: str, line: Line) -> Reject:
        return Reject(f"{file.name}, line {line.number}", reason, [each.text for each in lines])

    rows = [layout.cells(line.text) for line in lines]
    for line, row in zip(lines, rows, strict=True):
        if len(row) != layout.table.width:
            return reject("wrong-columns", line)
    text, words, is_given = words_of(rows, layout, sentence.text)
    try:
        chunks, repairs = _chunks([rows[word.row] for word in words], layout.tags)
    except bio.BadTag as bad:
        return reject("bad-label", lines[words[bad.position].row])
    spans = None if chunks is None else spans_of(chunks, words)
    if spans is None and chunks is not None:
        return reject("split-token", lines[0])
    time = times.seconds(sentence.said.get(ask.time)) if ask.time else None
    if ask.time and time is None:
        return reject("bad-time", lines[0])
    group = sentence.document if ask.group_by == DOCUMENT else sentence.said.get(ask.group_by or "") or None
    source.count("repaired tags", repairs)
    source.count("texts that are not their tokens", sentence.text is not None and not is_given)
    for inner in layout.inner:
        source.count(f"spans in {inner.column.name}", _count(rows, inner))
    if not all(map(is_clean, (text, group or "", *(span.label for span in spans or ())))):
        return reject("broken-unicode", lines[0])
    votes = () if spans is None else (Vote(spans),)
    return Record(f"{file.name}, line {lines[0].number}", text, votes, file.split, group, time=time)


def _chunks(rows: Sequence[Row], tags: Tags) -> tuple[Sequence[Chunk] | None, int]:
    """The chunks that rows mark, and how many of their tags were repaired; None where nobody tagged them.

    Raises:
        BadTag: One of their tags is none.
    """
    values = [tags.column.of(row) for row in rows]
    return (None, 0) if values and bio.is_unlabeled(values, tags.scheme) else bio.decoded(values, tags.scheme)


def _count(rows: Sequence[Row], tags: Tags) -> int:
    try:
        return len(_chunks(rows, tags)[0] or ())
    except bio.BadTag:
        return 0
