"""Low-rank and other adapters, by peft: added before the training, merged into the weights after it."""

from typing import Any

from torch import nn

from headstart.encoder import Encoder
from headstart.errors import SpecError
from headstart.training.strategy import Adapter

RANK = 8


def add(encoder: Encoder, kind: Adapter) -> None:
    """Put adapters into the encoder's body and freeze all else of it.

    LoRA and DoRA go into all linear layers of the blocks (Dettmers et al. 2023), IA3 where its authors put it.

    Raises:
        SpecError: peft knows no such place in this body.
    """
    from peft import inject_adapter_in_model

    try:
        inject_adapter_in_model(_config(encoder, kind), encoder.body)
    except ValueError as error:
        problem = f"{str(error).partition(chr(10))[0].rstrip('.')}."
        remedy = "Set tune.strategy to lora, or to one without adapters."
        raise SpecError("tune/no-adapter", problem, remedy=remedy, where="tune.strategy") from None


def _config(encoder: Encoder, kind: Adapter) -> Any:
    from peft import IA3Config, LoraConfig

    if kind == "ia3":
        return IA3Config()
    linear = [name for name, module in encoder.body.named_modules() if isinstance(module, nn.Linear)]
    return LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules=linear, use_dora=kind == "dora")


def merge(encoder: Encoder) -> None:
    """Fold the adapters into the weights, and leave the body as it was built."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    adapted = {name: each for name, each in encoder.body.named_modules() if isinstance(each, BaseTunerLayer)}
    for name, layer in adapted.items():
        parent, _, last = name.rpartition(".")
        layer.merge(safe_merge=True)
        setattr(encoder.body.get_submodule(parent), last, layer.get_base_layer())
