"""Perceptrons: successive halving drops members and leaves the survivors as they were."""

import numpy as np
import pytest

from headstart.evaluation.calibration import log_loss
from headstart.heads import mlp
from headstart.heads.fitted import outputs
from tests.unit.heads.test_heads import blobs


@pytest.mark.parametrize(("members", "left"), [(8, 2), (5, 2), (2, 1), (1, 1)])
def test_the_better_half_goes_on_twice(members: int, left: int) -> None:
    x, targets = blobs(200, 3)
    found = mlp.halved(x[:150], targets[:150], 3, mlp.settings(8)[:members], 0, (x[150:], targets[150:]))
    assert len(found) == members
    assert sum(is_fitted for _, is_fitted in found) == left


def test_a_survivor_is_what_it_would_have_been_without_halving() -> None:
    x, targets = blobs(200, 3, spread=1.0)
    population = mlp.settings(8)
    whole = mlp.fit(x[:150], targets[:150], 3, population, 0)
    halved = mlp.halved(x[:150], targets[:150], 3, population, 0, (x[150:], targets[150:]))
    for (head, is_fitted), same in zip(halved, whole, strict=True):
        for name in head:
            assert np.allclose(head[name], same[name], rtol=1e-4, atol=1e-5) == is_fitted


def test_a_member_that_cannot_learn_is_dropped_and_given_as_it_was_then() -> None:
    x, targets = blobs(300, 4)
    idle, able = {"rate": 1e-7, "decay": 0.0, "dropout": 0.0}, {"rate": 0.01, "decay": 0.01, "dropout": 0.0}
    found = mlp.halved(x[:200], targets[:200], 4, [idle, able, idle, idle], 0, (x[200:], targets[200:]))
    assert [is_fitted for _, is_fitted in found] == [False, True, False, False]
    losses = [log_loss(outputs(head, x[200:]), targets[200:]) for head, _ in found]
    assert losses[1] < 0.5 < min(losses[0], *losses[2:])
