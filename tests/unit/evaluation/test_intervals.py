"""Intervals hold what they promise, on data whose truth is known."""

import numpy as np
import pytest

from headstart.evaluation.estimate import Estimate
from headstart.evaluation.intervals import (
    RESAMPLINGS,
    bootstrap,
    cross_validated,
    measured,
    moderated,
    percentile,
    resamplings,
)
from headstart.evaluation.metrics import METRICS
from headstart.evaluation.shares import wilson
from headstart.spec import Metric

pytestmark = pytest.mark.slow


def test_a_bootstrap_interval_covers_the_true_accuracy_about_as_often_as_it_says() -> None:
    generator = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        targets = generator.integers(0, 2, 300)
        predicted = np.where(generator.random(300) < 0.8, targets, 1 - targets)
        estimate, _ = bootstrap("accuracy", targets, predicted, 2, resamplings(300))
        covered += estimate.low <= 0.8 <= estimate.high
    assert 180 <= covered <= 199  # 95 % of 200 is 190; binomial standard deviation 3


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("rows", [10, 40])
def test_a_nearly_perfect_score_of_few_rows_has_an_interval_that_holds_the_truth(metric: Metric, rows: int) -> None:
    generator = np.random.default_rng(0)
    held = []
    for _ in range(200):
        targets = np.arange(rows) % 2
        predicted = np.where(generator.random(rows) < 0.02, 1 - targets, targets)
        found = measured(metric, targets, predicted, 2)
        held.append(found.low <= 0.98 <= found.high)
    assert np.mean(held) >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 200)  # by the bootstrap alone: 0.17 and 0.55


@pytest.mark.parametrize("rows", [5, 20, 100])
def test_without_an_error_the_interval_is_wilsons_and_that_of_a_rare_label_counts_its_rows(rows: int) -> None:
    even, rare = np.arange(rows) % 2, (np.arange(rows) == 0).astype(np.int64)
    assert measured("accuracy", even, even, 2) == wilson(rows, rows)
    assert measured("macro_f1", rare, rare, 2).low < min(0.55, measured("macro_f1", even, even, 2).low)


def test_resamplings_draw_every_row_once_on_average_and_as_many_rows_as_there_are() -> None:
    weights = resamplings(50)
    assert weights.shape == (RESAMPLINGS, 50)
    assert (weights.sum(axis=1) == 50).all()
    assert abs(weights.mean() - 1) < 1e-9


def test_the_same_seed_pairs_the_resamplings_of_two_models() -> None:
    np.testing.assert_array_equal(resamplings(30), resamplings(30))
    assert not np.array_equal(resamplings(30, seed=1), resamplings(30))


def test_the_cross_validated_interval_is_wider_than_the_naive_one_by_the_overlap_of_the_folds() -> None:
    values = [0.8, 0.82, 0.78, 0.81, 0.79]
    estimate = cross_validated(values, train_rows=80, test_rows=20)
    naive = 2.776 * np.std(values, ddof=1) / np.sqrt(5)
    assert np.isclose(estimate.value, 0.8)
    assert np.isclose((estimate.high - estimate.low) / 2, naive * np.sqrt((1 / 5 + 20 / 80) / (1 / 5)), rtol=1e-3)


def test_an_interval_is_cut_to_what_is_possible() -> None:
    assert Estimate(value=0.99, low=0.9, high=1.08).within(0, 1) == Estimate(value=0.99, low=0.9, high=1.0)


def test_a_percentile_interval_leaves_two_and_a_half_percent_on_each_side() -> None:
    estimate = percentile(0.5, np.linspace(0, 1, 1001))
    assert (round(estimate.low, 3), round(estimate.high, 3)) == (0.025, 0.975)


def test_the_moderated_interval_of_few_runs_holds_the_truth_as_often_as_it_says() -> None:
    generator = np.random.default_rng(0)
    held = []
    for _ in range(1500):
        rows = generator.normal(0.05, 0.3, size=(3, 60))
        found = moderated(list(rows.mean(axis=1)), list(rows.var(axis=1, ddof=1) / 60), 0.0)
        held.append(found.low <= 0.05 <= found.high)
    assert 0.93 <= np.mean(held) <= 0.98


def test_runs_that_differ_more_than_their_rows_explain_have_a_wider_interval() -> None:
    alike, apart = moderated([0.05, 0.05, 0.05], [1e-4] * 3, 0.0), moderated([-0.2, 0.05, 0.3], [1e-4] * 3, 0.0)
    assert apart.high - apart.low > 2 * (alike.high - alike.low)


def test_a_single_run_has_an_interval_too() -> None:
    found = moderated([0.1], [1e-4], 0.1)
    assert found.low < 0.1 < found.high
