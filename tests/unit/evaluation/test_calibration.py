"""Temperature scaling finds the temperature that was put in, and changes no answer."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.arrays import softmax
from headstart.evaluation.calibration import log_loss, temperature


def calibrated(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Outputs whose softmax is the very probability that the targets were drawn with."""
    generator = np.random.default_rng(seed)
    outputs = generator.normal(size=(rows, 4), scale=2)
    drawn = (softmax(outputs).cumsum(axis=1) < generator.random((rows, 1))).sum(axis=1)
    return outputs, np.minimum(drawn, 3)


@pytest.mark.parametrize("distortion", [0.1, 0.5, 1.0, 4.0, 20.0])
def test_the_temperature_undoes_a_distortion(distortion: float) -> None:
    outputs, targets = calibrated(8000)
    assert temperature(outputs * distortion, targets) == pytest.approx(distortion, rel=0.06)


@given(shift=st.floats(-1e4, 1e4), labels=st.integers(2, 20))
def test_the_log_loss_of_knowing_nothing_is_the_logarithm_of_the_labels(shift: float, labels: int) -> None:
    outputs = np.full((5, labels), shift)
    assert log_loss(outputs, np.zeros(5, dtype=np.int64)) == pytest.approx(np.log(labels))


def test_a_certain_mistake_costs_much_but_not_infinitely_much() -> None:
    assert 100 < log_loss(np.array([[1e6, 0.0]]), np.array([1])) < 1e4


@given(scale=st.floats(-2, 3), rows=st.integers(5, 200), labels=st.integers(2, 8), seed=st.integers(0, 999))
@settings(max_examples=60)
def test_no_other_temperature_has_less_log_loss_on_the_rows_and_half_a_mistake(
    scale: float, rows: int, labels: int, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    outputs, targets = generator.normal(size=(rows, labels)), generator.integers(0, labels, rows)
    outputs[np.arange(rows), targets] += generator.normal()
    outputs = (outputs * 10**scale).astype(np.float32)
    second = np.argsort(outputs, axis=1)[:, -2]
    found = temperature(outputs, targets)
    assert math.exp(-6) * 0.99 <= found <= math.exp(6) * 1.01

    def loss(at: float) -> float:
        return log_loss(outputs / at, targets) + 0.5 / rows * log_loss(outputs / at, second)

    for other in np.geomspace(math.exp(-6), math.exp(6), 60):
        assert loss(found) <= loss(other) + 1e-6


@given(rows=st.integers(2, 400), labels=st.integers(2, 20), scale=st.floats(-1, 1), seed=st.integers(0, 999))
def test_rows_that_are_all_answered_right_leave_room_for_a_mistake(
    rows: int, labels: int, scale: float, seed: int
) -> None:
    outputs = np.random.default_rng(seed).normal(size=(rows, labels)) * 10**scale
    targets = outputs.argmax(axis=1)
    sure = softmax(outputs / temperature(outputs, targets)).max(axis=1)
    assert sure.mean() <= 1 - 0.3 / (rows + 0.5)


def test_outputs_that_say_nothing_keep_their_temperature() -> None:
    assert temperature(np.zeros((4, 3), np.float32), np.arange(4) % 3) == 1
