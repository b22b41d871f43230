"""The precision of matrix products: the lower one where the machine has instructions for it."""

import contextlib
from collections.abc import Mapping
from typing import Any, Literal

import torch

Precision = Literal["fp32", "bf16", "fp16"]


def native(device: torch.device) -> Precision:
    """bf16 where the device computes in it by itself, else single precision.

    On CPUs with AVX512-BF16 or AMX an encoder is 2.7 times as fast in bf16; on others it is emulated, and slower.
    """
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    can: Mapping[str, object] = getattr(torch.cpu, "get_capabilities", dict)()  # older torch does not tell
    return "bf16" if can.get("avx512_bf16") or can.get("amx_bf16") else "fp32"


def computing(precision: Precision, device: torch.device) -> contextlib.AbstractContextManager[Any]:
    """Within the block, what may be computed in the precision is; weights stay as they are."""
    if precision == "fp32":
        return contextlib.nullcontext()
    return torch.autocast(device.type, torch.float16 if precision == "fp16" else torch.bfloat16)


def inferring(device: torch.device) -> contextlib.AbstractContextManager[Any]:
    """Within the block, a network without gradients computes in the precision that the device is quick in.

    GPUs without bf16 take fp16: without gradients nothing in it vanishes.
    """
    quick = native(device)
    return computing("fp16" if device.type == "cuda" and quick == "fp32" else quick, device)
