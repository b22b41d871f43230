"""Tables with a word and its tag in each row, and a column that says which sentence it is of."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.labels.formats.tag_schemes import is_tag, scheme_of
from headstart.labels.records import Ask, Reject
from headstart.labels.tables import conventions, pieces
from headstart.labels.tables.cells import is_blank
from headstart.labels.tables.pieces import Objects, Piece
from headstart.labels.tables.token_rows import may_be_tokens, named

_WORD_NAMES = ("word", "token", "words", "tokens", "form")
_TAG_NAMES = ("tag", "ner_tag", "ner", "bio", "iob", "label", "tags", "labels", "ner_tags", "entity")
_SENTENCE_NAMES = ("sentence_number", "sentence_id", "sent_id", "sentence_idx", "sentence", "sent")
_MOST = 1000  # sentences that are given at a time


@dataclass(frozen=True, slots=True)
class Words:
    """The columns of words, tags and sentences."""

    word: str
    tag: str
    sentence: str


def chosen(names: Sequence[str], seen: Sequence[Piece], ask: Ask) -> Words | None:
    """The columns to read, where tags of a scheme stand beside words, and the spec does not want anything else."""
    if not may_be_tokens(ask):
        return None
    sentence = conventions.exact(names, _SENTENCE_NAMES)
    word = next(iter(named(ask.fields.text, _WORD_NAMES, names)), None)
    tag = next(iter(named(ask.fields.label, _TAG_NAMES, names)), None)
    if sentence is None or word is None or tag is None or len({sentence, word, tag}) < 3:
        return None
    tags = [cell for cell in pieces.values(seen, tag, pieces.LOOK_AHEAD) if isinstance(cell, str)]
    is_tagged = any(is_tag(each) and each != "O" for each in tags) and scheme_of([tags]) is not None
    return Words(word, tag, sentence) if is_tagged else None


def sentences(items: Iterable[Piece | Reject], words: Words) -> Iterator[Piece | Reject]:
    """Each sentence as a row of lists, which otherwise holds what its first row does.

    The column of sentences says where one begins, and then the same or nothing.
    """
    numbers: list[int] = []
    rows: list[dict[str, Any]] = []
    unit = "row"
    now: Any = None
    for item in items:
        if isinstance(item, Reject):
            yield item
            continue
        if rows and item.unit != unit:  # such as another sheet
            yield Objects(numbers, rows, unit)
            numbers, rows, now = [], [], None
        unit = item.unit
        for index, number in enumerate(item.numbers):
            row = item.row(index)
            said = row.get(words.sentence)
            if not rows or (not is_blank(said) and said != now):
                if len(rows) >= _MOST:
                    yield Objects(numbers, rows, unit)
                    numbers, rows = [], []
                now = said
                numbers.append(number)
                rows.append({**row, words.word: [], words.tag: []})
            rows[-1][words.word].append(row.get(words.word))
            rows[-1][words.tag].append(row.get(words.tag))
    if rows:
        yield Objects(numbers, rows, unit)
