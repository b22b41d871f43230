"""Perceptrons: successive halving drops members and leaves the survivors as they were."""

import numpy as np
import pytest

from headstart.evaluation.calibration import log_loss
from headstart.heads import FAMILIES, mlp
from headstart.heads.fitted import outputs
from tests.unit.heads.test_heads import blobs


@pytest.mark.parametrize(("members", "left"), [(8, 2), (5, 2), (2, 1), (1, 1)])
def test_the_better_half_goes_on_twice(members: int, left: int) -> None:
    x, targets = blobs(200, 3)
    found = mlp.fit(x[:150], targets[:150], 3, mlp.settings(8)[:members], 0, (x[150:], targets[150:]))
    assert len(found) == members
    assert sum(head is not None for head in found) == left


def test_a_survivor_is_what_it_would_have_been_without_halving() -> None:
    x, targets = blobs(200, 3, spread=1.0)
    population = mlp.settings(8)
    whole = mlp.fit(x[:150], targets[:150], 3, population, 0)
    halved = mlp.fit(x[:150], targets[:150], 3, population, 0, (x[150:], targets[150:]))
    for head, same in zip(halved, whole, strict=True):
        if head is not None:
            for name in head:
                np.testing.assert_allclose(head[name], same[name], rtol=1e-4, atol=1e-5)


def test_a_member_that_cannot_learn_is_dropped() -> None:
    x, targets = blobs(300, 4)
    idle, able = {"rate": 1e-7, "decay": 0.0, "dropout": 0.0}, {"rate": 0.01, "decay": 0.01, "dropout": 0.0}
    found = mlp.fit(x[:200], targets[:200], 4, [idle, able, idle, idle], 0, (x[200:], targets[200:]))
    assert [head is not None for head in found] == [False, True, False, False]
    assert found[1] is not None
    assert log_loss(outputs(found[1], x[200:]), targets[200:]) < 0.5


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "mlp"])
def test_a_family_without_steps_fits_all_with_rows_held_out_too(family: str) -> None:
    x, targets = blobs(90, 3)
    population = FAMILIES[family].settings(3)  # type: ignore[index]
    plain = FAMILIES[family].fit(x[:60], targets[:60], 3, population, 0)  # type: ignore[index]
    judged = FAMILIES[family].fit(x[:60], targets[:60], 3, population, 0, (x[60:], targets[60:]))  # type: ignore[index]
    for head, same in zip(judged, plain, strict=True):
        assert head is not None
        np.testing.assert_array_equal(outputs(head, x), outputs(same, x))
