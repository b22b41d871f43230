"""Perceptrons: successive halving drops members and leaves the survivors as they were."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from headstart.evaluation.calibration import log_loss
from headstart.heads import mlp
from headstart.heads.fitted import outputs
from tests.unit.heads.test_heads import blobs


@pytest.mark.parametrize(("members", "left"), [(8, 1), (5, 1), (2, 1), (1, 1)])
def test_the_better_half_goes_on_three_times(members: int, left: int) -> None:
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
    idle, able = {"rate": 1e-7, "decay": 0.0, "dropout": 0.0}, {"rate": 0.03, "decay": 0.01, "dropout": 0.0}
    found = mlp.halved(x[:200], targets[:200], 4, [idle, able, idle, idle], 0, (x[200:], targets[200:]))
    assert [is_fitted for _, is_fitted in found] == [False, True, False, False]
    losses = [log_loss(outputs(head, x[200:]), targets[200:]) for head, _ in found]
    assert losses[1] < 0.5 < min(losses[0], *losses[2:])


@given(rows=st.integers(1, 12), labels=st.integers(2, 5), members=st.integers(1, 3), seed=st.integers(0, 99))
@settings(max_examples=25)
def test_the_gradients_are_those_of_the_members_losses(rows: int, labels: int, members: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    population = mlp._start(mlp.settings(8)[:members], 6, labels, generator)
    for parameter in population.parameters:
        parameter += torch.randn(parameter.shape, generator=generator) / 4  # else all members are the same
    x, drawn = torch.randn(rows, 6, generator=generator), torch.rand(rows, mlp._HIDDEN, generator=generator)
    targets = torch.randint(labels, (rows,), generator=generator)
    found = population.gradients(x, targets, drawn)
    free = [each.clone().requires_grad_() for each in population.parameters]
    for member in range(members):
        hidden_weight, hidden_bias, weight, bias = (each[:, member] for each in free)
        dropout = population.dropout[member]
        hidden = (x @ hidden_weight + hidden_bias).relu() * (drawn >= dropout) / (1 - dropout)
        cross_entropy(hidden @ weight + bias, targets).backward()
    for parameter, gradient in zip(free, found, strict=True):
        torch.testing.assert_close(gradient, parameter.grad, rtol=1e-4, atol=1e-6)


def test_a_member_moves_as_torchs_adamw_moves_it() -> None:
    generator = torch.Generator().manual_seed(0)
    population = mlp._start([{"rate": 0.01, "decay": 0.1, "dropout": 0.0}], 6, 3, generator)
    parameters = [each.clone().requires_grad_() for each in population.parameters]
    theirs = torch.optim.AdamW(parameters, lr=0.01, weight_decay=0.1)
    for step in (1, 2, 3):
        gradients = [torch.randn(each.shape, generator=generator) for each in parameters]
        population.adamw(gradients, 1.0, step)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient
        theirs.step()
    for parameter, same in zip(population.parameters, parameters, strict=True):
        torch.testing.assert_close(parameter, same.detach(), rtol=1e-5, atol=1e-6)
