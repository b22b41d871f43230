"""Averages of weights: what their formulas say, and put in only for as long as asked."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from headstart.training.averaging import Average

values = st.lists(st.floats(-10, 10), min_size=1, max_size=20)


class OneWeight(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))


def taken(kind: str, given_values: list[float]) -> tuple[Average, OneWeight]:
    made = OneWeight()
    average = Average(kind, made)  # type: ignore[arg-type]
    for value in given_values:
        made.weight.data.fill_(value)
        average.after_step()
        average.after_epoch()
    return average, made


@given(values)
def test_swa_is_the_mean_of_the_epochs(given_values: list[float]) -> None:
    average, _ = taken("swa", given_values)
    torch.testing.assert_close(
        float(average.weights["weight"]), sum(given_values) / len(given_values), atol=1e-4, rtol=1e-4
    )


@given(values)
def test_ema_stays_within_what_it_saw(given_values: list[float]) -> None:
    average, _ = taken("ema", given_values)
    found = float(average.weights["weight"])
    assert min(0, *given_values) - 1e-4 <= found <= max(0, *given_values) + 1e-4


def test_the_average_is_in_the_network_for_the_block_alone() -> None:
    average, made = taken("swa", [1.0, 3.0])
    with average.applied():
        assert made.weight.item() == 2.0
    assert made.weight.item() == 3.0


def test_without_an_average_the_weights_are_their_own() -> None:
    average, made = taken("none", [1.0, 3.0])
    with average.applied():
        assert made.weight.item() == 3.0
