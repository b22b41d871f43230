"""Temperature scaling finds the temperature that was put in, and changes no answer."""

import numpy as np
import pytest
from hypothesis import given
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
