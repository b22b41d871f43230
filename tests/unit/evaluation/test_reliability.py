"""Reliability: nothing to complain of where outputs are the truth, and what there is where they boast."""

import numpy as np
import pytest

from headstart.evaluation.reliability import reliability
from tests.unit.evaluation.test_calibration import calibrated

pytestmark = pytest.mark.slow


def test_outputs_that_are_the_truth_have_no_error_beyond_chance() -> None:
    found = [reliability(*calibrated(500, seed)) for seed in range(12)]
    assert np.mean([each.debiased**2 for each in found]) < 1e-3
    assert np.mean([each.debiased for each in found]) < np.mean([each.expected.value for each in found])


def test_outputs_that_boast_are_found_out_whatever_the_number_of_rows() -> None:
    outputs, targets = calibrated(4000)
    few, many = reliability(outputs[:300] * 5, targets[:300]), reliability(outputs * 5, targets)
    assert few.expected.value == pytest.approx(many.expected.value, abs=0.08)
    assert few.expected.low > 0.05
    assert many.expected.low > 0.1


def test_a_coin_that_claims_certainty_errs_by_one_half() -> None:
    found = reliability(np.array([[50.0, 0.0]] * 100), np.arange(100) % 2)
    assert found.expected.value == pytest.approx(0.5)
    assert found.debiased == pytest.approx(0.5, abs=0.02)
    assert found.brier == pytest.approx(1)


def test_bins_hold_equally_many_rows_and_all_of_them() -> None:
    outputs, targets = calibrated(997)
    bins = reliability(outputs, targets).bins
    assert sum(each.rows for each in bins) == 997
    assert max(each.rows for each in bins) - min(each.rows for each in bins) <= 1
    assert [each.confidence for each in bins] == sorted(each.confidence for each in bins)


@pytest.mark.parametrize("boast", [1.0, 2.0])
def test_the_interval_mostly_holds_the_error_of_endless_rows(boast: float) -> None:
    outputs, targets = calibrated(8000)
    outputs = outputs * boast
    truth = reliability(outputs, targets).expected
    starts = range(0, 8000, 200)
    found = [reliability(outputs[start : start + 200], targets[start : start + 200]).expected for start in starts]
    assert np.mean([each.low <= truth.value <= each.high for each in found]) > 0.85


@pytest.mark.parametrize("rows", [1, 2, 19, 41])
def test_few_rows_are_no_error(rows: int) -> None:
    found = reliability(*calibrated(rows))
    assert found.expected.low <= found.expected.value <= found.expected.high
