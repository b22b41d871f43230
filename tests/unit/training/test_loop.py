"""The loop: two workers compute what one does, a resumed training ends where an undisturbed one does."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.distributed
import torch.multiprocessing

from headstart.encoder import Encoder, Tokenizer
from headstart.evaluation import metrics
from headstart.tasks import get_task
from headstart.training import checkpoint, loop
from headstart.training.history import is_exhausted
from headstart.training.network import HeadModule, Network
from headstart.training.strategy import FULL, LP_FT, Strategy
from headstart.training.strategy import start as start_of
from tests.support import tiny

LABELS = sorted(tiny.WORDS)
TASK = get_task("text-classification")


class Peers:
    """Workers of a test: gloo between them, checkpoints in a folder."""

    def __init__(self, rank: int = 0, world: int = 1, folder: Path | None = None, die_after: int | None = None) -> None:
        self.rank, self.world = rank, world
        self._folder, self._die_after = folder, die_after
        self.reports: list[Mapping[str, Any]] = []

    def wrap(self, network: Any) -> Any:
        return torch.nn.parallel.DistributedDataParallel(network) if self.world > 1 else network

    @contextlib.contextmanager
    def resume(self) -> Iterator[Path | None]:
        yield self._folder if self._folder and (self._folder / "progress.json").exists() else None

    def progress(self, done: float, total: float, note: str) -> None:
        pass

    def report(self, metrics: Mapping[str, Any], checkpoint: Path | None = None) -> None:
        self.reports.append(metrics)
        if self._folder and checkpoint:
            for file in checkpoint.iterdir():
                (self._folder / file.name).write_bytes(file.read_bytes())
        if self._die_after == len(self.reports):
            raise KeyboardInterrupt


def fitted(
    backbone: Path, peers: Peers, epochs: int = 3, rows: int = 61, strategy: Strategy = FULL, dropout: bool = True
) -> tuple[Network, loop.State]:
    encoder = Encoder(backbone, "mean")
    if not dropout:
        for module in encoder.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
    start = start_of({"weight": np.zeros((3, 32), np.float32), "bias": np.zeros(3, np.float32)}, FULL, seed=0)
    network = Network(encoder, HeadModule(start))
    tokenizer = Tokenizer(backbone, 64)
    texts = tiny.texts(rows + 20)
    examples = loop.Examples(tokenizer([text for text, _ in texts]), TASK.encode([label for _, label in texts], LABELS))
    train = loop.Examples(examples.tokens[:rows], examples.targets[:rows])
    judged = loop.Examples(examples.tokens[rows:], examples.targets[rows:])
    settings = loop.Settings(strategy, "accuracy", 3, epochs, bf16=False, seed=0)
    return network, loop.fit(network, TASK, train, judged, settings, peers)


def worker(rank: int, world: int, rendezvous: str, backbone: Path, out: Path) -> None:
    torch.set_num_threads(1)
    torch.distributed.init_process_group("gloo", init_method=f"file://{rendezvous}", rank=rank, world_size=world)
    network, state = fitted(backbone, Peers(rank, world), dropout=False)
    if rank == 0:
        torch.save({"weights": network.state_dict(), "losses": [epoch.train_loss for epoch in state.history]}, out)
    torch.distributed.destroy_process_group()


def test_two_workers_end_in_the_weights_that_one_worker_ends_in(tiny_backbone: Path, tmp_path: Path) -> None:
    # 61 rows in batches of 32 and 29: the last batch is uneven over the workers, so averages of averages would be wrong.
    torch.multiprocessing.spawn(worker, (2, str(tmp_path / "rendezvous"), tiny_backbone, tmp_path / "two.pt"), nprocs=2)
    two = torch.load(tmp_path / "two.pt", weights_only=True)
    network, state = fitted(tiny_backbone, Peers(), dropout=False)
    np.testing.assert_allclose(two["losses"], [epoch.train_loss for epoch in state.history], rtol=1e-4)
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(tensor, two["weights"][name], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("die_after", [1, 2])
def test_a_training_that_was_killed_and_resumed_ends_in_bit_identical_weights(
    tiny_backbone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, die_after: int
) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0.0)
    undisturbed, whole = fitted(tiny_backbone, Peers(), epochs=4)
    with pytest.raises(KeyboardInterrupt):
        fitted(tiny_backbone, Peers(folder=tmp_path, die_after=die_after), epochs=4)
    rest = Peers(folder=tmp_path)
    resumed, state = fitted(tiny_backbone, rest, epochs=4)
    assert len(rest.reports) == len(whole.history) - die_after
    assert state.history == whole.history
    for name, tensor in undisturbed.state_dict().items():
        assert torch.equal(tensor, resumed.state_dict()[name]), name


def test_training_learns_and_ends_with_the_weights_of_the_kept_epoch(tiny_backbone: Path) -> None:
    learning = Strategy("full", "", "fresh", 3e-3, 3e-3)
    network, state = fitted(tiny_backbone, Peers(), epochs=12, rows=100, strategy=learning)
    assert state.history[-1].train_loss < state.history[0].train_loss * 0.7
    texts = tiny.texts(120)[100:]
    tokens = Tokenizer(tiny_backbone, 64)([text for text, _ in texts])
    settings = loop.Settings(learning, "accuracy", 3, 1, bf16=False, seed=0)
    outputs = loop.outputs(network, tokens, settings, Peers())
    targets = TASK.encode([label for _, label in texts], LABELS)
    kept = state.history[state.kept_epoch - 1]
    assert metrics.score("accuracy", targets, outputs.argmax(axis=1), 3) == kept.score


def test_training_stops_when_the_validation_rows_gain_nothing_more(tiny_backbone: Path) -> None:
    frozen_in_effect = Strategy("lp-ft", "", "searched", 1e-12, 1e-12)
    _, state = fitted(tiny_backbone, Peers(), epochs=50, strategy=frozen_in_effect)
    assert len(state.history) < 50
    assert is_exhausted(state.history)


def test_bf16_autocast_trains_too(tiny_backbone: Path) -> None:
    encoder = Encoder(tiny_backbone, "mean")
    network = Network(
        encoder,
        HeadModule(start_of({"weight": np.zeros((3, 32), np.float32), "bias": np.zeros(3, np.float32)}, FULL, 0)),
    )
    texts = tiny.texts(40)
    examples = loop.Examples(
        Tokenizer(tiny_backbone, 64)([text for text, _ in texts]), TASK.encode([label for _, label in texts], LABELS)
    )
    state = loop.fit(
        network, TASK, examples, examples, loop.Settings(LP_FT, "accuracy", 3, 1, bf16=True, seed=0), Peers()
    )
    assert np.isfinite(state.history[0].train_loss)


def test_a_checkpoint_gives_back_weights_optimiser_and_progress(tiny_backbone: Path, tmp_path: Path) -> None:
    network = Network(
        Encoder(tiny_backbone, "mean"),
        HeadModule({"weight": np.ones((3, 32), np.float32), "bias": np.zeros(3, np.float32)}),
    )
    optimizer = torch.optim.AdamW(FULL.groups(network, 0.01))
    network(torch.tensor([[2, 5, 3]]), torch.ones(1, 3, dtype=torch.long)).sum().backward()
    optimizer.step()
    checkpoint.save(tmp_path, network, optimizer, network.state_dict(), {"kept_epoch": 1})
    assert not list(tmp_path.glob("*.pt")), "nothing is pickled"
    other = Network(
        Encoder(tiny_backbone, "mean"),
        HeadModule({"weight": np.zeros((3, 32), np.float32), "bias": np.zeros(3, np.float32)}),
    )
    other_optimizer = torch.optim.AdamW(FULL.groups(other, 0.01))
    kept, progress = checkpoint.load(tmp_path, other, other_optimizer)
    assert progress == {"kept_epoch": 1}
    for mine, theirs in zip(network.state_dict().values(), other.state_dict().values(), strict=True):
        assert torch.equal(mine, theirs)
    mine, theirs = optimizer.state_dict()["state"], other_optimizer.state_dict()["state"]
    assert mine.keys() == theirs.keys()
    assert all(torch.equal(mine[index][name], theirs[index][name]) for index in mine for name in mine[index])
    assert kept.keys() == network.state_dict().keys()
