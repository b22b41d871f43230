"""Where spans begin and end, as tools of different languages count characters.

Headstart and Python count code points, browsers count UTF-16 units, of which an emoji takes two. An export seldom says
which it means, and some tools write both. Where the two differ, words tell: annotators mark whole ones.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

from headstart.labels.formats.parts import Unfit
from headstart.labels.records import Span

Unit = Literal["code points", "UTF-16 units"]

_LONG = re.compile("[\U00010000-\U0010ffff]")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")  # Thai, Lao, Burmese and Khmer


def in_code_points(text: str, spans: Sequence[Span], usual: Unit) -> tuple[Span, ...]:
    """The spans of a text, of which the tool usually counts in these units.

    Raises:
        Unfit: A span lies outside the text, whichever way it is counted, is empty or cuts a character in two.
    """
    readings: list[tuple[Span, ...] | None] = [tuple(spans)]
    if _LONG.search(text):
        readings.append(_from_utf16(text, spans))
        if usual == "UTF-16 units":
            readings.reverse()
    possible = [each for each in readings if each is not None and all(_is_inside(span, text) for span in each)]
    if not possible:
        raise Unfit("bad-span")
    return min(possible, key=lambda each: _misfits(text, each))  # of equal ones the first: what is usual


def inside(text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    """The spans of a text, counted in code points.

    Raises:
        Unfit: A span lies outside the text or is empty.
    """
    if not all(_is_inside(span, text) for span in spans):
        raise Unfit("bad-span")
    return tuple(spans)


def _is_inside(span: Span, text: str) -> bool:
    return 0 <= span.start < span.end <= len(text)


def _from_utf16(text: str, spans: Sequence[Span]) -> tuple[Span, ...] | None:
    """The spans, read as counted in UTF-16 units; None where they cannot be."""
    at, position = {0: 0}, 0
    for index, character in enumerate(text, start=1):
        position += 2 if ord(character) > 0xFFFF else 1
        at[position] = index
    if any(span.start not in at or span.end not in at for span in spans):
        return None
    return tuple(Span(at[span.start], at[span.end], span.label) for span in spans)


def _misfits(text: str, spans: Sequence[Span]) -> tuple[int, int, int]:
    """How many ends of spans stand inside a word, and how many spans begin, and end, with a blank.

    A blank too many is taken at the end rather than at the start: where a word is marked by a double click.
    """
    cut = sum(_cuts_word(text, end) for span in spans for end in (span.start, span.end))
    return cut, sum(text[span.start].isspace() for span in spans), sum(text[span.end - 1].isspace() for span in spans)


def _cuts_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and _is_of_word(text[at - 1]) and _is_of_word(text[at])


def _is_of_word(character: str) -> bool:
    """Whether blanks stand around words of such characters, so that its neighbours show where a word ends."""
    if _UNSPACED.match(character) or unicodedata.east_asian_width(character) in "WF":
        return False
    return unicodedata.category(character)[0] in "LMN"
