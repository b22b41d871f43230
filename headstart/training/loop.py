"""The training loop."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from headstart.arrays import Outputs, Targets
from headstart.compute import Peers
from headstart.encoder import TokenIds, by_length, pad
from headstart.errors import ComputeError, DataError
from headstart.evaluation import metrics
from headstart.evaluation.calibration import log_loss
from headstart.spec import Metric, TuneSpec
from headstart.tasks import Task
from headstart.tasks.objective import Objective, balanced
from headstart.training import batches, checkpoint, exchange, layers, prefix, schedule
from headstart.training.arithmetic import Arithmetic
from headstart.training.averaging import Average
from headstart.training.batches import Indices
from headstart.training.checkpoint import Snapshot
from headstart.training.history import Epoch, is_exhausted, is_kept
from headstart.training.network import Network
from headstart.training.prefix import Prefix
from headstart.training.saver import Saver
from headstart.training.step import Stepper
from headstart.training.strategy import Strategy

JUDGE_TOKENS = 4096
CHECK_STEPS = 8  # steps between two looks at the loss, the checkpoints and what the run says
_NAMED = 10  # rows that an error names


@dataclass(frozen=True)
class Examples:
    """Tokenised rows, their targets, and what errors call them."""

    tokens: TokenIds
    targets: Targets
    ids: Sequence[str]


@dataclass(frozen=True)
class Settings:
    """What the loop is told: ``labels`` is their number, ``pause`` the least time between checkpoints, in seconds."""

    strategy: Strategy
    metric: Metric
    labels: int
    tune: TuneSpec
    seed: int
    pause: float = 20.0


@dataclass
class State:
    """What changes while training, beside weights and optimiser.

    ``step`` counts those of the present epoch, and ``loss`` is summed over them; ``kept`` are the weights to end with.
    """

    kept: dict[str, torch.Tensor]
    loss: torch.Tensor
    history: list[Epoch] = field(default_factory=list)
    kept_epoch: int = 0
    step: int = 0


def fit(network: Network, task: Task, train: Examples, validation: Examples, settings: Settings, peers: Peers) -> State:
    """Train; leaves the network with the weights of the epoch that was kept.

    Every worker runs the same plan on its own share of each batch. A restarted run goes on at the step
    of its newest checkpoint, and on CPU ends in the same weights; with another number of workers it goes on too, and
    the weights differ by rounding.

    Raises:
        DataError: The loss is not a finite number; the rows of the batch are named.
        ComputeError: A text does not fit into the accelerator's memory, or the run was told to end.
    """
    peers.place(network)
    with contextlib.ExitStack() as keep:
        training = _Training(network, task, train, validation, settings, peers, keep)
        training.resume()
        state = training.state
        while len(state.history) < settings.tune.epochs and not is_exhausted(state.history):
            training.run_epoch()
            training.judge()
        network.load_state_dict(state.kept)
    return state


class _Training:
    """A training's parts, and its epochs."""

    def __init__(
        self,
        network: Network,
        task: Task,
        train: Examples,
        validation: Examples,
        settings: Settings,
        peers: Peers,
        keep: contextlib.ExitStack,
    ) -> None:
        self.network, self.train, self.validation, self.settings, self.peers = (
            network,
            train,
            validation,
            settings,
            peers,
        )
        self.device = next(network.parameters()).device
        self.arithmetic = Arithmetic(settings.tune.precision, self.device)
        weights = balanced(train.targets, settings.labels) if settings.tune.class_weights == "balanced" else ()
        objective = Objective(settings.tune.label_smoothing, settings.tune.focal, weights)
        self.stepper = Stepper(network, settings.strategy, task, objective, self.arithmetic, peers)
        if settings.tune.recompute:
            network.encoder.body.gradient_checkpointing_enable({"use_reentrant": False})
        self.frozen = _frozen(network, settings.strategy)
        self.stepper.prefix = self._prefix(train.tokens, keep)
        self.judge_prefix = self._prefix(validation.tokens, keep)
        self.average = Average(settings.tune.average, network)
        self.state = State(kept=_copy(network), loss=torch.zeros(1, device=self.device))
        self.saver = Saver(peers, settings.pause)
        keep.callback(self.saver.close)

    def _prefix(self, tokens: TokenIds, keep: contextlib.ExitStack) -> Prefix | None:
        depth = layers.frozen_below(self.network) if self.frozen else 0
        place = prefix.room(tokens, self.network.encoder.body.config.hidden_size, keep) if depth else None
        if place is None:
            return None
        for module in self.frozen:
            module.eval()
        made = Prefix(self.network.encoder, depth, tokens, place)
        made.fill(tokens, self.peers, self.arithmetic)
        return made

    def resume(self) -> None:
        """Go on from the newest checkpoint, if there is one."""
        with self.peers.resume() as folder:
            if folder is None:
                return
            found = checkpoint.read(folder)
        self.network.load_state_dict(dict(found.tensors["network"]))
        checkpoint.restore(self.stepper.optimizer, found.tensors["optimizer"])
        self.average.load(found.tensors["average"], found.progress["averaged"])
        self.arithmetic.scaler.load_state_dict(found.progress["scaler"])
        self.state.kept = {name: tensor.to(self.device) for name, tensor in found.tensors["kept"].items()}
        self.state.loss.fill_(found.progress["loss"])
        self.state.history = [Epoch(**each) for each in found.progress["history"]]
        self.state.kept_epoch, self.state.step = found.progress["kept_epoch"], found.progress["step"]

    def run_epoch(self) -> None:
        """One pass over the training rows, from the step on where the state stands."""
        state, tune, number = self.state, self.settings.tune, len(self.state.history)
        lengths = batches.lengths_of(self.train.tokens)
        tokens = batches.budget(lengths, tune.batch_rows)
        plan = batches.plan(lengths, tokens, self.settings.seed, number)
        self.stepper.open(number)
        self.network.train()
        for module in self.frozen:
            module.eval()
        losses: list[tuple[Indices, torch.Tensor]] = []
        for step, batch in list(enumerate(plan))[state.step :]:
            done = number + step / len(plan)
            self._draw(number, step)
            rate = schedule.rate(round(done * len(plan)), tune.epochs * len(plan), tune.schedule)
            rows = len(self.train.tokens) / len(plan)
            loss = self.stepper.take(batch, self.train.tokens, self.train.targets, rows, rate)
            self.average.after_step()
            state.loss += loss
            state.step = step + 1
            losses.append((batch, loss))
            if self.peers.rank == 0:
                self.peers.progress(number + state.step / len(plan), tune.epochs, self._said())
            if state.step % CHECK_STEPS == 0 or state.step == len(plan):
                self._check(losses)
                losses = []
        self.average.after_epoch()

    def judge(self) -> None:
        """End the epoch: score it, keep its weights where they are to be kept, and tell the run."""
        state, settings, validation = self.state, self.settings, self.validation
        with self.average.applied():
            judged = outputs(self.network, validation.tokens, settings, self.peers, self.judge_prefix)
            score = metrics.score(settings.metric, validation.targets, judged.argmax(axis=1), settings.labels)
            mean = float(state.loss) / len(self.train.tokens)
            state.history.append(Epoch(train_loss=mean, score=score, log_loss=log_loss(judged, validation.targets)))
            if is_kept(state.history, len(validation.tokens)):
                state.kept, state.kept_epoch = _copy(self.network), len(state.history)
        state.step = 0
        state.loss.zero_()
        self.peers.report(state.history[-1].model_dump())

    def _said(self) -> str:
        """Where the training stands, in words."""
        best = max((epoch.score for epoch in self.state.history), default=None)
        known = "first epoch" if best is None else f"best {self.settings.metric} {best:.3f}"
        epoch = f"epoch {len(self.state.history) + 1} of at most {self.settings.tune.epochs}"
        return ", ".join([epoch, known, *self.stepper.notes])

    def _draw(self, epoch: int, step: int) -> None:
        """Let what is drawn in a step depend on nothing before it, so that a resumed run repeats it."""
        sequence = np.random.SeedSequence([self.settings.seed, epoch, step, self.peers.rank])
        torch.manual_seed(int(sequence.generate_state(1)[0]))

    def _check(self, losses: Sequence[tuple[Indices, torch.Tensor]]) -> None:
        for (batch, _), loss in zip(losses, torch.cat([each for _, each in losses]).tolist(), strict=True):
            if not np.isfinite(loss):
                raise _not_finite(loss, [self.train.ids[row] for row in batch])
        flags = [self.saver.is_written, self.peers.is_leaving()]
        is_written, is_leaving = exchange.any_of(flags, self.peers, self.device)
        if is_written:
            self.saver.hand_over({"step": self.state.step})
        if is_leaving:
            self._leave()
        if self.saver.is_due:
            self.saver.begin(self._snapshot)

    def _leave(self) -> None:
        if self.peers.keeps:
            if self.peers.rank == 0:
                self.saver.finish()
                self.saver.close()
                self.saver.begin(self._snapshot)
                self.saver.finish()
            self.saver.hand_over({"step": self.state.step})
            self.peers.settle()
        raise ComputeError(
            "compute/leaving",
            "the training was told to end, and kept a checkpoint.",
            remedy="Start the run again; it goes on from there.",
            where="tune",
        )

    def _snapshot(self) -> Snapshot:
        state = self.state
        tensors = {
            "network": checkpoint.copied(self.network.state_dict()),
            "optimizer": checkpoint.copied(checkpoint.optimizer_tensors(self.stepper.optimizer)),
            "average": checkpoint.copied(self.average.weights),
            "kept": checkpoint.copied(state.kept),
        }
        progress: dict[str, Any] = {
            "history": [epoch.model_dump() for epoch in state.history],
            "kept_epoch": state.kept_epoch,
            "step": state.step,
            "loss": float(state.loss),
            "averaged": self.average.count,
            "scaler": self.arithmetic.scaler.state_dict(),
        }
        return Snapshot(tensors, progress)


