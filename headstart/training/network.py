"""Encoder and head as one network, from token ids to outputs."""

import math

import torch
from torch import nn

from headstart.encoder import Encoder
from headstart.heads.fitted import Fitted


class HeadModule(nn.Module):
    """A fitted head as torch modules; it computes what :func:`headstart.heads.fitted.outputs` does.

    The linear layers train. What a Bayesian head knows of its variance, and all of nearest neighbours, are buffers.
    """

    def __init__(self, fitted: Fitted) -> None:
        super().__init__()
        self.top = _layer(fitted, "")
        self.hidden = _layer(fitted, "hidden.")
        trained = self._trained()
        self._buffer_names = {name: name.replace(".", "_") for name in fitted if name not in trained}
        for name, attribute in self._buffer_names.items():
            self.register_buffer(attribute, torch.from_numpy(fitted[name].copy()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Outputs (rows, labels) for unit-length features (rows, width)."""
        if self.top is None:
            return self._votes(x)
        sureness = self._sureness(x)
        if self.hidden is not None:
            x = self.hidden(x).relu()
        outputs: torch.Tensor = self.top(x) * sureness
        return outputs

    def fitted(self) -> Fitted:
        """The present weights as a fitted head."""
        named = self._trained() | {name: self.get_buffer(each) for name, each in self._buffer_names.items()}
        return {name: tensor.detach().float().cpu().numpy().copy() for name, tensor in named.items()}

    def _sureness(self, x: torch.Tensor) -> torch.Tensor | float:
        if "variance.factor" not in self._buffer_names:
            return 1.0
        factor = self.get_buffer("variance_factor")
        variance = (x @ factor[:, :-1].T + factor[:, -1]).square().sum(dim=1, keepdim=True)
        return (1 + math.pi / 8 * variance).rsqrt()

    def _votes(self, x: torch.Tensor) -> torch.Tensor:
        likeness = x @ self.get_buffer("neighbours").T
        last = likeness.topk(int(self.get_buffer("nearest")), dim=1).values[:, -1:]
        weights = likeness.masked_fill(likeness < last, -math.inf).softmax(dim=1)
        return (weights @ self.get_buffer("votes")).log() * self.get_buffer("scale")

    def _trained(self) -> dict[str, torch.Tensor]:
        layers = {"": self.top, "hidden.": self.hidden}
        return {
            prefix + name: tensor
            for prefix, layer in layers.items()
            if layer is not None
            for name, tensor in layer.named_parameters()
        }


def _layer(fitted: Fitted, prefix: str) -> nn.Linear | None:
    """The linear layer whose tensors have a prefix, if the head has one."""
    if f"{prefix}weight" not in fitted:
        return None
    outputs, inputs = fitted[f"{prefix}weight"].shape
    layer = nn.Linear(inputs, outputs)
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            parameter.copy_(torch.from_numpy(fitted[prefix + name]))
    return layer


class Network(nn.Module):
    """What is tuned and what is served: encoder, scaling to unit length, head."""

    def __init__(self, encoder: Encoder, head: HeadModule) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = head

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Outputs (rows, labels) for token ids and mask (rows, tokens)."""
        outputs: torch.Tensor = self.head(self.features(tokens, mask))
        return outputs

    def features(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """What the head is given: vectors (rows, width) of unit length."""
        return nn.functional.normalize(self.encoder(tokens, mask), dim=1)
