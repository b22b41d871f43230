"""How files tag tokens: IO, BIO (IOB2), IOB1, IOE, BIOES and BILOU (BMEWO), told from their tags."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

_TAG = re.compile(r"([BILUESMW])(?:[-_](.+))?")
_NAME = re.compile(r"[^\W\d_][\w.&/-]*\w")
_AS_BIOES = MappingProxyType({"L": "E", "U": "S", "W": "S", "M": "I"})  # the letters of BILOU and BMEWO
_OUTSIDE = ("O", "0", "_", "-", "*")  # how files mark a token of no span; of several the first counts
BLANK = frozenset({"", "_", "-", "*"})
"""What stands in the place of a tag where nobody tagged."""

_SURE = ("O", "0")  # those beside which names without prefixes are tags, too
_MOST = 0.9  # the least share of prefixes without labels, and of labels without prefixes
_STRAY = 0.01  # the share of tags below which a prefix is a mistake rather than the scheme's
_UNNAMED = "entity"  # the label of spans where tags are B, I and O alone


@dataclass(frozen=True, slots=True)
class Scheme:
    """How the tags of a file are written.

    ``outside`` is the tag of a token of no span. ``first`` and ``last`` are the prefixes that may begin and end a span,
    in the letters of BIOES; none where every tag is just a label (``PERSON``). ``is_named`` says whether prefixes
    come with a label.
    """

    name: str
    outside: str
    first: frozenset[str]
    last: frozenset[str]
    is_named: bool = True

    def parsed(self, tag: str) -> tuple[str, str] | None:
        """The prefix, in the letters of BIOES, and the label of a tag that is not outside; None where it is no tag."""
        if not self.first:
            return ("I", tag) if _NAME.fullmatch(tag) else None
        found = _TAG.fullmatch(tag)
        if found is None or (found[2] is not None) != self.is_named:
            return None
        return _AS_BIOES.get(found[1], found[1]), found[2] or _UNNAMED


def is_tag(text: str) -> bool:
    """Whether a text alone is known to be a tag: ``O``, or a prefix with a label."""
    found = _TAG.fullmatch(text)
    return text == "O" or (found is not None and found[2] is not None)


def scheme_of(sentences: Iterable[Sequence[str]]) -> Scheme | None:
    """The scheme of the tags of many sentences; None where most of what stands there is no tag."""
    pairs: Counter[tuple[str, str]] = Counter()  # each tag with the one before it
    for tags in sentences:
        pairs.update(zip(("", *tags), tags, strict=False))
    counts: Counter[str] = Counter()
    for (_, tag), count in pairs.items():
        counts[tag] += count
    outside = next((mark for mark in _OUTSIDE if mark in counts), "O")
    inside = Counter({tag: count for tag, count in counts.items() if tag not in BLANK and tag != outside})
    if not inside:
        return _scheme("BIO", outside) if outside in counts and outside in _SURE else None
    tagged = Counter({tag: count for tag, count in inside.items() if _TAG.fullmatch(tag)})
    names = sum(count for tag, count in inside.items() if tag not in tagged and _NAME.fullmatch(tag))
    is_named = 2 * sum(count for tag, count in tagged.items() if len(tag) > 1) >= tagged.total()
    least = max(names, 1) if is_named else _MOST * inside.total()  # letters alone may be words
    if tagged.total() >= least and 2 * tagged.total() + counts[outside] >= inside.total():
        return _scheme(_name(tagged, pairs), outside, is_named=is_named)
    if outside in _SURE and counts[outside] >= max(inside.values()) and names >= _MOST * inside.total():
        return _scheme("IO", outside, prefixes=False)
    return None


_RULES = MappingProxyType(  # which prefixes may begin and end a span
    {
        "IO": ("I", "I"),
        "BIO": ("B", "BI"),
        "IOB1": ("BI", "BI"),
        "IOE": ("IE", "IE"),
        "BIOES": ("BS", "ES"),
        "BILOU": ("BS", "ES"),
        "BMEWO": ("BS", "ES"),
    }
)


def _scheme(name: str, outside: str, *, prefixes: bool = True, is_named: bool = True) -> Scheme:
    first, last = _RULES[name] if prefixes else ("", "")
    return Scheme(name, outside, frozenset(first), frozenset(last), is_named)


def _name(tags: Counter[str], pairs: Counter[tuple[str, str]]) -> str:
    """The name of a scheme with these tags."""
    counts: Counter[str] = Counter()
    for tag, count in tags.items():
        counts[tag[0]] += count
    letters = {letter for letter, count in counts.items() if count >= _STRAY * tags.total()}
    if letters & {"L", "U"}:
        return "BILOU"
    if letters & {"M", "W"}:
        return "BMEWO"
    if "S" in letters or {"B", "E"} <= letters:
        return "BIOES"
    if "E" in letters:
        return "IOE"
    if "B" not in letters:
        return "IO"
    begun = _begun(pairs)
    return "IOB1" if begun["I"] > begun["B"] else "BIO"


def _begun(pairs: Counter[tuple[str, str]]) -> Counter[str]:
    """How many spans begin with which prefix, of those that come not right after another of the same label."""
    begun: Counter[str] = Counter()
    for (before, tag), count in pairs.items():
        one, two = _TAG.fullmatch(before), _TAG.fullmatch(tag)
        if two and not (one and one[2] == two[2]):
            begun[two[1]] += count
    return begun


LABELS = _scheme("IO", "O", prefixes=False)
"""Labels without prefixes."""
