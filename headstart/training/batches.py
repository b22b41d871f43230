"""Which rows make up which step: the same plan on every worker, from the seed and the epoch alone."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.intp]

_POOL = 50  # batches that are sorted by length together: little padding, and still a random order


def plan(lengths: Sequence[int], batch_rows: int, seed: int, epoch: int) -> list[Indices]:
    """An epoch as batches of row indices; each row is in one batch, and texts of a batch are of like length.

    Rows are shuffled, sorted by length within pools of :data:`_POOL` batches, cut into batches, and the
    batches shuffled.
    """
    generator = np.random.default_rng([seed, epoch])
    sizes = np.asarray(lengths)
    order = generator.permutation(len(sizes))
    batches: list[Indices] = []
    for start in range(0, len(order), batch_rows * _POOL):
        pool = order[start : start + batch_rows * _POOL]
        pool = pool[np.argsort(sizes[pool], kind="stable")]
        batches += [pool[first : first + batch_rows] for first in range(0, len(pool), batch_rows)]
    return [batches[number] for number in generator.permutation(len(batches))]


def share(batch: Indices, rank: int, world: int) -> Indices:
    """A worker's part of a batch: every ``world``-th row, so that the workers' parts are of like length.

    A batch smaller than the world leaves some workers without rows.
    """
    return batch[rank::world]
