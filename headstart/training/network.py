"""Encoder and head as one network, from token ids to outputs."""

from collections.abc import Mapping

import torch
from torch import nn

from headstart.encoder import Encoder
from headstart.heads.fitted import Fitted


class HeadModule(nn.Module):
    """A fitted head as torch modules; it computes what :func:`headstart.heads.fitted.outputs` does."""

    def __init__(self, fitted: Fitted) -> None:
        super().__init__()
        labels, width = fitted["weight"].shape
        self.top = nn.Linear(width, labels)
        self.hidden = nn.Linear(*reversed(fitted["hidden.weight"].shape)) if "hidden.weight" in fitted else None
        with torch.no_grad():
            for name, parameter in self._by_name().items():
                parameter.copy_(torch.from_numpy(fitted[name]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Outputs (rows, labels) for unit-length features (rows, width)."""
        if self.hidden is not None:
            x = self.hidden(x).relu()
        outputs: torch.Tensor = self.top(x)
        return outputs

    def fitted(self) -> Fitted:
        """The present weights as a fitted head."""
        return {name: parameter.detach().float().cpu().numpy().copy() for name, parameter in self._by_name().items()}

    def _by_name(self) -> Mapping[str, torch.Tensor]:
        named = {"weight": self.top.weight, "bias": self.top.bias}
        if self.hidden is not None:
            named |= {"hidden.weight": self.hidden.weight, "hidden.bias": self.hidden.bias}
        return named


class Network(nn.Module):
    """What is tuned and what is served: encoder, scaling to unit length, head."""

    def __init__(self, encoder: Encoder, head: HeadModule) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = head

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Outputs (rows, labels) for token ids and mask (rows, tokens)."""
        outputs: torch.Tensor = self.head(nn.functional.normalize(self.encoder(tokens, mask), dim=1))
        return outputs
