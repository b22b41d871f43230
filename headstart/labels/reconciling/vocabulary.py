"""The label vocabulary: pinned, so that a label keeps its number from import to import, and free of misspellings."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

_SHORTEST = 5  # characters: among shorter names one that differs by a letter is likely to be meant
_RARE = 0.1  # what a misspelling has at the most, of the rows of what it looks like
_BLANKS = frozenset({"nan", "null", "none", "nil", "n/a", "#n/a", "na", "<na>", "undefined"})


class LookAlike(NamedTuple):
    """A label that is likely to be a misspelling of another one."""

    label: str
    meant: str


def pinned(earlier: Sequence[str], found: Iterable[str]) -> tuple[str, ...]:
    """The labels of an earlier import in their order, and then the new ones, sorted.

    Where the two have no label in common they are about different things, and only what was found counts.
    """
    labels = set(found)
    if labels.isdisjoint(earlier):
        return tuple(sorted(labels))
    return (*earlier, *sorted(labels.difference(earlier)))


def look_alikes(counts: Mapping[str, int], known: Iterable[str] = ()) -> list[LookAlike]:
    """Labels that are spelt almost as a far more frequent one is, or as one that is known.

    Almost is: but for case, accents, punctuation and white space, or, from five characters on, but for one character
    left out, put in, changed, or swapped with its neighbour. Labels that differ in case and white space alone are told
    however frequent they are.
    """
    certain = set(known)
    by_key: dict[str, list[str]] = defaultdict(list)
    for label in sorted({*counts, *certain}):
        for key in _keys(_plain(label)):
            by_key[key].append(label)
    found: dict[str, str] = {}
    for alike in by_key.values():
        for label in alike:
            better = [each for each in alike if _is_better(each, label, counts, certain)]
            if better and _is_near(_plain(label), _plain(best := max(better, key=lambda each: counts.get(each, 0)))):
                found.setdefault(label, best)
    return [LookAlike(label, found[label]) for label in sorted(found)]


def blanks(labels: Iterable[str]) -> tuple[str, ...]:
    """Labels that read as what programs write for a missing value."""
    return tuple(label for label in labels if label.casefold() in _BLANKS)


def nearest(label: str, vocabulary: Sequence[str]) -> str | None:
    """The label of a vocabulary that one which is not in it looks like."""
    plain = _plain(label)
    return next((each for each in vocabulary if _is_near(plain, _plain(each))), None)


def _is_better(other: str, label: str, counts: Mapping[str, int], certain: set[str]) -> bool:
    if other == label or label in certain or label not in counts:
        return False
    if other in certain or counts[label] <= _RARE * counts.get(other, 0):
        return True
    is_same = _folded(other) == _folded(label)
    return is_same and (counts[other], label) > (counts[label], other)  # of two as frequent, the first by alphabet


def _folded(label: str) -> str:
    return " ".join(label.split()).casefold()


def _plain(label: str) -> str:
    folded = unicodedata.normalize("NFKD", label).casefold()
    return re.sub(r"[\W_]", "", "".join(each for each in folded if not unicodedata.combining(each))) or label


def _keys(plain: str) -> Iterator[str]:
    """What two words have in common that differ in one character: themselves with one left out."""
    yield plain
    if len(plain) >= _SHORTEST:
        yield from {plain[:at] + plain[at + 1 :] for at in range(len(plain))}


def _is_near(one: str, other: str) -> bool:
    """Whether two words are the same but for one edit, or a swap of neighbours (Damerau 1964); numbers must agree."""
    if one == other or re.findall(r"\d+", one) != re.findall(r"\d+", other):
        return one == other
    if min(len(one), len(other)) < _SHORTEST - 1 or abs(len(one) - len(other)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    one, other = one[start:], other[start:]
    changed = one[1:] == other[1:] or one[1:] == other or one == other[1:]
    return changed or (one[:2] == other[1::-1] and one[2:] == other[2:])
