"""Batches: every row once an epoch, the same plan everywhere, shares of like length."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headstart.training.batches import Lengths, budget, plan, share

lengths = st.lists(st.integers(1, 60), min_size=1, max_size=300).map(lambda given: np.array(given, dtype=np.intp))


@given(sizes=lengths, tokens=st.integers(1, 400), seed=st.integers(0, 3), epoch=st.integers(0, 3))
def test_an_epoch_holds_every_row_once_in_batches_of_about_the_tokens(
    sizes: Lengths, tokens: int, seed: int, epoch: int
) -> None:
    batches = plan(sizes, tokens, seed, epoch)
    assert sorted(np.concatenate(batches)) == list(range(len(sizes)))
    assert all(len(batch) for batch in batches)
    # Cutting evenly makes batches of up to one and a half budgets where there are few of them.
    assert all(sizes[batch].sum() <= 1.5 * tokens + 2 * sizes[batch].max() for batch in batches)


@given(sizes=lengths, seed=st.integers(0, 3))
def test_rows_of_a_batch_are_in_order_of_length(sizes: Lengths, seed: int) -> None:
    for batch in plan(sizes, 100, seed, 0):
        assert (np.diff(sizes[batch]) >= 0).all()


def test_the_plan_follows_from_seed_and_epoch_alone() -> None:
    sizes = np.random.default_rng(0).integers(1, 50, 200)

    def flat(seed: int, epoch: int) -> list[int]:
        return list(np.concatenate(plan(sizes, 400, seed, epoch)))

    assert flat(0, 0) == flat(0, 0)
    assert flat(0, 0) != flat(0, 1)
    assert flat(0, 0) != flat(1, 0)


@given(sizes=lengths, world=st.integers(1, 8))
def test_the_workers_shares_make_up_the_batch_with_the_same_tokens_each(sizes: Lengths, world: int) -> None:
    batch = np.argsort(sizes)
    shares = [share(batch, rank, world) for rank in range(world)]
    assert sorted(np.concatenate(shares)) == sorted(batch)
    tokens = [int(sizes[each].sum()) for each in shares]
    assert max(tokens) - min(tokens) <= sizes.max()


def test_hardly_a_token_of_a_batch_is_padding() -> None:
    sizes = np.random.default_rng(0).integers(1, 100, 5000)
    batches = plan(sizes, budget(sizes, 32), 0, 0)
    padded = sum(len(batch) * int(sizes[batch].max()) for batch in batches)
    assert padded < 1.1 * sizes.sum()  # in random order it is 1.9 times the tokens
