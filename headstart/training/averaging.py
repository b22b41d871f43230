"""Averages of weights over a training, which often do better than the last ones."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Literal

import torch
from torch import nn

Kind = Literal["none", "ema", "swa"]

DECAY = 0.999
"""Of an exponential average, once it is warm: it reaches some thousand steps back."""


class Average:
    """A running average of the floating-point weights and buffers of a network.

    - ``ema``: exponential, over the steps; early on it forgets faster: min(0.999, (1 + n) / (10 + n)) after n steps.
    - ``swa``: the plain mean of the weights at the ends of the epochs (Izmailov et al. 2018).
    - ``none``: the weights themselves.
    """

    def __init__(self, kind: Kind, network: nn.Module) -> None:
        self._kind: Kind = kind
        self._network = network
        self.count = 0
        self.weights: dict[str, torch.Tensor] = {}
        if kind != "none":
            self.weights = {name: tensor.detach().clone() for name, tensor in self._tensors()}

    def after_step(self) -> None:
        """Take a step's weights in, where steps count."""
        if self._kind == "ema":
            self._take(1 - min(DECAY, (1 + self.count) / (10 + self.count)))

    def after_epoch(self) -> None:
        """Take an epoch's weights in, where epochs count."""
        if self._kind == "swa":
            self._take(1 / (1 + self.count))

    def load(self, weights: Mapping[str, torch.Tensor], count: int) -> None:
        """Go on from an average of so many."""
        self.count = count
        for name, tensor in self.weights.items():
            tensor.copy_(weights[name])

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """Within the block the network has the averaged weights."""
        own = {name: tensor.detach().clone() for name, tensor in self._tensors()} if self.weights else {}
        self._set(self.weights)
        try:
            yield
        finally:
            self._set(own)

    @torch.no_grad()
    def _take(self, share: float) -> None:
        self.count += 1
        for name, tensor in self._tensors():
            self.weights[name].lerp_(tensor, share)

    @torch.no_grad()
    def _set(self, weights: Mapping[str, torch.Tensor]) -> None:
        for name, tensor in self._tensors() if weights else ():
            tensor.copy_(weights[name])

    def _tensors(self) -> Iterator[tuple[str, torch.Tensor]]:
        for name, tensor in self._network.state_dict().items():
            if tensor.is_floating_point():
                yield name, tensor
