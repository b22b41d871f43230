"""Batches: every row once an epoch, the same plan everywhere, shares of like length."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headstart.training.batches import plan, share

lengths = st.lists(st.integers(1, 60), min_size=1, max_size=300)


@given(lengths=lengths, batch_rows=st.integers(1, 40), seed=st.integers(0, 3), epoch=st.integers(0, 3))
def test_an_epoch_holds_every_row_once(lengths: list[int], batch_rows: int, seed: int, epoch: int) -> None:
    batches = plan(lengths, batch_rows, seed, epoch)
    assert sorted(np.concatenate(batches)) == list(range(len(lengths)))
    assert max(map(len, batches)) <= batch_rows


def test_the_plan_follows_from_seed_and_epoch_alone() -> None:
    sizes = list(np.random.default_rng(0).integers(1, 50, 200))

    def flat(seed: int, epoch: int) -> list[int]:
        return list(np.concatenate(plan(sizes, 16, seed, epoch)))

    assert flat(0, 0) == flat(0, 0)
    assert flat(0, 0) != flat(0, 1)
    assert flat(0, 0) != flat(1, 0)


@given(rows=st.integers(1, 64), world=st.integers(1, 8))
def test_the_workers_shares_make_up_the_batch(rows: int, world: int) -> None:
    batch = np.arange(rows) * 3
    shares = [share(batch, rank, world) for rank in range(world)]
    assert sorted(np.concatenate(shares)) == list(batch)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_texts_of_a_batch_are_of_like_length() -> None:
    sizes = np.random.default_rng(0).integers(1, 100, 5000)
    batches = plan(list(sizes), 32, 0, 0)
    padded = sum(len(batch) * int(sizes[batch].max()) for batch in batches)
    assert padded < 1.1 * sizes.sum()  # in random order it is 1.9 times the tokens
