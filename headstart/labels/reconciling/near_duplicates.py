"""Near duplicates among texts, found without comparing every two.

Two texts are as similar as their sets of shingles (Jaccard): every three successive characters of the normalised
text between two spaces. Characters rather than words, so that a misspelled word still counts in part, and Chinese
and emoji need no words. A changed letter in a text of n characters leaves (n - 3) / (n + 3) of it, an inserted one
(n - 2) / (n + 3): at a threshold of 0.8 that is near from 27 characters on.

Where the longer text has more than 300 characters the shingles are nine long, for any two long texts share most of
their triples; such a text is compared with those that are at least as long as the threshold's share of 300.

Candidates come from :mod:`.minhash`, so a pair may be missed: at most one in a hundred that are 0.05 more similar
than the threshold, one in fifteen at a threshold of 0.8 itself. What is listed is counted exactly: nothing is listed
that is less similar than the threshold.

The list grows with the texts and not with their square. Where a text is repeated, each repetition is listed with the
first alone. Where more than 32 different texts fall together, as those made from one template do, each is compared
with those that come next in the alphabet, 32 at most, and until it has one that it is like: such a family is
listed as chains rather than as all of its pairs.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from headstart.labels.reconciling.minhash import LONG, SHORT, Indices, Words, banding, shingles, signatures
from headstart.labels.reconciling.normal import normalise

Pair = tuple[int, int, float]
Flags = npt.NDArray[np.bool]
_Pairs = tuple[Indices, Indices, npt.NDArray[np.float64]]

_SHORT_TEXT = 300  # characters
_WHOLE = 32  # texts of a bucket that are all compared with each other; of a larger one, how many one is compared with
_STEPS = tuple(np.arange(*ends) for ends in ((0, 1), (1, 4), (4, _WHOLE)))  # how far apart two are, in turns
_BLOCK = 1 << 12  # texts whose candidates are looked at together
_CHARACTERS = 1 << 21  # of the texts that are compared exactly at a time
_DEVIATIONS = 4


def near_duplicates(texts: Sequence[str], threshold: float = 0.8) -> list[Pair]:
    """Pairs of texts that are at least this similar: ``(i, j, similarity)`` with i < j, sorted.

    Raises:
        ValueError: The threshold is not above 0 and at most 1.
    """
    distinct = _Distinct.of(texts, np.zeros(len(texts), dtype=np.int64))
    one, other, similarity = _alike(distinct.texts, np.arange(len(distinct.texts)), threshold)
    copies = distinct.copies()
    return _listed(
        np.concatenate([distinct.first[one], distinct.first[distinct.number[copies]]]),
        np.concatenate([distinct.first[other], copies]),
        np.concatenate([similarity, np.ones(len(copies))]),
    )


def across(texts: Sequence[str], sides: npt.ArrayLike, threshold: float = 0.8) -> list[Pair]:
    """Those pairs whose texts lie on different sides, as test rows that are all but training rows.

    A text that is repeated on its own side is compared once, and each repetition listed with the most similar text
    that was found for it: every text with a near duplicate on another side that was found is in the list.

    Args:
        texts: The texts.
        sides: The side of each, integers of shape (texts,).
        threshold: The least similarity.

    Raises:
        ValueError: The threshold is not above 0 and at most 1, or there are not as many sides as texts.
    """
    distinct = _Distinct.of(texts, np.asarray(sides, dtype=np.int64))
    one, other, similarity = _alike(distinct.texts, distinct.sides, threshold)
    order = np.argsort(np.tile(similarity, 2), kind="stable")
    nearest, how_near = np.full(len(distinct.texts), -1), np.zeros(len(distinct.texts))
    nearest[np.concatenate([one, other])[order]] = np.concatenate([other, one])[order]  # the last one stays
    how_near[np.concatenate([one, other])[order]] = np.tile(similarity, 2)[order]
    copies = distinct.copies()
    copies = copies[nearest[distinct.number[copies]] >= 0]
    return _listed(
        np.concatenate([distinct.first[one], copies]),
        np.concatenate([distinct.first[other], distinct.first[nearest[distinct.number[copies]]]]),
        np.concatenate([similarity, how_near[distinct.number[copies]]]),
    )


class _Distinct(NamedTuple):
    """The different normalised texts of each side, in the order of the alphabet, so that no other order matters.

    ``first`` is where each stands first among all texts, and ``number`` says of each text which of these it is.
    """

    texts: list[str]
    sides: Indices
    first: Indices
    number: Indices

    @classmethod
    def of(cls, texts: Sequence[str], sides: Indices) -> "_Distinct":
        numbers: dict[tuple[str, int], int] = {}
        keys = ((normalise(text), side) for text, side in zip(texts, sides.tolist(), strict=True))
        number = np.fromiter((numbers.setdefault(key, len(numbers)) for key in keys), np.int64, len(texts))
        ordered = sorted(numbers)
        rank = np.empty(len(ordered), dtype=np.int64)
        rank[np.fromiter((numbers[key] for key in ordered), np.int64, len(ordered))] = np.arange(len(ordered))
        number = rank[number]
        first = np.unique(number, return_index=True)[1]
        return cls([text for text, _ in ordered], np.array([side for _, side in ordered], np.int64), first, number)

    def copies(self) -> Indices:
        """The places of texts that stood before."""
        return np.flatnonzero(self.first[self.number] != np.arange(len(self.number)))


def _listed(one: Indices, other: Indices, similarity: npt.NDArray[np.float64]) -> list[Pair]:
    low, high = np.minimum(one, other), np.maximum(one, other)
    order = np.lexsort((high, low))
    return list(zip(low[order].tolist(), high[order].tolist(), similarity[order].tolist(), strict=True))


def _alike(texts: list[str], sides: Indices, threshold: float) -> _Pairs:
    """Pairs of different sides that are similar enough, each once: positions of both, and how similar."""
    if not 0 < threshold <= 1:
        raise ValueError(f"the threshold is {threshold}, not above 0 and at most 1")
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    is_long = lengths > _SHORT_TEXT
    found = [_alike_by(SHORT, texts, sides, threshold, ~is_long, ~is_long)]
    if is_long.any():
        found.append(
            _alike_by(LONG, texts, sides, threshold, is_long, lengths >= max(threshold * _SHORT_TEXT, LONG - 2))
        )
    one, other, similarity = map(np.concatenate, zip(*found, strict=True))
    _, once = np.unique(np.minimum(one, other) * len(texts) + np.maximum(one, other), return_index=True)
    return one[once], other[once], similarity[once]


def _alike_by(size: int, texts: list[str], sides: Indices, threshold: float, asked: Flags, compared: Flags) -> _Pairs:
    """Pairs that are similar enough by shingles of this size, some of them twice.

    Both texts are among those ``compared``, and one at least is among those ``asked`` for.
    """
    parts = [(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))]
    members = np.flatnonzero(compared)
    chosen, asked = [texts[member] for member in members], asked[members]
    keys, sketch = signatures(chosen, size, banding(threshold))
    linked = np.zeros(len(chosen), dtype=bool)
    # What the sketch says is off by more than four standard deviations for three pairs in 100 000.
    least = threshold - _DEVIATIONS * np.sqrt(threshold * (1 - threshold) / sketch.shape[1])
    for one, other in _candidates(keys, sides[members], linked):
        likely = (asked[one] | asked[other]) & ((sketch[one] == sketch[other]).mean(axis=1) >= least)
        one, other = one[likely], other[likely]
        if not len(one):
            continue
        similarity = _similarities(chosen, size, one, other)
        alike = similarity >= threshold
        one, other = one[alike], other[alike]
        linked[one] = linked[other] = True
        parts.append((members[one], members[other], similarity[alike]))
    one, other, similarity = map(np.concatenate, zip(*parts, strict=True))
    return one, other, similarity


def _candidates(keys: Words, sides: Indices, linked: Flags) -> Iterator[tuple[Indices, Indices]]:
    """Pairs of different sides that share a bucket, some thousands at a time.

    In a bucket of few texts all are paired. In a large one each is paired with the next ones of another side, and
    that only while one of the two is not ``linked``, which the caller says. Keys are overwritten.
    """
    for band in range(keys.shape[1]):
        order = np.lexsort((sides, keys[:, band]))
        new_key = np.diff(keys[order, band], prepend=~keys[order[:1], band]) != 0
        begin, size = _runs(new_key)
        own_begin, own_size = _runs(new_key | (np.diff(sides[order], prepend=-1) != 0))
        after = own_begin + own_size - begin
        others = np.flatnonzero(size > own_size)
        for start in range(0, len(others), _BLOCK):
            block = others[start : start + _BLOCK]
            for steps in _STEPS:
                row, column = np.nonzero((size - own_size)[block, None] > steps)
                here = block[row]
                # From the end of one's own side on, and round to the beginning of the bucket.
                there = begin[here] + (after[here] + steps[column]) % size[here]
                one, other = order[here], order[there]
                wanted = np.where(size[here] > _WHOLE, ~(linked[one] & linked[other]), one < other)
                wanted &= (keys[one, :band] != keys[other, :band]).all(axis=1)  # else an earlier band had them
                yield one[wanted], other[wanted]
        # Not every pair of a large bucket was looked at, so later bands may bring them again.
        large = order[size > _WHOLE]
        keys[large, band] = np.arange(len(large))


def _runs(begins: Flags) -> tuple[Indices, Indices]:
    """For each position: where its run begins, and the run's length."""
    starts = np.flatnonzero(begins)
    number = np.cumsum(begins) - 1
    return starts[number], np.diff(np.append(starts, len(begins)))[number]


