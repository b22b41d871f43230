"""From tokens and their tags to a text and its spans.

Whatever the scheme, tags are read as conlleval reads them, the scorer of the CoNLL shared tasks: ``B`` and ``S`` begin
a span, ``E`` and ``S`` end one, and so do ``O`` and another label; an ``I`` or ``E`` that continues nothing begins
a span itself. Tags that the scheme does not allow at their place are counted.
"""

from collections.abc import Sequence
from typing import NamedTuple

from headstart.labels.formats.tag_schemes import BLANK, Scheme
from headstart.labels.records import Span


class BadTag(Exception):  # noqa: N818 (a reason for a rejection, not an error of its own)
    """What stands at ``position`` is no tag of the scheme."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


class Chunk(NamedTuple):
    """A span of tokens: the numbers of its first and of its last."""

    first: int
    last: int
    label: str


class Decoded(NamedTuple):
    """The chunks of a sentence, and how many of its tags the scheme does not allow where they stand."""

    chunks: list[Chunk]
    repairs: int


class Tagged(NamedTuple):
    """The text of tokens and its spans, and how many of its tags the scheme does not allow where they stand."""

    text: str
    spans: tuple[Span, ...]
    repairs: int


def tagged(tokens: Sequence[str], tags: Sequence[str], scheme: Scheme) -> Tagged:
    """The tokens, joined by spaces, and the spans that their tags mark.

    Raises:
        BadTag: One of the tags is none, or there are not as many as tokens.
    """
    if len(tokens) != len(tags):
        raise BadTag(min(len(tokens), len(tags)))
    chunks, repairs = decoded(tags, scheme)
    text, bounds = joined(tokens)
    spans = (Span(bounds[chunk.first][0], bounds[chunk.last][1], chunk.label) for chunk in chunks)
    return Tagged(text, tuple(spans), repairs)


def decoded(tags: Sequence[str], scheme: Scheme) -> Decoded:
    """The chunks that the tags of a sentence mark.

    Raises:
        BadTag: One of them is no tag.
    """
    chunks: list[Chunk] = []
    ends: list[str] = []  # the last prefix of each chunk
    repaired: set[int] = set()
    begun = None  # the label of the chunk that may go on
    for position, tag in enumerate(tags):
        if tag == scheme.outside:
            begun = None
            continue
        parsed = scheme.parsed(tag)
        if parsed is None:
            raise BadTag(position)
        prefix, label = parsed
        if begun == label and prefix in "IE":
            chunks[-1], ends[-1] = chunks[-1]._replace(last=position), prefix
        else:
            chunks.append(Chunk(position, position, label))
            ends.append(prefix)
            if scheme.first and prefix not in scheme.first:
                repaired.add(position)
        begun = label if prefix in "BI" else None
    if scheme.last:
        repaired |= {chunk.last for chunk, end in zip(chunks, ends, strict=True) if end not in scheme.last}
    return Decoded(chunks, len(repaired))


def is_unlabeled(tags: Sequence[str], scheme: Scheme) -> bool:
    """Whether nobody tagged the sentence: its tags are blank, in a file that has a mark for what is in no span."""
    return all(tag in BLANK and tag != scheme.outside for tag in tags)


def joined(tokens: Sequence[str], is_spaced: Sequence[bool] = ()) -> tuple[str, list[tuple[int, int]]]:
    """The text of tokens, and where each stands in it. ``is_spaced`` says after which a space comes; by default all."""
    parts: list[str] = []
    bounds: list[tuple[int, int]] = []
    end = 0
    for number, token in enumerate(tokens):
        gap = " " if number and (not is_spaced or is_spaced[number - 1]) else ""
        parts += (gap, token)
        start, end = end + len(gap), end + len(gap) + len(token)
        bounds.append((start, end))
    return "".join(parts), bounds
