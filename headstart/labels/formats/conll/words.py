"""The words of a sentence, and where each stands in its text.

In CoNLL-U a token may stand for several words, whose tags are on lines of their own (``1-2 vámonos``, ``1 vamos``,
``2 nos``), and words that are not in the text may be added (``5.1``).
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from headstart.labels.formats.bio import Chunk, joined
from headstart.labels.formats.conll.layout import Layout
from headstart.labels.formats.conll.table import Row
from headstart.labels.formats.conll.tags import Column
from headstart.labels.records import Span

_RANGE = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")
_ADDED = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}")
_NUMBER = re.compile(r"[0-9]{1,9}")


Bounds = list[tuple[int, int]]


class Word(NamedTuple):
    """A word: the number of its row, its characters in the text, and whether a span may begin or end with it."""

    row: int
    start: int
    end: int
    may_begin: bool = True
    may_end: bool = True


class Words(NamedTuple):
    """The text of a sentence and its words; whether the text is the one that was given for it."""

    text: str
    words: list[Word]
    is_given: bool


class _Token(NamedTuple):
    form: str
    is_spaced: bool
    words: list[int]  # the rows of its words


def words_of(rows: Sequence[Row], layout: Layout, given: str | None) -> Words:
    """The words of rows. ``given`` is the text as a comment has it: taken where the tokens are all of it but spaces."""
    if layout.numbers is None:  # each row is a token and a word
        column = layout.tokens.number
        text, bounds, is_given = _text([row[column] for row in rows], [layout.is_spaced(row) for row in rows], given)
        return Words(text, [Word(row, start, end) for row, (start, end) in enumerate(bounds)], is_given)
    tokens = _tokens(rows, layout, layout.numbers)
    text, bounds, is_given = _text([token.form for token in tokens], [token.is_spaced for token in tokens], given)
    words: list[Word] = []
    for token, (start, end) in zip(tokens, bounds, strict=True):
        words += _parts(token, [rows[row][layout.tokens.number] for row in token.words], start, end)
    return Words(text, words, is_given)


def spans_of(chunks: Sequence[Chunk], words: Sequence[Word]) -> tuple[Span, ...] | None:
    """The chunks as parts of the text; None where one begins or ends amid a token."""
    if any(not words[chunk.first].may_begin or not words[chunk.last].may_end for chunk in chunks):
        return None
    return tuple(Span(words[chunk.first].start, words[chunk.last].end, chunk.label) for chunk in chunks)


def _text(forms: Sequence[str], is_spaced: Sequence[bool], given: str | None) -> tuple[str, Bounds, bool]:
    """The text of tokens, where each stands in it, and whether it is the one that was given."""
    if given is not None and (found := _found(given, forms)) is not None:
        return given, found, True
    return *joined(forms, is_spaced), False


def _tokens(rows: Sequence[Row], layout: Layout, numbers: Column) -> list[_Token]:
    tokens: list[_Token] = []
    last = -1  # the number of the last word in the last token, if that has several
    for index, row in enumerate(rows):
        number = row[numbers.number]
        if _ADDED.fullmatch(number):
            continue
        form, is_spaced = row[layout.tokens.number], layout.is_spaced(row)
        if several := _RANGE.fullmatch(number):
            tokens.append(_Token(form, is_spaced, []))
            last = int(several[2])
        elif _NUMBER.fullmatch(number) and int(number) <= last:
            tokens[-1].words.append(index)
        else:
            tokens.append(_Token(form, is_spaced, [index]))
            last = -1
    return tokens


def _found(text: str, forms: Sequence[str]) -> Bounds | None:
    """Where in the text the tokens stand, one after the other; None where something else is between them."""
    bounds: Bounds = []
    end = 0
    for form in forms:
        start = end
        while not text.startswith(form, start):
            if not text[start : start + 1].isspace():
                return None
            start += 1
        end = start + len(form)
        bounds.append((start, end))
    return None if text[end:].strip() else bounds


def _parts(token: _Token, forms: Sequence[str], start: int, end: int) -> list[Word]:
    """The words of a token, each with its own characters if they spell the token together."""
    if "".join(forms) == token.form:
        words: list[Word] = []
        for row, form in zip(token.words, forms, strict=True):
            words.append(Word(row, start, start + len(form)))
            start += len(form)
        return words
    return [Word(row, start, end, row == token.words[0], row == token.words[-1]) for row in token.words]
