"""Weights that are divided over the workers, for backbones larger than a GPU: torch's FSDP, block by block.

Each block is one unit: its weights are gathered when it computes and dropped again, its gradients summed to the worker
that has the part, and the optimiser's state is of the part alone. What is outside of blocks (embeddings, the head) is
whole on every worker, and its gradients are summed by :mod:`headstart.training.exchange`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import torch
import torch.distributed
from torch import nn
from torch.distributed.tensor import DTensor, distribute_tensor

from headstart.compute import Peers
from headstart.errors import SpecError
from headstart.training.network import Network

Wish = Literal["auto", "never", "always"]
SHARE = 0.5
"""Of a GPU's memory: ``auto`` divides weights where training them whole would take more, activations aside."""
_COPIES = 5  # weights, gradients, two moments of the optimiser, and the weights that are kept


def is_due(network: Network, wish: Wish, goes: bool, peers: Peers) -> bool:
    """Whether the weights are to be divided.

    Args:
        network: On whatever device.
        wish: What the spec says.
        goes: Whether the rest of the training goes with it.
        peers: Between one worker nothing is divided.

    Raises:
        SpecError: It is wished, and does not go.
    """
    if wish == "never" or peers.world == 1:
        return False
    if wish == "always":
        if not goes or network.encoder.blocks is None:
            problem = "weights of adapters, of fp16 and of backbones without a list of blocks are not divided."
            remedy = "Set compute.shard to never, or another tune.strategy and tune.precision."
            raise SpecError("tune/no-shards", problem, remedy=remedy, where="compute.shard")
        return True
    if not goes or network.encoder.blocks is None or _kind() != "cuda":
        return False
    size = _COPIES * sum(each.numel() * each.element_size() for each in network.parameters())
    return size > SHARE * torch.cuda.get_device_properties(torch.cuda.current_device()).total_memory


def shard(network: Network, peers: Peers) -> None:
    """Divide the blocks, each by itself, so that no device ever holds them all; every worker calls this."""
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    mesh = init_device_mesh(_kind(), (peers.world,))
    for block in network.encoder.blocks or ():
        unit = fully_shard(block, mesh=mesh, reshard_after_forward=True)
        # Losses are summed over the workers, not averaged; gloo can sum and nothing else.
        unit.set_gradient_divide_factor(1.0)
        unit.set_force_sum_reduction_for_comms(True)


def is_sharded(network: nn.Module) -> bool:
    """Whether a part of the weights is divided: then all workers compute equally often."""
    return any(isinstance(each, DTensor) for each in network.parameters())


def own(gradients: Iterable[torch.Tensor]) -> list[torch.Tensor]:
    """Those that nobody else has summed up yet."""
    return [each for each in gradients if not isinstance(each, DTensor)]


def clip(parameters: Sequence[nn.Parameter], most: float, peers: Peers) -> None:
    """Scale the gradients down to a Euclidean norm over all weights of all workers."""
    gradients = [each.grad for each in parameters if each.grad is not None]
    parts = [each.to_local() for each in gradients if isinstance(each, DTensor)]
    if not parts:
        nn.utils.clip_grad_norm_(parameters, most)
        return
    squares = torch.stack([part.float().square().sum() for part in parts]).sum()
    torch.distributed.all_reduce(squares)
    whole = own(gradients)
    squares = squares + torch.stack([each.float().square().sum() for each in whole]).sum()
    scale = (most / (squares.sqrt() + 1e-6)).clamp(max=1.0)
    for part in (*parts, *whole):
        part.mul_(scale)


def whole(tensors: Mapping[str, torch.Tensor], keeps: bool = True) -> dict[str, torch.Tensor]:
    """The tensors put together on the CPU, one after the other, for who ``keeps`` them; every worker calls this."""
    found: dict[str, torch.Tensor] = {}
    for name, tensor in tensors.items():
        full = tensor.full_tensor() if isinstance(tensor, DTensor) else tensor
        if keeps:
            found[name] = full.detach().to("cpu", copy=True).contiguous()
    return found


def parted(tensor: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """This worker's part of a whole tensor, divided as another of its shape is, or all of it."""
    if not isinstance(like, DTensor) or tensor.shape != like.shape:
        return tensor
    return distribute_tensor(tensor.to(like.device), like.device_mesh, like.placements)


def _kind() -> str:
    return "cuda" if "nccl" in str(torch.distributed.get_backend()) else "cpu"
