"""Perceptrons with one hidden layer: the whole population trained as one batched network.

Every member sees the same batches; rates and weight decays differ, so they are vectors along the population's axis. The
members' hidden layers stand side by side in one matrix, so that their products with the features, which are most of the
work, are one GEMM. AdamW (Loshchilov and Hutter 2019), with the rates falling to zero along a line.
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
_EPOCHS, _LEAST_STEPS = 20, 200
_HALVED_AT = (1 / 8, 1 / 4, 1 / 2)  # of the epochs
_BETAS, _EPSILON = (0.9, 0.999), 1e-8
_GRID = {"rate": (0.03, 0.01), "decay": (0.01, 0.1), "dropout": (0.0, 0.3)}


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
    """As :func:`fit`, but the worse half of the population is dropped at an eighth, a quarter and half of the epochs.

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
        if held_out is not None and epoch in [int(share * epochs) for share in _HALVED_AT]:
            found |= population.heads(is_fitted=False)
            population = population.better_half(*map(torch.from_numpy, held_out))
        for batch in torch.randperm(len(x), generator=generator).split(batch_rows):
            step += 1
            kept = torch.rand(len(batch), _HIDDEN, generator=generator)
            gradients = population.gradients(features[batch], wanted[batch], kept)
            population.adamw(gradients, 1 - (step - 1) / steps, step)
    found |= population.heads(is_fitted=True)
    return [found[member] for member in range(len(settings))]


@dataclass(frozen=True)
class Population:
    """Members with their state. ``members`` holds their numbers, ``rate``, ``decay`` and ``dropout`` have their shape.

    ``parameters`` are the hidden layer's weights (width, members, hidden) and biases (1, members, hidden), and the
    output layer's (hidden, members, labels) and (1, members, labels); ``first`` and ``second`` are AdamW's moments.
    """

    members: "torch.Tensor"
    rate: "torch.Tensor"
    decay: "torch.Tensor"
    dropout: "torch.Tensor"
    parameters: "Sequence[torch.Tensor]"
    first: "Sequence[torch.Tensor]"
    second: "Sequence[torch.Tensor]"

    def hidden(self, x: "torch.Tensor") -> "torch.Tensor":
        """The hidden layer's values for features (rows, width), shape (rows, members, hidden)."""
        weight, bias = self.parameters[:2]
        found: torch.Tensor = (x @ weight.flatten(1)).unflatten(1, weight.shape[1:]).add_(bias)
        return found.relu_()

    def outputs(self, hidden: "torch.Tensor") -> "torch.Tensor":
        """Shape (members, rows, labels)."""
        weight, bias = self.parameters[2:]
        found: torch.Tensor = hidden.transpose(0, 1) @ weight.transpose(0, 1) + bias.transpose(0, 1)
        return found

    def gradients(self, x: "torch.Tensor", targets: "torch.Tensor", drawn: "torch.Tensor") -> "list[torch.Tensor]":
        """The gradient of each member's mean loss by its parameters, in their shapes.

        Args:
            x: Features (rows, width).
            targets: Label numbers (rows,).
            drawn: Numbers (rows, hidden) from [0, 1); a hidden value is dropped where its is below ``dropout``.
        """
        import torch

        rows, rest = torch.arange(len(x)), 1 - self.dropout[:, None]
        hidden = self.hidden(x)
        kept = (drawn[:, None] >= self.dropout[:, None]) / rest
        dropped = hidden * kept
        error = self.outputs(dropped).softmax(2)
        error[:, rows, targets] -= 1
        error /= len(x)
        above = (dropped.permute(1, 2, 0) @ error).transpose(0, 1)
        below = (error @ self.parameters[2].permute(1, 2, 0)).transpose(0, 1) * kept * (hidden > 0)
        return [
            (x.T @ below.flatten(1)).unflatten(1, below.shape[1:]),
            below.sum(0, keepdim=True),
            above,
            error.sum(1)[None],
        ]

    def adamw(self, gradients: "Sequence[torch.Tensor]", remaining: float, step: int) -> None:
        """One step, at the rates that the remaining share of the training leaves."""
        rate = self.rate[:, None] * remaining
        shrunk, towards = 1 - rate * self.decay[:, None], -rate / (1 - _BETAS[0] ** step)
        for parameter, gradient, first, second in zip(self.parameters, gradients, self.first, self.second, strict=True):
            first.lerp_(gradient, 1 - _BETAS[0])
            second.mul_(_BETAS[1]).addcmul_(gradient, gradient, value=1 - _BETAS[1])
            corrected = (second / (1 - _BETAS[1] ** step)).sqrt_().add_(_EPSILON)
            parameter.mul_(shrunk).addcdiv_(towards * first, corrected)

    def better_half(self, x: "torch.Tensor", targets: "torch.Tensor") -> "Population":
        """The half with the less log loss on these rows, the larger one of an odd number, in their order."""
        import torch
        from torch.nn.functional import cross_entropy

        losses = torch.stack([cross_entropy(each, targets) for each in self.outputs(self.hidden(x))])
        kept = losses.argsort(stable=True)[: (len(losses) + 1) // 2].sort().values
        return Population(
            self.members[kept],
            self.rate[kept],
            self.decay[kept],
            self.dropout[kept],
            [each[:, kept] for each in self.parameters],
            [each[:, kept] for each in self.first],
            [each[:, kept] for each in self.second],
        )

    def heads(self, is_fitted: bool) -> dict[int, tuple[Fitted, bool]]:
        """Each member by its number as a head as it is now, and whether that is the end of it."""
        names = ("hidden.weight", "hidden.bias", "weight", "bias")
        found: dict[int, tuple[Fitted, bool]] = {}
        for place, number in enumerate(self.members.tolist()):
            tensors = [each[:, place].clone() for each in self.parameters]
            head = {
                name: (each.T if name.endswith("weight") else each[0]).contiguous().numpy()
                for name, each in zip(names, tensors, strict=True)
            }
            found[number] = (head, is_fitted)
        return found


def _start(settings: Sequence[Setting], width: int, labels: int, generator: "torch.Generator") -> Population:
    """Every member with the same weights, as torch.nn.Linear draws them."""
    import torch

    parameters = []
    for inputs, outputs in ((width, _HIDDEN), (_HIDDEN, labels)):
        reach = inputs**-0.5
        for rows in (inputs, 1):
            drawn = torch.rand(rows, 1, outputs, generator=generator) * 2 * reach - reach
            parameters.append(drawn.repeat(1, len(settings), 1))
    rate, decay, dropout = (torch.tensor([setting[name] for setting in settings]) for name in _GRID)
    return Population(
        torch.arange(len(settings)),
        rate,
        decay,
        dropout,
        parameters,
        [torch.zeros_like(each) for each in parameters],
        [torch.zeros_like(each) for each in parameters],
    )
