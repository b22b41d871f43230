"""Tables whose rows are tokens with a tag each: lists of the same length, as Hugging Face datasets has them."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.labels.formats import bio
from headstart.labels.formats.tag_schemes import Scheme, scheme_of
from headstart.labels.records import Ask, Reading, Record, Reject, Vote, is_clean
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import pieces
from headstart.labels.tables.pieces import Piece

TOKEN_NAMES = ("tokens", "words", "token")
TAG_NAMES = ("ner_tags", "ner", "tags", "labels", "label")
_LOOK_AHEAD = 1000  # rows that the scheme is told from


@dataclass(frozen=True, slots=True)
class Tokens:
    """The fields that hold tokens and tags, and what numbers among the tags stand for."""

    tokens: str
    tags: str
    vocabulary: Sequence[str] = ()


def chosen(lists: Sequence[str], ask: Ask) -> Tokens | None:
    """The fields to read, where there are tokens and tags and the spec does not want anything else.

    Args:
        lists: The fields whose values are lists.
        ask: What the spec wants.
    """
    if ask.kind not in (None, "spans"):
        return None
    tokens = _one(ask.fields.text, TOKEN_NAMES, lists)
    tags = _one(ask.fields.label, TAG_NAMES, lists)
    return Tokens(tokens, tags) if tokens and tags and tokens != tags else None


def reading(items: Iterator[Piece | Reject], file: SourceFile, ask: Ask, fields: Tokens) -> Reading:
    """Every row as the text of its tokens, joined by spaces, and the spans that its tags mark."""
    head, seen = pieces.first(items, _LOOK_AHEAD)
    rows = (piece.row(index) for piece in seen for index in range(len(piece.numbers)))
    scheme = scheme_of(tags for row in rows if (tags := _tags(row, fields)) is not None)
    aside: Counter[str] = Counter()
    said = f"tokens from {fields.tokens!r}, tags from {fields.tags!r}{f' ({scheme.name})' if scheme else ''}"
    found = _records(itertools.chain(head, items), file, ask, fields, scheme, aside)
    return Reading(said, "spans", found, aside)


def _records(
    items: Iterable[Piece | Reject],
    file: SourceFile,
    ask: Ask,
    fields: Tokens,
    scheme: Scheme | None,
    aside: Counter[str],
) -> Iterator[Record | Reject]:
    for item in items:
        if isinstance(item, Reject):
            yield item
            continue
        for index, number in enumerate(item.numbers):
            yield _record(f"{file.name}, {item.unit} {number}", item.row(index), file, ask, fields, scheme, aside)


def _record(
    place: str,
    row: pieces.Row,
    file: SourceFile,
    ask: Ask,
    fields: Tokens,
    scheme: Scheme | None,
    aside: Counter[str],
) -> Record | Reject:
    tokens, tags = row.get(fields.tokens), _tags(row, fields)
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        return Reject(place, "no-text", dict(row))
    if tags is None or scheme is None:
        return Reject(place, "bad-label", dict(row))
    try:
        found = bio.tagged(tokens, tags, scheme)
    except bio.BadTag:
        return Reject(place, "bad-label", dict(row))
    group = str(row[ask.group_by]) if ask.group_by and row.get(ask.group_by) is not None else None
    if not all(map(is_clean, (found.text, group or "", *(span.label for span in found.spans)))):
        return Reject(place, "broken-unicode", repr(row))
    if found.repairs:
        aside["repaired tags"] += found.repairs
    return Record(place, found.text, (Vote(found.spans),), file.split, group)


def _tags(row: pieces.Row, fields: Tokens) -> list[str] | None:
    """A row's tags by name, or None where they are none."""
    found = row.get(fields.tags)
    if not isinstance(found, list):
        return None
    named = [_name(tag, fields.vocabulary) for tag in found]
    return [tag for tag in named if tag is not None] if None not in named else None


def _name(tag: Any, vocabulary: Sequence[str]) -> str | None:
    if isinstance(tag, int) and not isinstance(tag, bool):
        return vocabulary[tag] if 0 <= tag < len(vocabulary) else None
    return tag if isinstance(tag, str) else None


def _one(wanted: str, usual: Sequence[str], lists: Sequence[str]) -> str | None:
    if wanted != "auto":
        return wanted if wanted in lists else None
    lowered = {name.strip().lower(): name for name in lists}
    return next((lowered[name] for name in usual if name in lowered), None)
