"""Two texts that are almost the same, in pieces that say which words differ."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

Pieces = list[tuple[str, bool]]
"""Parts of a text in order, each with whether the other text lacks it."""

# A word with the space behind it. Where words are not spaced, in Chinese and Japanese, each character counts as one.
_WORDS = re.compile(r"(?:[\u3040-\u9fff]|[^\s\u3040-\u9fff]+)\s*|\s+")


def differences(one: str, other: str) -> tuple[Pieces, Pieces]:
    """Both texts in pieces."""
    words, others = _WORDS.findall(one), _WORDS.findall(other)
    bare, other_bare = ([word.strip() for word in each] for each in (words, others))
    changes = SequenceMatcher(None, bare, other_bare, autojunk=False).get_opcodes()
    return (
        list(_pieces(words, ((kind, start, end) for kind, start, end, _, _ in changes))),
        list(_pieces(others, ((kind, start, end) for kind, _, _, start, end in changes))),
    )


def _pieces(words: Sequence[str], changes: Iterable[tuple[str, int, int]]) -> Iterator[tuple[str, bool]]:
    for kind, start, end in changes:
        text = "".join(words[start:end])
        ink = text.rstrip()
        if ink and kind != "equal":
            yield ink, True
            text = text[len(ink) :]
        if text:
            yield text, False
