"""The schedule: up, then down to nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.training.schedule import WARMUP, Shape, rate


@given(steps=st.integers(1, 5000), shape=st.sampled_from(["cosine", "linear"]))
def test_the_rate_rises_to_its_peak_and_falls_towards_nothing(steps: int, shape: Shape) -> None:
    rates = [rate(step, steps, shape) for step in range(steps)]
    peak = rates.index(max(rates))
    assert peak <= WARMUP * steps + 1
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert 0 < max(rates) <= 1
    assert min(rates) >= 0


def test_the_last_step_of_a_long_training_hardly_moves() -> None:
    assert rate(999, 1000, "cosine") < 1e-4
    assert rate(59, 1000, "cosine") == 1


def test_a_straight_line_is_half_way_down_in_the_middle_of_its_way() -> None:
    assert rate(60 + 470, 1000, "linear") == pytest.approx(0.5)
