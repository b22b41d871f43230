"""Perceptrons with one hidden layer: the whole population trained as one batched network.

Every member sees the same batches; rates and weight decays differ, so they are vectors along the
population's axis. AdamW (Loshchilov and Hutter 2019).
"""

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from headstart.arrays import Array, Targets
from headstart.heads.fitted import Fitted, Setting

if TYPE_CHECKING:
    import torch

CLOSED_FORM = False
_HIDDEN = 128
_LEAST_BATCH, _MOST_BATCH = 32, 256
_EPOCHS, _LEAST_STEPS = 30, 300
_BETAS, _EPSILON = (0.9, 0.999), 1e-8
_GRID = {"rate": (0.01, 0.003), "decay": (0.01, 0.1), "dropout": (0.0, 0.3)}


def settings(most: int) -> tuple[Setting, ...]:
    """Learning rates, weight decays and dropout probabilities."""
    grid = (dict(zip(_GRID, values, strict=True)) for values in itertools.product(*_GRID.values()))
    return tuple(itertools.islice(grid, most))


def fit(x: Array, targets: Targets, labels: int, settings: Sequence[Setting], seed: int) -> list[Fitted]:
    """One head for each setting; the same seed gives the same heads."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    rate, decay, dropout = (torch.tensor([setting[name] for setting in settings])[:, None, None] for name in _GRID)
    features, wanted = torch.from_numpy(x), torch.from_numpy(targets)
    parameters = _start(len(settings), x.shape[1], labels, generator)
    moments = [(torch.zeros_like(each), torch.zeros_like(each)) for each in parameters]
    batch_rows = min(max(len(x) // 8, _LEAST_BATCH), _MOST_BATCH)
    steps_an_epoch = -(-len(x) // batch_rows)
    epochs = max(_EPOCHS, -(-_LEAST_STEPS // steps_an_epoch))
    step, steps = 0, epochs * steps_an_epoch
    for _ in range(epochs):
        for batch in torch.randperm(len(x), generator=generator).split(batch_rows):
            step += 1
            loss = _loss(parameters, features[batch], wanted[batch], dropout, generator)
            gradients = torch.autograd.grad(loss, parameters)
            _adamw(parameters, gradients, moments, rate * (1 - (step - 1) / steps), decay, step)
    names = ("hidden.weight", "hidden.bias", "weight", "bias")
    members = ([each[member].detach() for each in parameters] for member in range(len(settings)))
    return [
        {
            name: (each.T if name.endswith("weight") else each[0]).contiguous().numpy()
            for name, each in zip(names, member, strict=True)
        }
        for member in members
    ]


def _start(population: int, width: int, labels: int, generator: "torch.Generator") -> "list[torch.Tensor]":
    """Weights (population, inputs, outputs) and biases (population, 1, outputs), as torch.nn.Linear draws them."""
    import torch

    parameters = []
    for inputs, outputs in ((width, _HIDDEN), (_HIDDEN, labels)):
        reach = inputs**-0.5
        for rows in (inputs, 1):
            drawn = torch.rand(1, rows, outputs, generator=generator) * 2 * reach - reach
            parameters.append(drawn.repeat(population, 1, 1).requires_grad_())
    return parameters


def _loss(
    parameters: "Sequence[torch.Tensor]",
    x: "torch.Tensor",
    targets: "torch.Tensor",
    dropout: "torch.Tensor",
    generator: "torch.Generator",
) -> "torch.Tensor":
    """The members' mean losses, added up: each member's gradient is its own."""
    import torch
    from torch.nn.functional import cross_entropy

    hidden_weight, hidden_bias, weight, bias = parameters
    hidden = (x @ hidden_weight + hidden_bias).relu()
    kept = torch.rand(hidden.shape[1:], generator=generator) >= dropout
    outputs = (hidden * kept / (1 - dropout)) @ weight + bias
    population, rows, labels = outputs.shape
    return cross_entropy(outputs.reshape(-1, labels), targets.repeat(population), reduction="sum") / rows


def _adamw(
    parameters: "Sequence[torch.Tensor]",
    gradients: "Sequence[torch.Tensor]",
    moments: "Sequence[tuple[torch.Tensor, torch.Tensor]]",
    rate: "torch.Tensor",
    decay: "torch.Tensor",
    step: int,
) -> None:
    import torch

    with torch.no_grad():
        for parameter, gradient, (first, second) in zip(parameters, gradients, moments, strict=True):
            first.lerp_(gradient, 1 - _BETAS[0])
            second.mul_(_BETAS[1]).addcmul_(gradient, gradient, value=1 - _BETAS[1])
            corrected = (second / (1 - _BETAS[1] ** step)).sqrt_().add_(_EPSILON)
            parameter.mul_(1 - rate * decay).sub_(rate / (1 - _BETAS[0] ** step) * first / corrected)
