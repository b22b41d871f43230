"""Sums over workers: the same to the bit on all of them, through shared memory and by messages."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.distributed
import torch.multiprocessing

from headstart.compute import Peers as Protocol
from headstart.training import exchange, memory, nearby
from headstart.training.nearby import Sums
from tests.support.training import Peers

pytestmark = pytest.mark.slow

SHAPES = [[(3, 5), (1,), (40, 500), (7,)], [(2,)], [(600, 100), (0, 4), (1,), (300, 300)]]  # the memory has to grow
TABLE = (50, 8)


def brought(rank: int, turn: int) -> tuple[list[torch.Tensor], torch.Tensor]:
    """What a worker brings: the first tensor is not contiguous, the table's rows are mostly zero."""
    generator = torch.Generator().manual_seed(10 * turn + rank)
    tensors = [torch.randn(*shape, generator=generator) for shape in SHAPES[turn]]
    if tensors[0].ndim > 1:
        tensors[0] = tensors[0].T
    table = torch.zeros(*TABLE)
    table[rank::17] = torch.randn(table[rank::17].shape, generator=generator)
    return tensors, table


def worker(rank: int, world: int, folder: Path, elsewhere: dict[int, str | None], share: float) -> None:
    torch.set_num_threads(1)
    memory.SHARE = share
    torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/rendezvous", rank=rank, world_size=world)
    if rank in elsewhere:
        nearby._machine = lambda: elsewhere[rank]
    messages = exchange.add_up
    sent = []

    def add_up(tensors: list[torch.Tensor], peers: Protocol) -> None:
        sent.append(True)
        messages(tensors, peers)

    exchange.add_up = add_up  # type: ignore[assignment]
    sums = Sums(Peers(rank, world), torch.device("cpu"))
    found = []
    for turn in range(len(SHAPES)):
        tensors, table = brought(rank, turn)
        sums.add_up(tensors, table)
        found += [*tensors, table]
    torch.save({"found": found, "sent": len(sent)}, folder / f"{rank}.pt")
    torch.distributed.destroy_process_group()


@pytest.mark.parametrize(
    ("world", "elsewhere", "share"),
    [(2, {}, 0.25), (3, {}, 0.25), (3, {1: "another machine"}, 0.25), (2, {0: None, 1: None}, 0.25), (2, {}, 0.0)],
    ids=str,
)
def test_every_worker_has_the_same_sums_in_shared_memory_and_by_messages_where_one_is_elsewhere(
    tmp_path: Path, world: int, elsewhere: dict[int, str | None], share: float
) -> None:
    torch.multiprocessing.spawn(worker, (world, tmp_path, elsewhere, share), nprocs=world)
    results = [torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in range(world)]
    assert [each["sent"] for each in results] == [len(SHAPES) if elsewhere or not share else 0] * world
    wanted = []
    for turn in range(len(SHAPES)):
        all_brought = [brought(rank, turn) for rank in range(world)]
        wanted += [sum(each) for each in zip(*([*tensors, table] for tensors, table in all_brought), strict=True)]
    for result in results:
        for tensor, first, sum_of_all in zip(result["found"], results[0]["found"], wanted, strict=True):
            np.testing.assert_array_equal(tensor, first)
            np.testing.assert_allclose(tensor, sum_of_all, rtol=1e-5, atol=1e-6)
