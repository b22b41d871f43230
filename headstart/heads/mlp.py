"""Perceptrons with one hidden layer: the whole population trained as one batched network.

Every member sees the same batches; rates and weight decays differ, so they are vectors along the
population's axis. AdamW (Loshchilov and Hutter 2019).
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headstart.arrays import Array, Targets
from headstart.heads.fitted import Fitted, HeldOut, Setting

if TYPE_CHECKING:
    import torch

CLOSED_FORM = False
TRAINABLE = True
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
    return [head for head, _ in _fit(x, targets, labels, settings, seed, None)]


def halved(
    x: Array, targets: Targets, labels: int, settings: Sequence[Setting], seed: int, held_out: HeldOut
) -> list[tuple[Fitted, bool]]:
    """As :func:`fit`, but the worse half of the population is dropped at a quarter of the epochs and again at a half.

    (Successive halving: Jamieson and Talwalkar 2016.) A member's draws do not depend on the others, so a survivor is
    what it would have been without them. See :class:`headstart.heads.Halving`.
    """
    return _fit(x, targets, labels, settings, seed, held_out)


def _fit(
    x: Array, targets: Targets, labels: int, settings: Sequence[Setting], seed: int, held_out: HeldOut | None
) -> list[tuple[Fitted, bool]]:
    import torch

    generator = torch.Generator().manual_seed(seed)
    population = _start(settings, x.shape[1], labels, generator)
    features, wanted = torch.from_numpy(x), torch.from_numpy(targets)
    batch_rows = min(max(len(x) // 8, _LEAST_BATCH), _MOST_BATCH)
    steps_an_epoch = -(-len(x) // batch_rows)
    epochs = max(_EPOCHS, -(-_LEAST_STEPS // steps_an_epoch))
    step, steps = 0, epochs * steps_an_epoch
    found: dict[int, tuple[Fitted, bool]] = {}
    for epoch in range(epochs):
        if held_out is not None and epoch in (epochs // 4, epochs // 2):
            found |= population.heads(is_fitted=False)
            population = population.better_half(*map(torch.from_numpy, held_out))
        for batch in torch.randperm(len(x), generator=generator).split(batch_rows):
            step += 1
            loss = _loss(population, features[batch], wanted[batch], generator)
            gradients = torch.autograd.grad(loss, population.parameters)
            _adamw(population, gradients, 1 - (step - 1) / steps, step)
    found |= population.heads(is_fitted=True)
    return [found[member] for member in range(len(settings))]


@dataclass(frozen=True)
class _Population:
    """Members with their state: every tensor's first axis is the members', whose numbers ``members`` holds.

    ``parameters`` are weights (members, inputs, outputs) and biases (members, 1, outputs) of both layers; ``rate``,
    ``decay`` and ``dropout`` have shape (members, 1, 1).
    """

    members: "torch.Tensor"
    rate: "torch.Tensor"
    decay: "torch.Tensor"
    dropout: "torch.Tensor"
    parameters: "Sequence[torch.Tensor]"
    first: "Sequence[torch.Tensor]"
    second: "Sequence[torch.Tensor]"

    def better_half(self, x: "torch.Tensor", targets: "torch.Tensor") -> "_Population":
        """The half with the less log loss on these rows, the larger one of an odd number, in their order."""
        import torch
        from torch.nn.functional import cross_entropy

        hidden_weight, hidden_bias, weight, bias = (each.detach() for each in self.parameters)
        outputs = (x @ hidden_weight + hidden_bias).relu() @ weight + bias
        losses = torch.stack([cross_entropy(each, targets) for each in outputs])
        kept = losses.argsort(stable=True)[: (len(losses) + 1) // 2].sort().values
        return _Population(
            self.members[kept],
            self.rate[kept],
            self.decay[kept],
            self.dropout[kept],
            [each.detach()[kept].requires_grad_() for each in self.parameters],
            [each[kept] for each in self.first],
            [each[kept] for each in self.second],
        )

    def heads(self, is_fitted: bool) -> dict[int, tuple[Fitted, bool]]:
        """Each member by its number as a head as it is now, and whether that is the end of it."""
        names = ("hidden.weight", "hidden.bias", "weight", "bias")
        found: dict[int, tuple[Fitted, bool]] = {}
        for place, number in enumerate(self.members.tolist()):
            tensors = [each[place].detach().clone() for each in self.parameters]
            head = {
                name: (each.T if name.endswith("weight") else each[0]).contiguous().numpy()
                for name, each in zip(names, tensors, strict=True)
            }
            found[number] = (head, is_fitted)
        return found


def _start(settings: Sequence[Setting], width: int, labels: int, generator: "torch.Generator") -> _Population:
    """Every member with the same weights, as torch.nn.Linear draws them."""
    import torch

    parameters = []
    for inputs, outputs in ((width, _HIDDEN), (_HIDDEN, labels)):
        reach = inputs**-0.5
        for rows in (inputs, 1):
            drawn = torch.rand(1, rows, outputs, generator=generator) * 2 * reach - reach
            parameters.append(drawn.repeat(len(settings), 1, 1).requires_grad_())
    rate, decay, dropout = (torch.tensor([setting[name] for setting in settings])[:, None, None] for name in _GRID)
    return _Population(
        torch.arange(len(settings)),
        rate,
        decay,
        dropout,
        parameters,
        [torch.zeros_like(each) for each in parameters],
        [torch.zeros_like(each) for each in parameters],
    )


def _loss(
    population: _Population, x: "torch.Tensor", targets: "torch.Tensor", generator: "torch.Generator"
) -> "torch.Tensor":
    """The members' mean losses, added up: each member's gradient is its own."""
    import torch
    from torch.nn.functional import cross_entropy

    hidden_weight, hidden_bias, weight, bias = population.parameters
    hidden = (x @ hidden_weight + hidden_bias).relu()
    kept = torch.rand(hidden.shape[1:], generator=generator) >= population.dropout
    outputs = (hidden * kept / (1 - population.dropout)) @ weight + bias
    members, rows, labels = outputs.shape
    return cross_entropy(outputs.reshape(-1, labels), targets.repeat(members), reduction="sum") / rows


def _adamw(population: _Population, gradients: "Sequence[torch.Tensor]", remaining: float, step: int) -> None:
    """One step, at the rates that the remaining share of the training leaves."""
    import torch

    rate = population.rate * remaining
    with torch.no_grad():
        for parameter, gradient, first, second in zip(
            population.parameters, gradients, population.first, population.second, strict=True
        ):
            first.lerp_(gradient, 1 - _BETAS[0])
            second.mul_(_BETAS[1]).addcmul_(gradient, gradient, value=1 - _BETAS[1])
            corrected = (second / (1 - _BETAS[1] ** step)).sqrt_().add_(_EPSILON)
            parameter.mul_(1 - rate * population.decay).sub_(rate / (1 - _BETAS[0] ** step) * first / corrected)
