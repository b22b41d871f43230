"""The schedule: up, then down to nothing."""

from hypothesis import given
from hypothesis import strategies as st

from headstart.training.schedule import WARMUP, rate


@given(steps=st.integers(1, 5000))
def test_the_rate_rises_to_its_peak_and_falls_towards_nothing(steps: int) -> None:
    rates = [rate(step, steps) for step in range(steps)]
    peak = rates.index(max(rates))
    assert peak <= WARMUP * steps + 1
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert 0 < max(rates) <= 1
    assert min(rates) >= 0


def test_the_last_step_of_a_long_training_hardly_moves() -> None:
    assert rate(999, 1000) < 1e-4
    assert rate(59, 1000) == 1
