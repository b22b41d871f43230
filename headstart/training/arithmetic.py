"""The precision that a training computes in."""

import contextlib
from collections.abc import Mapping
from typing import Any, Literal

import torch

Precision = Literal["fp32", "bf16", "fp16"]


class Arithmetic:
    """Matrix products in a precision, on a device; weights and their updates stay in single precision."""

    def __init__(self, wanted: Literal["auto"] | Precision, device: torch.device) -> None:
        self.precision: Precision = _native(device) if wanted == "auto" else wanted
        self._device = device
        # Gradients in fp16 vanish unless they are scaled up (Micikevicius et al. 2018).
        self.scaler = torch.amp.GradScaler(device.type, enabled=self.precision == "fp16")

    def autocast(self) -> contextlib.AbstractContextManager[Any]:
        """Within the block, what may be computed in the lower precision is."""
        if self.precision == "fp32":
            return contextlib.nullcontext()
        return torch.autocast(self._device.type, torch.float16 if self.precision == "fp16" else torch.bfloat16)


def _native(device: torch.device) -> Precision:
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    # Elsewhere on CPUs bf16 is emulated, and slower. Older torch does not tell.
    can: Mapping[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return "bf16" if can.get("avx512_bf16") or can.get("amx_bf16") else "fp32"
