"""Intervals of shares hold for few rows and for shares of none or all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.evaluation.shares import at_least, f1, wilson

counts = st.integers(0, 500)


@given(hits=counts, missed=counts)
def test_a_share_lies_in_its_interval(hits: int, missed: int) -> None:
    found = wilson(hits, hits + missed)
    assert 0 <= found.low <= found.value <= found.high <= 1


@given(hits=counts, missed=counts, wrong=counts)
def test_f1_lies_in_its_interval_and_is_what_precision_and_recall_give(hits: int, missed: int, wrong: int) -> None:
    found = f1(hits, hits + missed + wrong)
    assert 0 <= found.low <= found.value <= found.high <= 1
    if hits:
        precision, recall = hits / (hits + wrong), hits / (hits + missed)
        assert found.value == pytest.approx(2 * precision * recall / (precision + recall))


def test_one_right_row_is_no_proof() -> None:
    one, many = f1(1, 1), f1(400, 400)
    assert one.value == many.value == 1
    assert one.low < 0.4
    assert many.low > 0.98


def test_wilsons_interval_is_the_published_one() -> None:
    # Newcombe (1998), table I: 81 of 263 has the score interval 0.2553 to 0.3662.
    found = wilson(81, 263)
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


@pytest.mark.parametrize(("share", "rows"), [(0.9, 30), (0.95, 59), (0.5, 10)])
def test_the_exact_bound_lies_above_the_true_share_no_more_often_than_the_risk(share: float, rows: int) -> None:
    hits = np.random.default_rng(0).binomial(rows, share, size=4000)
    bounds = np.array([at_least(hit, rows, 0.05) for hit in range(rows + 1)])
    assert np.mean(bounds[hits] > share) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 4000)


def test_59_rows_without_a_mistake_are_the_fewest_that_show_95_percent() -> None:
    assert at_least(58, 58, 0.05) < 0.95 <= at_least(59, 59, 0.05)
    assert at_least(0, 5, 0.05) == at_least(-1, 5, 0.05) == 0
