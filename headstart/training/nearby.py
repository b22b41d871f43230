"""Sums over workers of one machine, through memory that they share.

A message between two processes of a machine is copied into the kernel and out of it again, on the cores that compute.
"""

import mmap
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.distributed

from headstart.compute import Peers
from headstart.training import exchange, memory


class Sums:
    """Replaces tensors by their sums over the workers.

    Through memory where all workers are processes of one machine that train on its CPU and leave some free, else by
    messages. Either way every worker has the same sums to the bit; between more than two workers the ways differ by
    rounding. ``shares_memory`` says which way it is.

    Args:
        peers: All workers make this at the same time.
        place: Where the tensors are.
    """

    def __init__(self, peers: Peers, place: torch.device) -> None:
        self._peers = peers
        self.shares_memory = peers.world > 1 and place.type == "cpu" and _are_near(peers, place)
        self._memory = torch.empty(peers.world, 0)  # what each worker brings

    def add_up(self, tensors: Sequence[torch.Tensor], table: torch.Tensor | None = None) -> None:
        """Replace each tensor (float32) by its sum over the workers, who all bring tensors of these shapes.

        Args:
            tensors: Of any shapes.
            table: One more (rows, any), most of whose rows are zero: in messages, they are left out.
        """
        brought = [*tensors, *([] if table is None else [table])]
        if self.shares_memory and self._has_room(sum(each.numel() for each in brought)):
            self._add_in_memory(brought)
            return
        exchange.add_up(tensors, self._peers)
        if table is not None:
            exchange.add_up_rows(table, self._peers)

    def _has_room(self, size: int) -> bool:
        """Whether the memory holds so many numbers of each worker, now; where it cannot, messages take its place."""
        if size > self._memory.shape[1]:
            found = _shared(size, self._peers)
            self.shares_memory = found is not None
            if found is not None:
                self._memory = found
        return self.shares_memory

    def _add_in_memory(self, brought: Sequence[torch.Tensor]) -> None:
        """Sum each tensor up on one worker, to whom the others bring theirs, and who hands out the sum."""
        rank, world = self._peers.rank, self._peers.world
        sizes = np.array([each.numel() for each in brought])
        owners = ((sizes.cumsum() - sizes / 2) * world / sizes.sum()).astype(int)  # all have about as much to sum up
        mine, others = np.flatnonzero(owners == rank).tolist(), np.flatnonzero(owners != rank).tolist()
        parts = [row.split(sizes.tolist()) for row in self._memory[:, : sizes.sum()]]

        def room(worker: int, number: int) -> torch.Tensor:
            found: torch.Tensor = parts[worker][number].view_as(brought[number])
            return found

        for number in others:
            room(rank, number).copy_(brought[number])
        exchange.wait(self._peers)
        for number in mine:
            for other in range(world):
                if other != rank:
                    brought[number].add_(room(other, number))
            room(rank, number).copy_(brought[number])
        exchange.wait(self._peers)
        for number in others:
            brought[number].copy_(room(int(owners[number]), number))
        exchange.wait(self._peers)


def _are_near(peers: Peers, place: torch.device) -> bool:
    """Whether all workers are processes of one machine that may open what the first one has opened."""
    known: list[tuple[str | None, int]] = [(None, 0)] * peers.world
    torch.distributed.all_gather_object(known, (_machine(), os.getpid()))
    machines = {machine for machine, _ in known}
    is_apart = None in machines or len(machines) > 1 or not _may_look_into(known[0][1])
    return not exchange.any_of([is_apart], peers, place)[0]


def _machine() -> str | None:
    """What processes of one user have in common that know each other by number; None where that is not known."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()} {os.getuid()}"
    except OSError:
        return None


def _may_look_into(process: int) -> bool:
    try:
        Path(f"/proc/{process}/exe").readlink()
    except OSError:
        return False
    return True


def _shared(size: int, peers: Peers) -> torch.Tensor | None:
    """Memory of shape (workers, size), float32, that ends with the last process that maps it; None if it is short."""
    length = peers.world * size * torch.float32.itemsize
    opened, path = -1, [""]
    if peers.rank == 0 and memory.has_room(length):
        opened = os.memfd_create("headstart")
        os.ftruncate(opened, length)
        path = [f"/proc/{os.getpid()}/fd/{opened}"]
    torch.distributed.broadcast_object_list(path, src=0)
    if not path[0]:
        return None
    if peers.rank != 0:
        opened = os.open(path[0], os.O_RDWR)
    mapped = mmap.mmap(opened, length)
    exchange.wait(peers)  # until all have opened it
    os.close(opened)
    return torch.frombuffer(mapped, dtype=torch.float32).view(peers.world, size)
