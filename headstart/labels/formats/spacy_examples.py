"""One text of spaCy's training data: what is said of it, in each form that spaCy has had for that."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from headstart.labels.formats import offsets
from headstart.labels.formats.parts import Unfit, listed, mapped
from headstart.labels.records import Span
from headstart.labels.tables import cells

_PAIR = 2
_SAID = ("entities", "ents", "cats", "spans")
_UNKNOWN = ("-", "", None)  # tags of tokens that nobody labeled
_OUTSIDE = "O"
_TREEBANK = {"``": '"', "''": '"', "-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}"}


@dataclass
class Example:
    """A text with categories, entities by their offsets, or tags of its tokens; ``cats`` is None where damaged."""

    text: Any
    cats: dict[str, Any] | None
    entities: Any = None
    words: list[Any] = field(default_factory=list)
    spaces: list[Any] = field(default_factory=list)
    tags: list[Any] = field(default_factory=list)
    about: dict[str, Any] = field(default_factory=dict)
    links: int = 0

    @property
    def has_spans(self) -> bool:
        """Whether any part of the text is labeled."""
        return bool(self.entities) or any(tag not in (*_UNKNOWN, _OUTSIDE) for tag in self.tags if _is_plain(tag))

    @property
    def has_tags(self) -> bool:
        """Whether anybody looked for entities."""
        return self.entities is not None or any(tag not in _UNKNOWN for tag in self.tags if _is_plain(tag))

    def spans(self, text: str) -> tuple[Span, ...] | None:
        """The entities; None where nobody looked for any.

        Raises:
            Unfit: They are not of this text, or only a part of the text was looked at.
        """
        if self.tags and not all(tag in _UNKNOWN for tag in self.tags if _is_plain(tag)):
            return _from_tags(text, self.words, self.tags)
        if self.entities is None:
            return None
        # A fourth part names what the entity is in a knowledge base.
        found = cells.spans([each[:3] if isinstance(each, list) else each for each in listed(self.entities)])
        if found is None or not isinstance(self.entities, list):
            raise Unfit("bad-label")
        return offsets.in_code_points(text, found, "code points")


def shape_of(value: Any) -> str | None:
    """Which form an entry has, in words; None where it is none of spaCy's."""
    if _is_pair(value):
        return "its entries are pairs of a text and what spaCy is to learn of it"
    inside = paragraphs(value)
    if inside is not None and any("sentences" in mapped(each) for each in inside):
        return "it is spaCy's JSON of documents, paragraphs and sentences"
    if not isinstance(mapped(value).get("text"), str):
        return None
    cats = value.get("cats")
    is_of_cats = isinstance(cats, dict) and bool(cats) and all(isinstance(each, int | float) for each in cats.values())
    entities = listed(value.get("entities"))
    is_of_entities = bool(entities) and all(isinstance(each, list) and cells.spans([each]) for each in entities)
    is_of_ents = isinstance(value.get("ents"), list) and isinstance(value.get("tokens"), list)
    return (
        "its entries have a text and spaCy's cats or entities" if is_of_cats or is_of_entities or is_of_ents else None
    )


def unpack(document: dict[str, Any]) -> Sequence[Any] | None:
    """The pairs of a document that lists classes besides, as some annotators for spaCy write it."""
    inside = mapped(document).get("annotations")
    is_of_pairs = isinstance(inside, list) and any(map(_is_pair, inside)) and "text" not in document
    return inside if is_of_pairs else None


def paragraphs(value: Any) -> list[Any] | None:
    """The paragraphs of a document; None where the entry is no document."""
    inside = mapped(value).get("paragraphs")
    return inside if isinstance(inside, list) and inside else None


def read(value: Any) -> Example | None:
    """An entry in whichever form; None where it is none."""
    if isinstance(value, list) and len(value) == _PAIR and isinstance(value[1], dict):
        return _example(value[0], value[1], {})
    if not isinstance(value, dict) or paragraphs(value) is not None:
        return None
    if "sentences" in value:
        return _paragraph(value)
    about = {name: each for name, each in value.items() if name not in ("text", *_SAID)}
    return _example(value.get("text"), value, {**about, **mapped(value.get("meta"))})