def _similarities(texts: list[str], size: int, one: Indices, other: Indices) -> npt.NDArray[np.float64]:
    """The exact Jaccard similarity of the shingles of each pair."""
    lengths = np.array([len(texts[a]) + len(texts[b]) for a, b in zip(one.tolist(), other.tolist(), strict=True)])
    cuts = np.flatnonzero(np.diff(np.cumsum(lengths) // _CHARACTERS)) + 1
    parts = zip(np.split(one, cuts), np.split(other, cuts), strict=True)
    return np.array([each for part in parts for each in _jaccard(texts, size, *part)])


def _jaccard(texts: list[str], size: int, one: Indices, other: Indices) -> Iterator[float]:
    involved, which = np.unique(np.concatenate([one, other]), return_inverse=True)
    values, starts = shingles([texts[each] for each in involved], size)
    sets = list(map(_set_of, np.split(values, starts[1:])))
    for left, right in zip(*np.split(which, 2), strict=True):
        both = np.concatenate([sets[left], sets[right]])
        both.sort()
        shared = np.count_nonzero(both[1:] == both[:-1])
        yield shared / (len(both) - shared)


def _set_of(values: Words) -> Words:
    """Each value once; np.unique keeps a hash table, which is many times slower."""
    ordered = np.sort(values)
    once: Words = ordered[np.diff(ordered, prepend=~ordered[:1]) != 0]
    return once
