"""The training loop."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed

from headstart.arrays import Outputs, Targets
from headstart.compute import Peers
from headstart.encoder import TokenIds, by_length, pad
from headstart.evaluation import metrics
from headstart.evaluation.calibration import log_loss
from headstart.spec import Metric
from headstart.tasks import Task
from headstart.training import batches, checkpoint, schedule
from headstart.training.history import Epoch, is_exhausted, is_kept
from headstart.training.network import Network
from headstart.training.strategy import Strategy

BATCH_ROWS = 32
DECAY = 0.01
CLIP = 1.0
JUDGE_TOKENS = 4096
CHECKPOINT_SECONDS = 20.0  # the least time between two checkpoints


@dataclass(frozen=True)
class Examples:
    """Tokenised rows and their targets."""

    tokens: TokenIds
    targets: Targets


@dataclass(frozen=True)
class Settings:
    """What the loop is told: ``labels`` is their number, ``bf16`` asks for autocast."""

    strategy: Strategy
    metric: Metric
    labels: int
    epochs: int
    bf16: bool
    seed: int


@dataclass
class State:
    """What changes while training, beside weights and optimiser; ``kept`` are the weights to end with."""

    history: list[Epoch]
    kept: dict[str, torch.Tensor]
    kept_epoch: int = 0

    def said(self, metric: Metric) -> str:
        """The best score so far in words."""
        return f"best {metric} {max(epoch.score for epoch in self.history):.3f}" if self.history else "first epoch"


def fit(network: Network, task: Task, train: Examples, validation: Examples, settings: Settings, peers: Peers) -> State:
    """Train; leaves the network with the weights of the epoch that was kept.

    Every worker runs the same plan on its own share of each batch. A restarted run goes on after the epoch
    of its newest checkpoint, and on CPU ends in the same weights.
    """
    wrapped = peers.wrap(network)
    optimizer = torch.optim.AdamW(settings.strategy.groups(network, DECAY), fused=True)
    state = State(history=[], kept=_snapshot(network))
    with peers.resume() as folder:
        if folder is not None:
            state.kept, progress = checkpoint.load(folder, network, optimizer)
            state.history = [Epoch(**each) for each in progress["history"]]
            state.kept_epoch = progress["kept_epoch"]
    peak = [group["lr"] for group in optimizer.param_groups]
    saved = time.monotonic()
    while len(state.history) < settings.epochs and not is_exhausted(state.history):
        number = len(state.history)
        note = f"epoch {number + 1} of at most {settings.epochs}, {state.said(settings.metric)}"
        loss = _epoch(wrapped, optimizer, peak, task, train, settings, number, note, peers)
        judged = outputs(network, validation.tokens, settings, peers)
        score = metrics.score(settings.metric, validation.targets, judged.argmax(axis=1), settings.labels)
        state.history.append(Epoch(train_loss=loss, score=score, log_loss=log_loss(judged, validation.targets)))
        if is_kept(state.history, len(validation.tokens)):
            state.kept, state.kept_epoch = _snapshot(network), number + 1
        due = time.monotonic() - saved >= CHECKPOINT_SECONDS
        _report(peers, state, (network, optimizer) if due else None)
        saved = time.monotonic() if due else saved
    network.load_state_dict(state.kept)
    return state


def _epoch(
    wrapped: Any,
    optimizer: torch.optim.Optimizer,
    peak: Sequence[float],
    task: Task,
    train: Examples,
    settings: Settings,
    number: int,
    note: str,
    peers: Peers,
) -> float:
    """One pass over the training rows; gives their mean loss."""
    plan = batches.plan([len(row) for row in train.tokens], BATCH_ROWS, settings.seed, number)
    steps = settings.epochs * len(plan)
    # The draws of an epoch depend on nothing before it, so a resumed run repeats them.
    torch.manual_seed(hash((settings.seed, number, peers.rank)) & 0x7FFFFFFF)
    place = next(wrapped.parameters()).device
    total = torch.zeros((), device=place)
    wrapped.train()
    for step, batch in enumerate(plan):
        mine = batches.share(batch, peers.rank, peers.world)
        # A worker without rows lends a row at no weight: all must take part in the exchange of gradients.
        weight = 1.0 if len(mine) else 0.0
        rows = mine if len(mine) else batch[:1]
        with torch.autocast(place.type, dtype=torch.bfloat16, enabled=settings.bf16):
            predicted = wrapped(*pad([train.tokens[row] for row in rows], place))
        loss = weight * task.loss(predicted.float(), torch.from_numpy(train.targets[rows]).to(place))
        # Gradients are averaged over the workers; scaled so, the average is that of the whole batch's mean loss.
        (loss * peers.world / len(batch)).backward()
        for group, rate in zip(optimizer.param_groups, peak, strict=True):
            group["lr"] = rate * schedule.rate(number * len(plan) + step, steps)
        torch.nn.utils.clip_grad_norm_(wrapped.parameters(), CLIP)
        optimizer.step()
        optimizer.zero_grad()
        total += loss.detach()
        if peers.rank == 0:
            peers.progress(number + (step + 1) / len(plan), settings.epochs, note)
    return float(_summed(total, peers)) / len(train.tokens)


def outputs(network: Network, tokens: TokenIds, settings: Settings, peers: Peers) -> Outputs:
    """The network's outputs (rows, labels), each row computed by one worker and shared with all."""
    network.eval()
    place = next(network.parameters()).device
    gathered = torch.zeros(len(tokens), settings.labels, device=place)
    with torch.inference_mode(), torch.autocast(place.type, dtype=torch.bfloat16, enabled=settings.bf16):
        for batch in list(by_length(tokens, JUDGE_TOKENS))[peers.rank :: peers.world]:
            rows = torch.from_numpy(batch).to(place)
            gathered[rows] = network(*pad([tokens[row] for row in batch], place)).float()
    shared: np.ndarray[Any, np.dtype[np.float32]] = _summed(gathered, peers).cpu().numpy()
    return shared


def _summed(tensor: torch.Tensor, peers: Peers) -> torch.Tensor:
    if peers.world > 1:
        torch.distributed.all_reduce(tensor)
    return tensor


def _snapshot(network: Network) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}


def _report(peers: Peers, state: State, saving: tuple[Network, torch.optim.Optimizer] | None) -> None:
    numbers = state.history[-1].model_dump()
    if saving is None or peers.rank != 0:
        peers.report(numbers)
        return
    progress = {"history": [epoch.model_dump() for epoch in state.history], "kept_epoch": state.kept_epoch}
    with tempfile.TemporaryDirectory() as name:
        checkpoint.save(Path(name), *saving, state.kept, progress)
        peers.report(numbers, Path(name))
