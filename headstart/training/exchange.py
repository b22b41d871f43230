"""Gradients and flags between workers. Alone, a worker exchanges nothing."""

from collections.abc import Iterable, Sequence

import torch
import torch.distributed

from headstart.compute import Peers

_LARGE = 2**14  # numbers in a tensor that is sent by itself: others go together, for a message costs some time


def add_up(tensors: Iterable[torch.Tensor], peers: Peers) -> None:
    """Replace each tensor by its sum over the workers, who all bring tensors of these shapes.

    Large ones are summed where they are, all at once: copying them into one message and out of it again took a worker
    of one thread 20 ms a step of all-MiniLM-L6-v2, a seventh of the backward pass.
    """
    if peers.world == 1:
        return
    small: list[torch.Tensor] = []
    sent = []
    for tensor in tensors:
        if tensor.numel() < _LARGE or not tensor.is_contiguous():
            small.append(tensor)
        else:
            sent.append(torch.distributed.all_reduce(tensor, async_op=True))
    if small:
        _send(small)
    for each in sent:
        each.wait()


def add_up_rows(table: torch.Tensor, peers: Peers) -> None:
    """The same for a tensor (rows, any) most of whose rows are zero on every worker; the others alone are sent.

    The gradient of embeddings is such: in a small model they are half of all weights, and a batch touches few.
    """
    if peers.world == 1:
        return
    touched = table.ne(0).any(dim=1).to(torch.uint8)
    torch.distributed.all_reduce(touched, torch.distributed.ReduceOp.MAX)
    rows = touched.nonzero()[:, 0]
    part = table[rows]
    torch.distributed.all_reduce(part)
    table[rows] = part


def given_by(owner: int, mine: torch.Tensor, shape: Sequence[int], peers: Peers, place: torch.device) -> torch.Tensor:
    """The tensor of this shape (float32) that one of the workers has; ``mine`` is read where this worker is the one."""
    if peers.world == 1:
        return mine
    tensor = mine if owner == peers.rank else torch.empty(*shape, device=place)
    torch.distributed.broadcast(tensor, owner)
    return tensor


def _send(tensors: Sequence[torch.Tensor]) -> None:
    flat = torch.cat([each.reshape(-1) for each in tensors])
    torch.distributed.all_reduce(flat)
    for tensor, part in zip(tensors, flat.split([each.numel() for each in tensors]), strict=True):
        tensor.copy_(part.view_as(tensor))


def any_of(flags: Sequence[bool], peers: Peers, place: torch.device) -> list[bool]:
    """Each flag, set where some worker set it."""
    if peers.world == 1:
        return list(flags)
    shared = torch.tensor(flags, dtype=torch.uint8, device=place)
    torch.distributed.all_reduce(shared, torch.distributed.ReduceOp.MAX)
    return [bool(each) for each in shared.tolist()]


def rounds(mine: int, together: bool, peers: Peers, place: torch.device) -> int:
    """How often a worker computes that has so much to do: where all go ``together``, as often as any of them."""
    return int(greatest([mine], peers, place)[0]) if together else mine


def wait(peers: Peers) -> None:
    """Wait until every worker has come this far."""
    if peers.world > 1:
        torch.distributed.barrier()


def greatest(numbers: Sequence[float], peers: Peers, place: torch.device) -> list[float]:
    """Each number, of the worker where it is greatest."""
    if peers.world == 1:
        return list(numbers)
    shared = torch.tensor(numbers, dtype=torch.float64, device=place)
    torch.distributed.all_reduce(shared, torch.distributed.ReduceOp.MAX)
    return [float(each) for each in shared.tolist()]


def total(tensor: torch.Tensor, peers: Peers) -> torch.Tensor:
    """The tensor, summed in place over the workers."""
    if peers.world > 1:
        torch.distributed.all_reduce(tensor)
    return tensor
