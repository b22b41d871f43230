"""Where in the network a parameter is, and the optimiser's groups that follow from a strategy."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch import nn

from headstart.encoder import Encoder
from headstart.errors import SpecError
from headstart.training.network import Network
from headstart.training.strategy import Strategy

DECAY = 0.01


@dataclass(frozen=True)
class Group:
    """Parameters of one rate. They train from epoch ``opens`` on, counted from 0."""

    parameters: tuple[nn.Parameter, ...]
    rate: float
    decay: float
    opens: int

    def options(self) -> dict[str, Any]:
        """The group as torch's optimisers take it."""
        return {"params": list(self.parameters), "lr": self.rate, "weight_decay": self.decay}


def depths(encoder: Encoder) -> dict[str, int]:
    """The block of each parameter of the encoder's body, by name.

    0 is what is below the blocks, 1 the lowest block. What is above the blocks counts as part of the highest.

    Raises:
        SpecError: The blocks cannot be told apart.
    """
    blocks = encoder.blocks
    if blocks is None:
        problem = "the blocks of the backbone are not one list of modules."
        remedy = "Set tune.strategy to one that treats all blocks alike, such as lp-ft."
        raise SpecError("tune/no-blocks", problem, remedy=remedy, where="tune.strategy")
    block_of = {id(each): index for index, block in enumerate(blocks, start=1) for each in block.parameters()}
    found: dict[str, int] = {}
    passed = 0
    for name, parameter in encoder.body.named_parameters():
        passed = max(passed, block_of.get(id(parameter), 0))
        found[name] = block_of.get(id(parameter), len(blocks) if passed == len(blocks) else 0)
    return found


def groups(network: Network, strategy: Strategy) -> list[Group]:
    """What trains, by rate and decay; biases and norms (vectors) and the head do not decay.

    All else is frozen. What is inside of blocks has groups of its own: it may be divided over the workers.
    """
    for parameter in network.encoder.parameters():
        parameter.requires_grad_(parameter.requires_grad and strategy.adapter is not None)
    inside = {id(each) for block in network.encoder.blocks or () for each in block.parameters()}
    by_kind: dict[tuple[float, float, int, bool], list[nn.Parameter]] = {}
    for parameter, rate, opens in _trained(network.encoder, strategy):
        parameter.requires_grad_(True)
        decay = DECAY if parameter.ndim > 1 else 0.0
        by_kind.setdefault((rate, decay, opens, id(parameter) in inside), []).append(parameter)
    by_kind.setdefault((strategy.head_rate, 0.0, 0, False), []).extend(network.head.parameters())
    return [Group(tuple(each), rate, decay, opens) for (rate, decay, opens, _), each in by_kind.items()]


def _trained(encoder: Encoder, strategy: Strategy) -> Iterator[tuple[nn.Parameter, float, int]]:
    """The parameters of the backbone that train, the rate of each, and from which epoch on."""
    if strategy.adapter:
        yield from ((each, strategy.rate, 0) for each in encoder.parameters() if each.requires_grad)
        return
    depth_of = depths(encoder) if strategy.tells_blocks_apart else {}
    top = max(encoder.layers)  # blocks above it idle, where the body could not be cut
    lowest = 0 if strategy.layers is None else max(1, top - strategy.layers + 1)
    for name, parameter in encoder.body.named_parameters():
        depth = min(top, depth_of.get(name, top))
        if depth >= lowest and (name.endswith("bias") or not strategy.biases):
            yield parameter, strategy.rate * strategy.falloff ** (top - depth), (top - depth) * strategy.gradual


def frozen_below(network: Network) -> int:
    """How many blocks, from the lowest, are frozen, with all below them, and give nothing but the next one's input."""
    blocks = network.encoder.blocks
    if blocks is None:
        return 0
    depth_of = depths(network.encoder)
    trained = [depth_of[name] for name, each in network.encoder.body.named_parameters() if each.requires_grad]
    lowest = min(trained, default=len(blocks) + 1)
    return max(0, min(lowest - 1, *network.encoder.layers))


def frozen(network: Network, strategy: Strategy) -> list[nn.Module]:
    """The modules below the blocks that train; they compute without dropout."""
    blocks = network.encoder.blocks
    below = 0 if blocks is None or strategy.layers is None else frozen_below(network)
    if blocks is None or below == 0:
        return []
    inside = {module for block in blocks for module in block.modules()}
    outside = [
        module
        for module in network.encoder.body.modules()
        if module not in inside and next(module.parameters(), None) is not None
    ]
    still = [module for module in outside if not any(each.requires_grad for each in module.parameters())]
    return [*still, *blocks[:below]]