def outputs(
    network: Network, tokens: TokenIds, settings: Settings, peers: Peers, prefix: Prefix | None = None
) -> Outputs:
    """The network's outputs (rows, labels), each row computed by one worker and shared with all."""
    network.eval()
    place = next(network.parameters()).device
    gathered = torch.zeros(len(tokens), settings.labels, device=place)
    with torch.inference_mode(), Arithmetic(settings.tune.precision, place).autocast():
        for batch in list(by_length(tokens, JUDGE_TOKENS))[peers.rank :: peers.world]:
            with prefix.replayed(batch) if prefix else contextlib.nullcontext():
                found = network(*pad([tokens[row] for row in batch], place)).float()
            gathered[torch.from_numpy(batch).to(place)] = found
    return np.asarray(exchange.total(gathered, peers).cpu().numpy())


def _frozen(network: Network, strategy: Strategy) -> list[torch.nn.Module]:
    """The modules below the blocks that train; they compute without dropout."""
    blocks = network.encoder.blocks
    below = 0 if blocks is None or strategy.layers is None else layers.frozen_below(network)
    if blocks is None or below == 0:
        return []
    inside = {module for block in blocks for module in block.modules()}
    outside = [
        module
        for module in network.encoder.body.modules()
        if module not in inside and next(module.parameters(), None) is not None
    ]
    frozen = [module for module in outside if not any(each.requires_grad for each in module.parameters())]
    return [*frozen, *blocks[:below]]


def _copy(network: Network) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}


def _not_finite(loss: float, ids: Sequence[str]) -> DataError:
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return DataError(
        "tune/not-a-number",
        f"the loss is {loss} on the batch of rows {', '.join(ids[:_NAMED])}{more}.",
        remedy="Set tune.precision to fp32; if it stays so, look at these rows.",
        where="tune",
    )
