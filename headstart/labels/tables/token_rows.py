"""Tables whose rows are tokens with a tag each: lists of the same length, as Hugging Face datasets has them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.errors import DataError
from headstart.labels.formats import bio
from headstart.labels.formats.tag_schemes import Scheme, scheme_of
from headstart.labels.records import Ask, Reading, Record, Reject, Vote, is_clean
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import conventions, fields, pieces, rows
from headstart.labels.tables.cells import is_blank
from headstart.labels.tables.pieces import Piece
from headstart.labels.tables.spelt import decoded

TOKEN_NAMES = ("tokens", "words", "token")
TAG_NAMES = ("ner_tags", "ner", "ner_labels", "bio_tags", "iob_tags", "tags", "labels", "label")
_MOST = 0.5


@dataclass(frozen=True, slots=True)
class Tokens:
    """The fields that hold tokens and tags, and what numbers among the tags stand for."""

    fields: fields.Chosen
    names: Sequence[str] = ()

    def tags(self, cell: Any) -> list[str] | None:
        """The tags in a cell by name, or None where they are none."""
        found = decoded(cell)
        named = [self._tag(tag) for tag in found] if isinstance(found, list) else [None]
        return [tag for tag in named if tag is not None] if None not in named else None

    def _tag(self, tag: Any) -> str | None:
        if isinstance(tag, int) and not isinstance(tag, bool):
            return self.names[tag] if 0 <= tag < len(self.names) else None
        return tag if isinstance(tag, str) else None


def chosen(names: Sequence[str], seen: Sequence[Piece], ask: Ask) -> Tokens | None:
    """The fields to read, where some rows have as many tokens as tags and the spec does not want anything else."""
    if not may_be_tokens(ask):
        return None
    for tokens in named(ask.fields.text, TOKEN_NAMES, names):
        for tags in named(ask.fields.label, TAG_NAMES, names):
            if tokens != tags and _are_parallel(
                *(pieces.values(seen, name, pieces.LOOK_AHEAD) for name in (tokens, tags))
            ):
                return Tokens(fields.completed(fields.Chosen(tokens, tags), names, ask))
    return None


def reading(items: Iterator[Piece | Reject], seen: Sequence[Piece], file: SourceFile, tokens: Tokens) -> Reading:
    """Every row as the text of its tokens, joined by spaces, and the spans that its tags mark.

    Raises:
        DataError: The tags follow no scheme.
    """
    sample = [cell for cell in pieces.values(seen, tokens.fields.label, pieces.LOOK_AHEAD) if not is_blank(cell)]
    scheme = scheme_of(tags for cell in sample if (tags := tokens.tags(cell)) is not None)
    odd = next((tag for cell in sample if isinstance(tags := decoded(cell), list) for tag in tags), None)
    if scheme is None and odd is not None:
        raise _no_scheme(odd, file, tokens)
    aside: Counter[str] = Counter()
    scheme_name = f" ({scheme.name})" if scheme else ""
    said = f"tokens from {tokens.fields.text!r}, tags from {tokens.fields.label!r}{scheme_name}"
    return Reading(said, "spans", _records(items, file, tokens, scheme, aside), aside)


def may_be_tokens(ask: Ask) -> bool:
    """Whether the spec leaves it open that tokens are tagged, or wants it."""
    return ask.kind in (None, "spans") and ask.fields.pair == ask.fields.image == "auto"


def named(wanted: str, usual: Sequence[str], names: Sequence[str]) -> list[str]:
    """The field that is asked for, or those that have usual names."""
    if wanted != "auto":
        return [wanted]
    return [found for name in usual if (found := conventions.exact(names, (name,)))]


def _are_parallel(tokens: Sequence[Any], tags: Sequence[Any]) -> bool:
    """Whether most rows have lists of tokens and of tags that are equally long; where nothing is tagged, of tokens."""
    found = [(decoded(one), decoded(two)) for one, two in zip(tokens, tags, strict=True) if not is_blank(one)]
    words = [one for one, _ in found if isinstance(one, list)]
    tagged = [(one, two) for one, two in found if not is_blank(two)]
    alike = [one for one, two in tagged if isinstance(one, list) and isinstance(two, list) and len(one) == len(two)]
    first = next(filter(None, words), [])
    return (
        len(words) >= _MOST * len(found)
        and all(isinstance(word, str) for word in first)
        and len(alike) >= _MOST * len(tagged)
        and (any(alike) or not any(two for _, two in tagged))
    )


def _no_scheme(tag: Any, file: SourceFile, tokens: Tokens) -> DataError:
    said = f"the tags in {tokens.fields.label!r} are"
    if isinstance(tag, int):
        problem = f"{said} numbers, and the file does not say what they stand for."
        remedy = "Write the tags by name, or the table as Hugging Face datasets does in Parquet, which keeps the names."
    else:
        problem = f"{said} such as {str(tag)[:20]!r}, which no scheme of tags has."
        remedy = "Name the field of tags in BIO or the like as data.fields.label."
    return DataError("data/unknown-field", problem, remedy=remedy, where=file.name)


def _records(
    items: Iterable[Piece | Reject], file: SourceFile, tokens: Tokens, scheme: Scheme | None, aside: Counter[str]
) -> Iterator[Record | Reject]:
    for item in items:
        if isinstance(item, Reject):
            yield item
            continue
        for index, number in enumerate(item.numbers):
            yield _record(f"{file.name}, {item.unit} {number}", item.row(index), file, tokens, scheme, aside)


def _record(
    place: str, row: pieces.Row, file: SourceFile, tokens: Tokens, scheme: Scheme | None, aside: Counter[str]
) -> Record | Reject:
    words, cell = decoded(row.get(tokens.fields.text)), row.get(tokens.fields.label)
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        return rows.rejected(place, "no-text", row)
    try:
        about = rows.about(row, tokens.fields, file)
    except rows.Odd as odd:
        return rows.rejected(place, odd.reason, row)
    text, votes = bio.joined(words)[0], list[Vote]()
    if not is_blank(cell):
        tags = tokens.tags(cell)
        if tags is None or scheme is None:
            return rows.rejected(place, "bad-label", row)
        try:
            _, spans, repairs = bio.tagged(words, tags, scheme)
        except bio.BadTag:
            return rows.rejected(place, "bad-label", row)
        votes.append(Vote(spans, about.by))
        if repairs:
            aside["repaired tags"] += repairs
    if not all(map(is_clean, (text, about.group or "", about.by or "", *rows.names_in(votes)))):
        return rows.rejected(place, "broken-unicode", row)
    return Record(place, text, tuple(votes), about.split, about.group, time=about.time)
