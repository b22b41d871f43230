"""Small trainings: a network, rows for it, and workers that keep checkpoints in a folder."""

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from headstart.compute import Alone
from headstart.encoder import Encoder, Tokenizer
from headstart.spec import TuneSpec
from headstart.tasks import get_task
from headstart.training import adapters, loop, sharding
from headstart.training.network import HeadModule, Network
from headstart.training.strategy import STRATEGIES, Strategy
from headstart.training.strategy import start as start_of
from tests.support import tiny

LABELS = sorted(tiny.WORDS)
TASK = get_task("text-classification")
FRESH = {"weight": np.zeros((3, 32), np.float32), "bias": np.zeros(3, np.float32)}


class Killed(BaseException):
    """What ends a training of a test in the midst of it."""


class Peers(Alone):
    """Workers of a test: gloo between them, checkpoints in a folder, and an end after so many steps."""

    def __init__(self, rank: int = 0, world: int = 1, folder: Path | None = None, die_at: float | None = None) -> None:
        super().__init__()
        self.rank, self.world, self.keeps = rank, world, folder is not None
        self._folder, self._die_at = folder, die_at
        self.reports: list[Mapping[str, Any]] = []
        self.notes: list[str] = []

    @contextlib.contextmanager
    def resume(self) -> Iterator[Path | None]:
        yield self._folder if self._folder and (self._folder / "progress.json").exists() else None

    def progress(self, done: float, total: float, note: str) -> None:
        self.notes.append(note)
        if self._die_at is not None and done >= self._die_at:
            raise Killed

    def report(self, metrics: Mapping[str, Any], checkpoint: Path | None = None) -> None:
        self.reports.append(metrics)
        if self._folder and checkpoint:
            for file in checkpoint.iterdir():
                shutil.move(file, self._folder / file.name)


def network(backbone: Path, strategy: Strategy, dropout: bool = True) -> Network:
    """A network that the strategy starts from."""
    encoder = Encoder(backbone, "mean")
    for module in encoder.modules():
        if isinstance(module, torch.nn.Dropout) and not dropout:
            module.p = 0.0
    if strategy.adapter:
        torch.manual_seed(0)
        adapters.add(encoder, strategy.adapter)
    return Network(encoder, HeadModule(start_of(FRESH, STRATEGIES["full"], seed=0)))


def examples(backbone: Path, rows: int, judged: int = 20) -> tuple[loop.Examples, loop.Examples]:
    """Rows to train on, and others to judge by."""
    texts = tiny.texts(rows + judged)
    tokens = Tokenizer(backbone, 64)([text for text, _ in texts])
    targets = TASK.encode([label for _, label in texts], LABELS)
    ids = [f"row-{number}" for number in range(len(texts))]
    return (
        loop.Examples(tokens[:rows], targets[:rows], ids[:rows]),
        loop.Examples(tokens[rows:], targets[rows:], ids[rows:]),
    )


def fitted(
    backbone: Path,
    peers: Alone,
    strategy: Strategy = STRATEGIES["full"],
    rows: int = 61,
    judged: int = 20,
    dropout: bool = True,
    budget: float | None = None,
    shard: sharding.Wish = "never",
    **tune: Any,
) -> tuple[Network, loop.State]:
    """A network that was trained, in single precision unless ``tune`` says otherwise.

    With a budget some steps are tried first.
    """
    made = network(backbone, strategy, dropout)
    spec = TuneSpec(**{"epochs": 3, "precision": "fp32"} | tune)
    foretells = budget is not None
    limits: dict[str, Any] = {"pause": 0.0, "foretells": foretells, "budget": budget}
    settings = loop.Settings(strategy, "accuracy", 3, spec, seed=0, shard=shard, **limits)
    return made, loop.fit(made, TASK, *examples(backbone, rows, judged), settings, peers)
