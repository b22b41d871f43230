"""What the learning curve foretells is true of curves that are known, and it says where it cannot tell."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.evaluation.folds import spread
from headstart.evaluation.learning_curve import FARTHEST_LABELS, LearningCurve, learning_curve, sizes
from headstart.heads import FAMILIES
from headstart.heads.fitted import outputs
from tests.unit.heads.test_heads import blobs


def noisy(a: float, b: float, c: float, rows: int, seed: int, noise: float = 0.01) -> dict[int, list[float]]:
    generator = np.random.default_rng(seed)
    return {size: list(c - a * size**-b + generator.normal(0, noise, 5)) for size in sizes(rows, 4)}


def test_the_interval_of_a_doubling_holds_the_truth_as_often_as_it_says() -> None:
    generator = np.random.default_rng(0)
    held = []
    for seed in range(150):
        a, b, c = generator.uniform(0.5, 2), generator.uniform(0.3, 1), generator.uniform(0.7, 0.98)
        curve = learning_curve(500, noisy(a, b, c, 400, seed), None)
        truth = a * 500**-b - a * 1000**-b
        assert curve.doubled is not None
        held.append(curve.doubled.low <= truth <= curve.doubled.high)
    assert np.mean(held) >= 0.93


def test_a_target_takes_as_many_rows_as_the_law_says() -> None:
    curve = learning_curve(400, noisy(1.0, 0.5, 0.95, 400, 0, noise=0.001), 0.91)
    assert curve.needed is not None
    assert curve.needed.rows is not None
    assert curve.needed.rows == pytest.approx(625, rel=0.25)
    assert curve.needed.low is not None
    assert curve.needed.low <= 625


def test_a_target_that_lies_beyond_what_can_be_told_has_no_number() -> None:
    curve = learning_curve(400, noisy(1.0, 0.5, 0.95, 400, 0, noise=0.001), 0.945)
    assert curve.needed is not None
    assert curve.needed.rows is None
    assert FARTHEST_LABELS * 400 < (1 / 0.005) ** 2


def test_nothing_is_foretold_beyond_eight_times_what_was_measured() -> None:
    assert learning_curve(1500, noisy(1.0, 0.5, 0.95, 400, 0), None).doubled is not None
    assert learning_curve(1700, noisy(1.0, 0.5, 0.95, 400, 0), None).doubled is None


def test_nothing_is_foretold_from_scores_that_no_law_fits() -> None:
    jumping = {size: [score] * 5 for size, score in zip(sizes(400, 4), (0.5, 0.9, 0.5, 0.9, 0.5, 0.9), strict=True)}
    curve = learning_curve(400, jumping, 0.8)
    assert curve.law is None
    assert "misses them" in curve.why_not
    assert curve.doubled is None
    assert curve.needed is None


def test_too_few_rows_make_no_curve() -> None:
    curve = learning_curve(20, {10: [0.5, 0.6], 20: [0.6, 0.7]}, None)
    assert curve.law is None
    assert curve.points[-1].rows == 20


def test_scores_that_do_not_change_promise_nothing() -> None:
    curve = learning_curve(400, {size: [0.5, 0.51, 0.49] for size in sizes(400, 4)}, None)
    assert curve.doubled is not None
    assert curve.doubled.low <= 0 <= curve.doubled.high
    assert curve.doubled.value < 0.01


@given(rows=st.integers(1, 20_000), labels=st.integers(2, 200))
def test_sizes_grow_to_all_rows(rows: int, labels: int) -> None:
    found = sizes(rows, labels)
    assert list(found) == sorted(set(found))
    assert found[-1] == rows
    assert found[0] >= 1


@settings(max_examples=30)
@given(scores=st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=6, max_size=6))
def test_any_scores_give_a_law_of_a_possible_kind_or_none(scores: list[list[float]]) -> None:
    curve: LearningCurve = learning_curve(400, dict(zip(sizes(400, 4), scores, strict=True)), 0.9)
    if curve.law is not None:
        assert curve.law.a >= 0
        assert curve.law.c <= 1
        values = [each.score.value for each in curve.band]
        assert values == sorted(values)


def test_four_times_the_rows_of_a_real_head_are_foretold_within_two_points() -> None:
    x, targets = blobs(4000, 6, width=40, spread=2.0)
    test, pool = np.arange(2000), np.arange(2000, 4000)

    def score(rows: np.ndarray) -> float:
        (head,) = FAMILIES["linear"].fit(x[rows], targets[rows], 6, [{"c": 10.0}], 0)
        return float((outputs(head, x[test]).argmax(axis=1) == targets[test]).mean())

    order = [pool[spread(targets[pool], seed)] for seed in range(4)]
    curve = learning_curve(500, {size: [score(each[:size]) for each in order] for size in sizes(500, 6)}, None)
    assert curve.law is not None
    assert curve.law.at(2000) == pytest.approx(score(pool), abs=0.02)
