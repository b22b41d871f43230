"""Scaling: what the rows call for, and no more."""

import numpy as np
import pytest

from headstart.arrays import Outputs, Targets
from headstart.evaluation.calibration import log_loss
from headstart.evaluation.scaling import NONE, Scaling, choose
from tests.unit.evaluation.test_calibration import calibrated

SHIFT = np.array([0.0, 2.0, -1.0, 0.5])


def chosen(outputs: Outputs, targets: Targets) -> tuple[Scaling, Outputs]:
    return choose(outputs, targets, tuple(map(str, range(len(targets)))))


def test_outputs_that_are_the_truth_stay_as_they_are() -> None:
    outputs, targets = calibrated(1000)
    found, held_out = chosen(outputs, targets)
    assert found == NONE
    assert (held_out == outputs).all()


def test_one_temperature_is_found_where_one_is_missing() -> None:
    outputs, targets = calibrated(1000)
    found, _ = chosen(outputs * 3, targets)
    assert found.method == "temperature"
    assert found.scale[0] == pytest.approx(1 / 3, rel=0.15)


def test_a_shift_of_single_labels_takes_the_scaling_of_each() -> None:
    outputs, targets = calibrated(2000)
    fresh, unseen = calibrated(2000, seed=1)
    found, _ = chosen(outputs + SHIFT, targets)
    assert found.method == "vector"
    assert np.array(found.shift) - found.shift[0] == pytest.approx(-SHIFT, abs=0.35)
    assert log_loss(found(fresh + SHIFT), unseen) < log_loss(fresh, unseen) + 0.01


def test_a_scaling_of_each_label_is_not_tried_on_few_rows() -> None:
    outputs, targets = calibrated(19)
    assert chosen(outputs + SHIFT, targets)[0].method != "vector"


def test_a_label_without_rows_stays_put() -> None:
    outputs, targets = calibrated(2000)
    some = targets != 3
    found, _ = chosen((outputs + SHIFT)[some], targets[some])
    assert np.isfinite([*found.scale, *found.shift]).all()


def test_rows_are_scaled_by_what_does_not_know_them() -> None:
    outputs, targets = calibrated(500)
    found, held_out = chosen(outputs * 3, targets)
    assert not np.allclose(held_out, found(outputs * 3))
    assert np.allclose(held_out, found(outputs * 3), rtol=0.2)
