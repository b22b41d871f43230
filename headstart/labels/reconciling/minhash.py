"""MinHash: texts as sets of shingles, and keys that similar sets are likely to share.

Of a set's hashed members only the smallest is kept; two sets keep the same one as often as their Jaccard similarity
(Broder 1997, "On the resemblance and containment of documents"). Several of them together make the key of a band,
and sets that share the key of any band are candidates (Leskovec, Rajaraman and Ullman, Mining of Massive Datasets,
chapter 3). All numbers follow from the texts alone: the same in each process and on each machine.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Indices = npt.NDArray[np.int64]

SHORT, LONG = 3, 9  # characters of a shingle
_HASHES = 128
_MISSED = 0.01
_CHUNK = 1 << 18  # characters that are hashed at a time: what the cache of a core holds


class Banding(NamedTuple):
    """So many bands of so many hashes each."""

    bands: int
    rows: int

    def recall(self, similarity: float) -> float:
        """The probability that two sets of this similarity share the key of a band."""
        return float(1 - (1 - similarity**self.rows) ** self.bands)


def banding(threshold: float) -> Banding:
    """The most selective banding that misses at most 1 % of the pairs which are just more alike than the threshold.

    "Just more" is by 0.05, or by half of what the threshold leaves, where that is less.
    """
    sure = min(threshold + 0.05, (1 + threshold) / 2)
    for rows in range(_HASHES, 0, -1):
        shared = sure**rows
        bands = 1 if shared > 1 - _MISSED else math.ceil(math.log(_MISSED) / math.log1p(-shared))
        if bands * rows <= _HASHES:
            return Banding(bands, rows)
    raise AssertionError("one row a band always fits")


def shingles(texts: Sequence[str], size: int) -> tuple[Words, Indices]:
    """The shingles of all texts, one text after the other and with repetitions, and where each text's begin.

    A shingle is ``size`` successive characters (:data:`SHORT` or :data:`LONG`) of the text between two spaces, as a
    number: three code points side by side, or the hash of nine. No text may have fewer than ``size - 2`` characters,
    but for an empty one, which has one shingle.
    """
    padded = [f" {text} " if text else "   " for text in texts]
    lengths = np.fromiter(map(len, padded), np.int64, len(padded))
    # surrogatepass: half a character, as JSON's escapes can spell it, is a character like others here.
    encoded = "".join(padded).encode("utf-32-le", "surrogatepass")
    characters = np.frombuffer(encoded, "<u4").astype(np.uint64)
    values = characters[:-2] | characters[1:-1] << np.uint64(21) | characters[2:] << np.uint64(42)
    if size == LONG:
        values = mix(mix(mix(values[:-6]) ^ values[3:-3]) ^ values[6:])
    ends = np.cumsum(lengths)
    inside = np.ones(len(characters), dtype=bool)
    inside[(ends[:, None] - np.arange(1, size)).ravel()] = False  # would reach into the next text
    return values[inside[: len(values)]], ends - lengths - np.arange(len(texts)) * (size - 1)


def signatures(texts: Sequence[str], size: int, banding: Banding) -> tuple[Words, npt.NDArray[np.uint8]]:
    """The keys of each text's bands, uint64 of shape (texts, bands), and a byte of each of its hashes.

    The bytes, of shape (texts, hashes), tell how similar two texts are about: they are equal where the hashes are,
    and one time in 256 besides (Li and König 2010).
    """
    hashes = banding.bands * banding.rows
    keys = np.zeros((len(texts), banding.bands), dtype=np.uint64)
    sketch = np.empty((len(texts), hashes), dtype=np.uint8)
    multipliers = mix(np.arange(1, hashes + 1, dtype=np.uint64)) | np.uint64(1)
    for first, last in _chunks(texts):
        smallest = _smallest(*shingles(texts[first:last], size), multipliers)
        for number, each in enumerate(smallest):
            band = keys[first:last, number // banding.rows]
            band[:] = mix(band ^ each)
        sketch[first:last] = smallest.T & np.uint64(255)
    return keys, sketch


def _smallest(values: Words, starts: Indices, multipliers: Words) -> Words:
    """The smallest of the values of each text under each hash function, shape (hashes, texts).

    A hash is the mixed value times an odd number, which permutes the numbers of 64 bits.
    """
    smallest = np.full((len(multipliers), len(starts)), np.iinfo(np.uint64).max, dtype=np.uint64)
    for begin in range(0, len(values), _CHUNK):
        mixed = mix(values[begin : begin + _CHUNK])
        first = np.searchsorted(starts, begin, side="right") - 1  # the text that this piece begins in
        last = np.searchsorted(starts, begin + _CHUNK)
        here = np.maximum(starts[first:last] - begin, 0)
        hashed = np.empty_like(mixed)
        for number, multiplier in enumerate(multipliers):
            np.multiply(mixed, multiplier, out=hashed)
            known = smallest[number, first:last]
            np.minimum(known, np.minimum.reduceat(hashed, here), out=known)
    return smallest


def mix(words: Words) -> Words:
    """A permutation of the 64-bit numbers that looks random (the finaliser of SplitMix64; Steele et al. 2014)."""
    words = words + np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def _chunks(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Ranges of texts that have about _CHUNK characters together, or are one long text."""
    first, characters = 0, 0
    for number, text in enumerate(texts):
        if number > first and characters + len(text) > _CHUNK:
            yield first, number
            first, characters = number, 0
        characters += len(text) + 2
    if first < len(texts):
        yield first, len(texts)
