"""Which rows make up which step: the same plan on every worker, from the seed and the epoch alone."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.intp]
Lengths = npt.NDArray[np.intp]

_POOL = 50  # batches that are sorted by length together: little padding, and still a random order


def plan(lengths: Lengths, tokens: int, seed: int, epoch: int) -> list[Indices]:
    """An epoch as batches of row indices; each row is in one batch, and texts of a batch are of like length.

    Rows are shuffled, sorted by length within pools of :data:`_POOL` batches, cut into batches of about the same
    number of tokens, and the batches shuffled. Rows of a batch are in order of their length.

    Args:
        lengths: The number of tokens of each row.
        tokens: How many a batch holds, by and large: at most so many more as its longest row has.
        seed: Decides the order, with ``epoch``.
        epoch: The number of the epoch.
    """
    generator = np.random.default_rng([seed, epoch])
    order = generator.permutation(len(lengths))
    pools = _cut(lengths[order], tokens * _POOL)
    batches: list[Indices] = []
    for pool in (order[each] for each in pools):
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        batches += [pool[each] for each in _cut(lengths[pool], tokens)]
    return [batches[number] for number in generator.permutation(len(batches))]


def _cut(lengths: Lengths, tokens: int) -> list[slice]:
    """Consecutive rows in as many parts as there are budgets of tokens, each part of about the same tokens."""
    ends = np.cumsum(lengths)
    parts = max(1, round(float(ends[-1]) / tokens))
    # A row belongs to the part in which its middle token lies.
    part = ((ends - lengths / 2) * parts / ends[-1]).astype(np.intp)
    bounds = np.unique(np.searchsorted(part, np.arange(parts + 1)))
    return [slice(int(start), int(end)) for start, end in pairwise(bounds)]


def share(batch: Indices, rank: int, world: int) -> Indices:
    """A worker's part of a batch; the parts differ by no more tokens than the batch's longest row has.

    Rows are dealt from the longest on, forth and back. A batch smaller than the world leaves some workers without.
    """
    position = np.arange(len(batch))
    turn = position % (2 * world)
    mine: Indices = batch[::-1][np.minimum(turn, 2 * world - 1 - turn) == rank]
    return mine


def budget(lengths: Lengths, rows: int) -> int:
    """The tokens that ``rows`` rows have on average."""
    return max(1, round(rows * float(np.mean(lengths))))


def lengths_of(tokens: Sequence[Sequence[int]]) -> Lengths:
    """The number of tokens of each row; what knows them by itself is not read for it."""
    known: Lengths | None = getattr(tokens, "lengths", None)
    if known is not None:
        return known
    return np.fromiter(map(len, tokens), dtype=np.intp, count=len(tokens))
