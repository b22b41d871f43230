"""Weights divided over two workers: the same training, checkpoints that know nothing of it, and no whole copy."""

import contextlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.distributed
import torch.multiprocessing

from headstart.compute import Alone
from headstart.errors import SpecError
from headstart.training import loop, saver, sharding
from headstart.training.strategy import STRATEGIES
from tests.support.training import Killed, Peers, fitted, network

pytestmark = pytest.mark.slow

FULL = STRATEGIES["full"]
VARIANTS: list[dict[str, Any]] = [
    {"average": "ema", "budget": 1e6, "batch_rows": 8},
    {"strategy": replace(STRATEGIES["top-k"], layers=1)},
]


def join(rank: int, world: int, rendezvous: str) -> None:
    torch.set_num_threads(1)
    torch.distributed.init_process_group("gloo", init_method=f"file://{rendezvous}", rank=rank, world_size=world)


def sharded(rank: int, world: int, folder: Path, backbone: Path, how: dict[str, Any]) -> None:
    join(rank, world, f"{folder}/rendezvous")
    made, state = fitted(backbone, Peers(rank, world), dropout=False, shard="always", **how)
    held = sum(each.to_local().numel() for block in made.encoder.blocks or () for each in block.parameters())  # type: ignore[operator]
    weights = sharding.whole(made.state_dict(), keeps=rank == 0)
    if rank == 0:
        losses = [epoch.train_loss for epoch in state.history]
        torch.save({"weights": weights, "losses": losses, "held": held}, folder / "two.pt")
    torch.distributed.destroy_process_group()


@pytest.mark.parametrize("how", VARIANTS)
def test_two_workers_with_half_the_weights_each_end_where_one_with_all_ends(
    tiny_backbone: Path, tmp_path: Path, how: dict[str, Any]
) -> None:
    torch.multiprocessing.spawn(sharded, (2, tmp_path, tiny_backbone, how), nprocs=2)
    two = torch.load(tmp_path / "two.pt", weights_only=True)
    made, state = fitted(tiny_backbone, Peers(), dropout=False, **how)
    np.testing.assert_allclose(two["losses"], [epoch.train_loss for epoch in state.history], rtol=1e-4)
    for name, tensor in made.state_dict().items():
        torch.testing.assert_close(tensor, two["weights"][name], rtol=1e-3, atol=1e-5)
    everything = sum(each.numel() for block in made.encoder.blocks or () for each in block.parameters())
    assert two["held"] == everything / 2


def keep_every_step() -> Callable[..., None]:
    """Let checkpoints be taken at every step, and be written at once."""
    saver.SHARE, loop.CHECK_STEPS = 1e9, 1
    begin = saver.Saver.begin

    def at_once(self: saver.Saver, take: Any) -> None:
        begin(self, take)
        self.finish()

    return at_once


def killed(rank: int, world: int, folder: Path, backbone: Path) -> None:
    join(rank, world, f"{folder}/rendezvous")
    saver.Saver.begin = keep_every_step()  # type: ignore[method-assign]
    peers = Peers(rank, world, folder / "kept", die_at=1.6)
    with contextlib.suppress(Killed):
        fitted(backbone, peers, dropout=False, shard="always", batch_rows=8, average="ema")
    (folder / "steps").write_text(str(len(peers.notes)))
    os._exit(0)  # without a word to the other


def test_a_training_goes_on_with_divided_weights_and_again_with_whole_ones(
    tiny_backbone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    how = {"dropout": False, "batch_rows": 8, "average": "ema"}
    undisturbed, whole = fitted(tiny_backbone, Peers(), **how)
    monkeypatch.setattr(saver, "SHARE", saver.SHARE)
    monkeypatch.setattr(loop, "CHECK_STEPS", loop.CHECK_STEPS)
    monkeypatch.setattr(saver.Saver, "begin", keep_every_step())
    (tmp_path / "kept").mkdir()
    with pytest.raises(Killed):
        fitted(tiny_backbone, Peers(folder=tmp_path / "kept", die_at=0.7), **how)

    context = torch.multiprocessing.get_context("spawn")
    workers = [context.Process(target=killed, args=(rank, 2, tmp_path, tiny_backbone)) for rank in range(2)]
    for each in workers:
        each.start()
    workers[0].join()
    workers[1].kill()
    assert 6 < int((tmp_path / "steps").read_text()) < 12, "it began anew"

    rest = Peers(folder=tmp_path / "kept")
    resumed, state = fitted(tiny_backbone, rest, **how)
    assert len(rest.notes) < 16, "nothing of the divided weights was kept"
    assert len(state.history) == len(whole.history)
    for name, tensor in undisturbed.state_dict().items():
        torch.testing.assert_close(tensor, resumed.state_dict()[name], rtol=1e-3, atol=1e-5)


class Pair(Alone):
    world = 2


def test_what_cannot_be_divided_is_refused_where_it_is_wished_and_left_whole_otherwise(tiny_backbone: Path) -> None:
    made = network(tiny_backbone, FULL)
    with pytest.raises(SpecError) as caught:
        sharding.is_due(made, "always", goes=False, peers=Pair())
    assert caught.value.code == "tune/no-shards"
    assert not sharding.is_due(made, "auto", goes=False, peers=Pair())
    assert not sharding.is_due(made, "never", goes=True, peers=Pair())
    assert not sharding.is_due(made, "always", goes=True, peers=Alone()), "alone there is nobody to share with"
    assert sharding.is_due(made, "always", goes=True, peers=Pair())
