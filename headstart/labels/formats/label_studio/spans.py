r"""Labeled parts of a text, from Label Studio's offsets to code points, each checked against the text that it holds.

Offsets count what the browser shows. Since the end of 2021 they are code points; before, an emoji counted as its two
UTF-16 units, and a line end of two characters as one. The region's own text tells which. That text is what the browser
selected, with runs of white space collapsed and line ends spelt ``\n``, so that white space does not tell.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from html.parser import HTMLParser
from itertools import compress, pairwise
from typing import Any

from headstart.labels.formats.label_studio.results import BadAnswer, labels
from headstart.labels.records import Span

_SPACE = re.compile(r"\s+|\\[nr]")
_DROPPED = frozenset({"script", "iframe", "textarea", "option", "noscript"})
"""Elements that Label Studio takes out of a HyperText."""
_HEAD = frozenset({"head", "title", "style"})


class Offsets:
    """A text whose characters may have been counted in several ways."""

    def __init__(self, text: str) -> None:
        self.text = text

    def spans(self, values: Iterable[Mapping[str, Any]]) -> tuple[Span, ...]:
        """The spans that an annotator marked.

        Raises:
            BadAnswer: One lies outside the text, is empty, or is about other characters than it says.
        """
        found: list[Span] = []
        for value in values:
            start, end = self._located(value)
            for label in labels(value):
                if not isinstance(label, str) or not label.strip():
                    raise BadAnswer("bad-label")
                found.append(Span(start, end, label))
        return tuple(dict.fromkeys(found))

    def _located(self, value: Mapping[str, Any]) -> tuple[int, int]:
        ends, said = _ends(value), value.get("text")
        possible = list(self._possible(*ends)) if ends else []
        if isinstance(said, str):
            found = [self.text[start:end] for start, end in possible]
            # The very characters are a better sign of how they were counted than those without white space.
            fits = [each == said for each in found] if said in found else [_alike(each, said) for each in found]
            possible = list(compress(possible, fits))
        if not possible:
            raise BadAnswer("bad-span")
        return possible[0]

    def _possible(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where a span is, for each way of counting in which it is one."""
        for positions in self._countings:
            if 0 <= start < end < len(positions) and 0 <= positions[start] < positions[end]:
                yield positions[start], positions[end]

    @cached_property
    def _countings(self) -> list[Sequence[int]]:
        """For each way of counting where its offsets are in the text; -1 for those inside a character."""
        wide = any(character > "\uffff" for character in self.text)
        ways = [(False, False), (True, False), (False, True), (True, True)]
        return [
            list(_counted(self.text, in_units, as_one)) if in_units or as_one else range(len(self.text) + 1)
            for in_units, as_one in ways
            if (wide or not in_units) and ("\r\n" in self.text or not as_one)
        ]


def _counted(text: str, in_units: bool, line_end_as_one: bool) -> Iterator[int]:
    yield 0
    for at, (character, following) in enumerate(pairwise(text + "\0"), start=1):
        if line_end_as_one and character == "\r" and following == "\n":
            continue
        if in_units and character > "\uffff":
            yield -1
        yield at


def _ends(value: Mapping[str, Any]) -> tuple[int, int] | None:
    whole = value.get("globalOffsets")
    start, end = [(whole if isinstance(whole, dict) else value).get(key) for key in ("start", "end")]
    if isinstance(start, bool) or isinstance(end, bool) or not isinstance(start, int) or not isinstance(end, int):
        return None
    return start, end


def _alike(found: str, said: str) -> bool:
    return _SPACE.sub("", found) == _SPACE.sub("", said)


def shown(html: str) -> tuple[str, ...]:
    """The text of a HyperText, in which a line break is a character.

    There may be two: Label Studio shows it as a page of its own, by default, or within its own page, where the white
    space and the title before the body count too.
    """
    return tuple(dict.fromkeys(_text_of(html, is_page) for is_page in (True, False)))


def _text_of(html: str, is_page: bool) -> str:
    page = _Page(is_page)
    page.feed(html.replace("\r\n", "\n").replace("\r", "\n"))
    page.close()
    text = "".join(page.parts)
    return text.lstrip() if is_page and not page.has_body else text


class _Page(HTMLParser):
    """Collects the text that a browser has for HTML."""

    def __init__(self, is_page: bool) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.has_body = False
        self._is_page = is_page
        self._hiding: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "body" and self._is_page:
            self.has_body = True
            self.parts.clear()
            self._hiding.clear()
        if tag == "br" and not self._hiding:
            self.parts.append("\n")
        if self._hides(tag):
            self._hiding.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hiding:
            del self._hiding[self._hiding.index(tag) :]

    def handle_data(self, data: str) -> None:
        if not self._hiding:
            self.parts.append(data)

    def parse_marked_section(self, i: int, report: int = 1) -> int:
        """A browser takes ``<![if IE]>`` and its like for comments, where Python's parser gives up."""
        return self.parse_bogus_comment(i)

    def _hides(self, tag: str) -> bool:
        if tag not in _HEAD or not self._is_page:
            return tag in _DROPPED
        # Before any content, a browser puts these into the head of the page.
        return not self.has_body and not "".join(self.parts).strip()