def _is_pair(value: Any) -> bool:
    if not isinstance(value, list) or len(value) != _PAIR:
        return False
    text, said = value
    return isinstance(text, str) and isinstance(said, dict) and (not said or any(name in said for name in _SAID))


def _example(text: Any, said: dict[str, Any], about: dict[str, Any]) -> Example:
    entities = said.get("entities", said.get("ents"))
    if entities is None and isinstance(said.get("spans"), dict):
        groups = said["spans"].values()
        entities = [each for group in groups for each in listed(group)]
    words = listed(said.get("words"))
    links = len(mapped(said.get("links")))
    if entities and isinstance(entities, list) and all(each is None or isinstance(each, str) for each in entities):
        tags, spaces = entities, listed(said.get("spaces"))
        return Example(text, _cats(said), None, words, spaces, tags, about, links)
    return Example(text, _cats(said), entities, words, about=about, links=links)


def _paragraph(value: dict[str, Any]) -> Example:
    tokens = [
        mapped(token) for sentence in listed(value["sentences"]) for token in listed(mapped(sentence).get("tokens"))
    ]
    words = [token.get("orth") for token in tokens]
    spaces = [token.get("space", " ") for token in tokens]
    text = value.get("raw")
    if text is None and words and all(isinstance(each, str) for each in (*words, *spaces)):
        text = "".join(word + space for word, space in zip(words, spaces, strict=True)).rstrip(" ")
    tags = [token.get("ner") for token in tokens]
    return Example(text, _cats(value), value.get("entities") or None, words, spaces, tags)


def _cats(said: dict[str, Any]) -> dict[str, Any] | None:
    """Categories and their values, which version 2 writes as a list; None where they are neither."""
    cats = said.get("cats")
    if isinstance(cats, list):
        named = {name: mapped(each).get("value") for each in cats if isinstance(name := mapped(each).get("label"), str)}
        return named if len(named) == len(cats) else None
    return {} if cats is None else cats if isinstance(cats, dict) else None


def _from_tags(text: str, words: Sequence[Any], tags: Sequence[Any]) -> tuple[Span, ...]:
    """The entities that tags of Begin, In, Last, Unit and Outside mark."""
    if any(tag in _UNKNOWN for tag in tags if _is_plain(tag)):
        raise Unfit("partly-labeled")
    spans: list[Span] = []
    open_: Span | None = None
    for (start, end), tag in zip(_places(text, words, len(tags)), tags, strict=True):
        mark, _, label = tag.partition("-") if isinstance(tag, str) else ("", "", "")
        if mark not in ("B", "I", "L", "U", "O") or (mark == "O") != (not label.strip()):
            raise Unfit("bad-label")
        goes_on = mark in ("I", "L") and open_ is not None and open_.label == label
        if open_ is not None and not goes_on:
            spans.append(open_)
            open_ = None
        if mark != _OUTSIDE:
            open_ = Span(open_.start if goes_on and open_ else start, end, label)
        if mark in ("L", "U") and open_ is not None:
            spans.append(open_)
            open_ = None
    return tuple(spans if open_ is None else [*spans, open_])


def _places(text: str, words: Sequence[Any], count: int) -> list[tuple[int, int]]:
    """Where the words stand in the text."""
    if len(words) != count:
        raise Unfit("bad-label")
    found: list[tuple[int, int]] = []
    at = 0
    for word in words:
        place = _next(text, at, word)
        if place is None:
            raise Unfit("bad-span")
        at = place[1]
        found.append(place)
    return found


def _next(text: str, at: int, word: Any) -> tuple[int, int] | None:
    """Where the word stands that comes next in the text, as it is or as the Penn Treebank spells it."""
    for spelt in (word, _TREEBANK.get(word, "")) if isinstance(word, str) else ():
        start = text.find(spelt, at) if spelt else -1
        if start >= 0 and not text[at:start].strip():
            return start, start + len(spelt)
    return None


def _is_plain(tag: Any) -> bool:
    return tag is None or isinstance(tag, str)
