"""What all tables share: which field holds what, and from rows to records, in blocks where a row is nothing special."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

from headstart.errors import DataError
from headstart.labels.records import Ask, Reading, Record, Reject
from headstart.labels.sources.files import SourceFile
from headstart.labels.sources.published import are_named
from headstart.labels.tables import cells, contents, fields, marks, pieces, plain, rows, token_rows, word_rows
from headstart.labels.tables.pieces import Piece
from headstart.labels.tables.rows import Layout


def reading(
    items: Iterator[Piece | Reject],
    file: SourceFile,
    ask: Ask,
    chosen: fields.Chosen | None = None,
    numbered: Sequence[str] = (),
    aside: Counter[str] | None = None,
) -> Reading:
    """A reading of a table.

    Args:
        items: Its rows, some thousand at a time, and what was found that is no row.
        file: Where they are from.
        ask: What the spec wants.
        chosen: Which fields hold what, where that is known from the whole table; else the first rows tell.
        numbered: What numbers in the label field stand for, where the table itself says so.
        aside: What is left aside while items are taken.

    Raises:
        DataError: A field that the user named is not there, or one could not be derived.
    """
    head, seen = pieces.first(items, pieces.LOOK_AHEAD)
    rest = itertools.chain(head, items)
    names = list(dict.fromkeys(name for piece in seen for name in piece.names()))
    if not names:
        return Reading("", ask.kind or "names", _without_fields(rest, file))
    if chosen is None:
        fields.check_named(names, file.name, ask)
        if tokens := token_rows.chosen(names, seen, ask):
            return token_rows.reading(rest, seen, file, tokens)
        if words := word_rows.chosen(names, seen, ask):
            whole = word_rows.sentences(rest, words)
            head, seen = pieces.first(whole, pieces.LOOK_AHEAD)
            tokens = token_rows.Tokens(fields.completed(fields.Chosen(words.word, words.tag), names, ask))
            return token_rows.reading(itertools.chain(head, whole), seen, file, tokens)
        chosen = fields.choose(names, file.name, ask, lambda: columns(seen))
    form = _form(seen, file, ask, chosen, numbered)
    said = (
        f"{chosen}{f' ({form.words})' if form.words else ''}{'' if file.split else _unread_split(names, seen, chosen)}"
    )
    layout = Layout(file, chosen, form)
    return Reading(said, form.kind, records(rest, layout), Counter() if aside is None else aside)


def records(items: Iterable[Piece | Reject], layout: Layout) -> Iterator[Record | Reject | pa.RecordBatch]:
    """Each row as a record, most of them in blocks."""
    for item in items:
        if isinstance(item, Reject):
            yield item
            continue
        block, others = plain.block(item, layout)
        if block is not None:
            yield block
        for index in others:
            yield rows.record(item, int(index), layout)


def columns(seen: Sequence[Piece]) -> list[contents.Column]:
    """What is in the fields of some rows."""
    names = dict.fromkeys(name for piece in seen for name in piece.names())
    return [contents.column(name, pieces.values(seen, name, pieces.LOOK_AHEAD)) for name in names]


def _unread_split(names: Sequence[str], seen: Sequence[Piece], chosen: fields.Chosen) -> str:
    """That a field names splits which the rows do not keep, for it has another name."""
    others = () if chosen.split else (name for name in names if name not in chosen.read)
    found = next((name for name in others if are_named(pieces.values(seen, name, pieces.LOOK_AHEAD))), None)
    return f"; {found!r} names splits and is not read: call it 'split' to keep them" if found else ""


def _form(
    seen: Sequence[Piece], file: SourceFile, ask: Ask, chosen: fields.Chosen, numbered: Sequence[str]
) -> cells.Form:
    """How the label is read."""
    if not chosen.marks:
        sample = pieces.values(seen, chosen.label, pieces.LOOK_AHEAD)
        return cells.form_of(sample, ask.kind, ask.task in ("auto", "multi-label"), ask.labels, numbered)
    if ask.kind not in (None, "names"):
        problem = f"several fields of 0 and 1 are names of labels, and {ask.task} takes others."
        remedy = "Name one field as data.fields.label, or set task to multi-label."
        raise DataError("data/unknown-field", problem, remedy=remedy, where=file.name)
    marks.check({name: pieces.values(seen, name, pieces.LOOK_AHEAD) for name in chosen.marks}, file.name)
    return cells.Form("names", "1 for each that applies", cells.names)


def _without_fields(items: Iterable[Piece | Reject], file: SourceFile) -> Iterator[Reject]:
    """Rows that hold nothing."""
    for item in items:
        if isinstance(item, Reject):
            yield item
        else:
            for index, number in enumerate(item.numbers):
                yield Reject(f"{file.name}, {item.unit} {number}", "no-text", dict(item.row(index)))
