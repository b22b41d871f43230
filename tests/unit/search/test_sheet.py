"""What answers say of settings: who cannot win any more is given up, and nobody else."""

import numpy as np
import pytest

from headstart.arrays import Array, Targets
from headstart.heads import Fitted
from headstart.search import Trial
from headstart.search.sheet import Sheet
from headstart.views import View

ROWS = 400


def answers(seed: int) -> tuple[Array, Targets]:
    """Rows of two labels whose first feature says how likely the second label is; the second one's sizes are mixed up."""
    generator = np.random.default_rng(seed)
    targets, size = generator.integers(0, 2, ROWS), generator.uniform(0, 4, ROWS)
    is_right = generator.random(ROWS) < 1 / (1 + np.exp(-size))
    sign = np.where(is_right, 1, -1) * (2 * targets - 1)
    return np.column_stack([sign * size, sign * generator.permutation(size)]).astype(np.float32), targets


def reads(feature: int, sign: float = 1.0) -> Fitted:
    weight = np.zeros((2, 2), np.float32)
    weight[:, feature] = -sign / 2, sign / 2
    return {"weight": weight, "bias": np.zeros(2, np.float32)}


def sheet_of(settings: int) -> Sheet:
    trial = Trial(
        view=View(layers=(0,), pooling="mean"),
        family="linear",
        settings=tuple({"c": float(number)} for number in range(settings)),
    )
    return Sheet(trial, 2, "accuracy", ROWS)


@pytest.mark.parametrize("seed", range(3))
def test_a_setting_that_is_right_as_often_but_knows_less_when_is_given_up(seed: int) -> None:
    sheet = sheet_of(2)
    sheet.add([reads(1), reads(0)], *answers(seed))
    sheet.race()
    assert sheet.alive == [1]
    worse, better = sheet.so_far()
    assert worse.score == better.score


@pytest.mark.parametrize("seed", range(3))
def test_a_setting_that_is_surely_wrong_more_often_is_given_up(seed: int) -> None:
    sheet = sheet_of(2)
    sheet.add([reads(0), reads(0, sign=-1)], *answers(seed))
    sheet.race()
    assert sheet.alive == [0]


def test_settings_that_answer_alike_all_go_on() -> None:
    sheet = sheet_of(3)
    sheet.add([reads(0)] * 3, *answers(0))
    sheet.race()
    assert sheet.alive == [0, 1, 2]


def test_in_the_end_all_are_told_of_in_their_order_and_those_given_up_by_what_they_answered() -> None:
    x, targets = answers(0)
    sheet = sheet_of(3)
    sheet.add([reads(0), reads(0, sign=-1), reads(0)], x[:200], targets[:200])
    sheet.race()
    found = sheet.finish([(reads(0), True), (reads(0), False)], x[200:], targets[200:])
    assert [each.setting["c"] for each in found] == [0, 1, 2]
    assert [each.complete for each in found] == [True, False, False]
    right = (x[:, 0] > 0) == (targets == 1)
    assert [each.score for each in found] == pytest.approx([right.mean(), 1 - right[:200].mean(), right.mean()])
