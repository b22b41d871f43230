"""The fire drill: a training whose worker is killed, and then its driver, ends in the weights of an undisturbed one.

``python -m headstart.drill FOLDER`` is a driver that the drill can kill.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from headstart.compute import Peers, TrainJob, TrainWorker
from headstart.digest import sha256_file
from headstart.errors import ComputeError
from headstart.spec import ComputeSpec

Victim = Literal["nobody", "worker", "driver"]

_SEED = 0
_BACKBONE = "backbone"
_WORDS = 100
_ROWS = 96
_EPOCHS = 2
_STEPS_AFTER = 3  # steps between the first checkpoint and the kill
_END = 2000  # characters of a log that an error shows
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Outcome:
    """How a training of the drill went.

    ``steps`` counts those that there are, ``repeated`` those that were done again after the kill; ``weights`` is
    the sha256 of what it ended in, and ``seconds`` its time.
    """

    victim: Victim
    steps: int
    repeated: int
    weights: str
    seconds: float

    def agrees(self, other: "Outcome") -> bool:
        """Whether both did the same steps and ended in the same weights, to the bit."""
        return (self.steps, self.weights) == (other.steps, other.weights)


def drill(told: Callable[[Outcome], None]) -> list[Outcome]:
    """Train undisturbed, with a worker killed, and with the driver killed and started again; all on this machine.

    Args:
        told: Is given each outcome as soon as it is there.

    Raises:
        ComputeError: A training failed otherwise than by the kill.
    """
    outcomes = []
    for victim in ("nobody", "worker", "driver"):
        with tempfile.TemporaryDirectory(prefix="headstart-drill-") as name:
            started = time.monotonic()
            _train(Path(name), victim)
            outcomes.append(_outcome(Path(name), victim, time.monotonic() - started))
        told(outcomes[-1])
    return outcomes


def _train(folder: Path, victim: Victim) -> None:
    (folder / "victim").write_text(victim)
    command = [sys.executable, "-m", "headstart.drill", str(folder)]  # our own module, and a folder that we made
    said = folder / "said"  # Ray tells of every death at length, which is what a drill is made of
    with said.open("ab") as log:
        if victim == "driver":
            with subprocess.Popen(command, stdout=log, stderr=log) as driver:  # noqa: S603
                while not (folder / "due").exists() and driver.poll() is None:
                    time.sleep(_POLL_SECONDS)
                driver.send_signal(signal.SIGKILL)
        failed = subprocess.run(command, check=False, stdout=log, stderr=log).returncode != 0  # noqa: S603
    if failed:
        problem = f"the drill's training failed: {said.read_text(errors='replace')[-_END:].strip()}"
        remedy = "Mend what the end of its log says; headstart doctor tells what this machine lacks."
        raise ComputeError("compute/failed", problem, remedy=remedy, where="drill")


def _outcome(folder: Path, victim: Victim, seconds: float) -> Outcome:
    steps = Counter((folder / "steps").read_text().split())
    weights = sha256_file(folder / "weights.safetensors")
    return Outcome(victim, len(steps), steps.total() - len(steps), weights, seconds)


def main(folder: str, does: TrainWorker | None = None) -> None:
    """Drive the training of a folder to its end, or to the moment when it is killed.

    Args:
        folder: Where it leaves what it did.
        does: What each worker does; :func:`worker` where it is not given.
    """
    from headstart.adapters.ray_compute import RayCompute

    prepare(Path(folder))
    workers = min(2, os.cpu_count() or 1)
    compute = ComputeSpec(workers=workers, cpus_per_worker=1, max_failures=1)
    job = TrainJob(does or worker, {"folder": folder}, "drill", f"{folder}/ray", compute)
    with RayCompute() as ray:
        ray.train(job, lambda done, total, note: None)


def worker(config: Mapping[str, Any], peers: Peers) -> None:
    """Train a small network on rows drawn at random; rank 0 leaves its weights in the folder."""
    from safetensors.torch import save_file

    from headstart.spec import TuneSpec
    from headstart.tasks import get_task
    from headstart.training import loop
    from headstart.training.strategy import STRATEGIES

    folder = Path(config["folder"])
    network, rows = _drawn(folder)
    tune = TuneSpec(epochs=_EPOCHS, batch_rows=4, precision="fp32")
    settings = loop.Settings(STRATEGIES["full"], "accuracy", 2, tune, _SEED, pause=0.0)
    loop.fit(network, get_task("text-classification"), rows, rows, settings, _Mortal(peers, folder))
    if peers.rank == 0:
        save_file(network.state_dict(), folder / "weights.safetensors")


def prepare(folder: Path) -> None:
    """Leave a small backbone of random weights in the folder, if there is none yet.

    The driver does it: in a distributed process transformers saves on rank 0 alone.
    """
    import torch
    from transformers import BertConfig, BertModel
    from transformers.utils import logging

    if (folder / _BACKBONE).exists():
        return
    logging.disable_progress_bar()
    torch.manual_seed(_SEED)
    shape = BertConfig(
        vocab_size=_WORDS, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2
    )
    BertModel(shape).save_pretrained(folder / _BACKBONE)


def _drawn(folder: Path) -> tuple[Any, Any]:
    """The network, and rows drawn at random."""
    import numpy as np

    from headstart.encoder import Encoder
    from headstart.training import loop
    from headstart.training.network import HeadModule, Network

    generator = np.random.default_rng(_SEED)
    tokens = [generator.integers(5, _WORDS, generator.integers(4, 16)).tolist() for _ in range(_ROWS)]
    targets = generator.integers(0, 2, _ROWS)
    head = HeadModule({"weight": np.zeros((2, 32), np.float32), "bias": np.zeros(2, np.float32)})
    network = Network(Encoder(folder / _BACKBONE, "mean"), head)
    return network, loop.Examples(tokens, targets, [str(row) for row in range(_ROWS)])


class _Mortal:
    """Peers that write down each step, and die, once, some steps after the first checkpoint is stored."""

    keeps = True

    def __init__(self, peers: Peers, folder: Path) -> None:
        self._peers, self._folder = peers, folder
        self.rank, self.world = peers.rank, peers.world
        self._left: Iterator[int] = iter(())
        self._is_first = not (folder / "due").exists()

    def place(self, network: Any) -> Any:
        return self._peers.place(network)

    def resume(self) -> AbstractContextManager[Path | None]:
        return self._peers.resume()

    def tell(self, figures: Mapping[str, float]) -> None:
        self._peers.tell(figures)

    def is_leaving(self) -> bool:
        return self._peers.is_leaving()

    def settle(self) -> None:
        self._peers.settle()

    def report(self, metrics: Mapping[str, Any], checkpoint: Path | None = None) -> None:
        self._peers.report(metrics, checkpoint)
        if checkpoint is not None and self._is_first:
            self._peers.settle()
            self._left = iter(range(_STEPS_AFTER, 0, -1))
            self._is_first = False

    def progress(self, done: float, total: float, note: str) -> None:
        with (self._folder / "steps").open("a") as steps:
            steps.write(f"{done:.4f}\n")
        self._peers.progress(done, total, note)
        if next(self._left, 0) == 1:
            self._die((self._folder / "victim").read_text())

    def _die(self, victim: str) -> None:
        if victim == "nobody":
            return
        (self._folder / "due").touch()
        if victim == "worker":
            os.kill(os.getpid(), signal.SIGKILL)
        while True:  # until the driver is killed, and takes this worker along
            time.sleep(_POLL_SECONDS)


if __name__ == "__main__":
    from headstart import drill as imported  # so that functions that travel to the workers have a name there

    imported.main(sys.argv[1])
