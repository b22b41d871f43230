"""The precision that a training computes in."""

import contextlib
from typing import Any, Literal

import torch

from headstart.precision import Precision, computing, native


class Arithmetic:
    """Matrix products in a precision, on a device; weights and their updates stay in single precision."""

    def __init__(self, wanted: Literal["auto"] | Precision, device: torch.device) -> None:
        self.precision: Precision = native(device) if wanted == "auto" else wanted
        self._device = device
        # Gradients in fp16 vanish unless they are scaled up (Micikevicius et al. 2018).
        self.scaler = torch.amp.GradScaler(device.type, enabled=self.precision == "fp16")

    def autocast(self) -> contextlib.AbstractContextManager[Any]:
        """Within the block, what may be computed in the lower precision is."""
        return computing(self.precision, self._device)
