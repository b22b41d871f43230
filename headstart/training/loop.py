"""The training loop."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from headstart.arrays import Outputs, Targets
from headstart.compute import Peers
from headstart.encoder import TokenIds, by_length, pad
from headstart.errors import ComputeError, DataError
from headstart.evaluation import metrics
from headstart.evaluation.calibration import log_loss
from headstart.listing import listed
from headstart.spec import Metric, TuneSpec
from headstart.tasks import Task
from headstart.tasks.objective import Objective, balanced
from headstart.training import batches, checkpoint, exchange, forecast, layers, prefix, schedule, sharding, vocabulary
from headstart.training.arithmetic import Arithmetic
from headstart.training.averaging import Average
from headstart.training.batches import Indices
from headstart.training.history import Epoch, is_exhausted, is_kept
from headstart.training.meter import Meter, peak_memory
from headstart.training.network import Network
from headstart.training.prefix import Prefix
from headstart.training.rehearsal import rehearse
from headstart.training.saver import Saver
from headstart.training.state import State, Whole
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
    """What the loop is told.

    ``labels`` is their number, ``pause`` the least time between checkpoints, in seconds. With ``foretells`` some steps
    of a long training are tried before it; ``budget`` is how many seconds it may take. ``shard`` says whether the
    workers divide the weights.
    """

    strategy: Strategy
    metric: Metric
    labels: int
    tune: TuneSpec
    seed: int
    pause: float = 20.0
    foretells: bool = False
    budget: float | None = None
    shard: sharding.Wish = "never"


def fit(network: Network, task: Task, train: Examples, validation: Examples, settings: Settings, peers: Peers) -> State:
    """Train; leaves the network with the weights of the epoch that was kept.

    Every worker runs the same plan on its own share of each batch. A restarted run goes on at the step
    of its newest checkpoint, and on CPU ends in the same weights; with another number of workers it goes on too, and
    the weights differ by rounding. The clock decides nothing unless there is a budget. Tokens that are in no row keep
    their vectors.

    Raises:
        DataError: The loss is not a finite number; the rows of the batch are named.
        SpecError: Not even one epoch fits into the budget, or weights cannot be divided that are to be.
        ComputeError: A text does not fit into the accelerator's memory, or the run was told to end.
    """
    goes = settings.strategy.adapter is None and settings.tune.precision != "fp16"
    with contextlib.ExitStack() as keep:
        keep.enter_context(vocabulary.narrowed(network.encoder, [train.tokens, validation.tokens]))
        if sharding.is_due(network, settings.shard, goes, peers):
            sharding.shard(network, peers)
        peers.place(network)
        training = _Training(network, task, train, validation, settings, peers, keep)
        if not training.resume():
            training.foretell()
        while training.goes_on():
            training.run_epoch()
            training.judge()
        network.load_state_dict(training.state.kept)
    return training.state


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
        self.frozen = layers.frozen(network, settings.strategy)
        self.stepper.prefix = self._prefix(train.tokens, keep)
        self.judge_prefix = self._prefix(validation.tokens, keep)
        self.average = Average(settings.tune.average, network)
        loss, meter = torch.zeros(1, device=self.device), Meter(self.device)
        self.state = State(kept=_copy(network), loss=loss, epochs=settings.tune.epochs, meter=meter)
        self.whole = Whole(self.state, network, self.stepper.optimizer, self.average, self.arithmetic)
        self.lengths = batches.lengths_of(train.tokens)
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

    def resume(self) -> bool:
        """Go on from the newest checkpoint; whether there is one."""
        with self.peers.resume() as folder:
            if folder is None:
                return False
            self.whole.load(checkpoint.read(folder))
        return True

    def foretell(self) -> None:
        """Try some steps of a long training, and give it as many epochs as its budget pays for."""
        settings, state, plan = self.settings, self.state, self._plan(0)
        if not settings.foretells or not forecast.is_worthwhile(len(plan) * state.epochs, settings.budget):
            return
        self._set_training()
        train = self.train
        per_token = rehearse(self.stepper, plan, self.lengths, train.tokens, train.targets, self.peers)
        # A checkpoint is copied to the CPU before it is written.
        memory = peak_memory(self.device) + (self.whole.size() if self.device.type == "cpu" else 0)
        self.network.load_state_dict(state.kept)
        scored = int(batches.lengths_of(self.validation.tokens).sum())
        found = forecast.foretold(per_token, int(self.lengths.sum()), scored, state.epochs, memory)
        state.forecast = forecast.within(found, settings.budget, settings.strategy.name)
        state.epochs = state.forecast.most

    def goes_on(self) -> bool:
        """Whether there is an epoch to begin or to end. With a budget, one is begun if it fits as the last one did."""
        state, budget = self.state, self.settings.budget
        if len(state.history) >= state.epochs or is_exhausted(state.history):
            return False
        if budget is None or not state.history or state.step:
            return True
        ends = state.meter.seconds + state.meter.epochs[-1].seconds
        return exchange.greatest([ends], self.peers, self.device)[0] <= budget

    def run_epoch(self) -> None:
        """One pass over the training rows, from the step on where the state stands."""
        state, tune, number = self.state, self.settings.tune, len(self.state.history)
        plan = self._plan(number)
        self.stepper.open(number)
        self._set_training()
        losses: list[tuple[Indices, torch.Tensor]] = []
        state.meter.start()
        for step, batch in list(enumerate(plan))[state.step :]:
            done = number * len(plan) + step
            self._draw(number, step)
            rate = schedule.rate(done, state.epochs * len(plan), tune.schedule)
            rows = len(self.train.tokens) / len(plan)
            loss = self.stepper.take(batch, self.train.tokens, self.train.targets, rows, rate)
            self.average.after_step()
            state.loss += loss
            state.step = step + 1
            state.meter.count(len(batch), int(self.lengths[batch].sum()), rate)
            losses.append((batch, loss))
            if self.peers.rank == 0:
                self.peers.progress(number + state.step / len(plan), state.epochs, self._said())
            if state.step % CHECK_STEPS == 0 or state.step == len(plan):
                self._check(losses, done + 1, rate)
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
        if self.peers.rank == 0:
            epoch, step = state.history[-1], len(state.history) * state.step
            known = {f"validation_{settings.metric}": epoch.score, "validation_log_loss": epoch.log_loss}
            self.peers.tell({"step": step, "epoch": len(state.history), **known})
        state.step = 0
        state.loss.zero_()
        state.meter.end_epoch()
        self.peers.report(state.history[-1].model_dump())

    def _plan(self, epoch: int) -> list[Indices]:
        tokens = batches.budget(self.lengths, self.settings.tune.batch_rows)
        return batches.plan(self.lengths, tokens, self.settings.seed, epoch)

    def _set_training(self) -> None:
        """Dropout is drawn where blocks train."""
        self.network.train()
        for module in self.frozen:
            module.eval()

    def _said(self) -> str:
        """Where the training stands, in words."""
        state = self.state
        best = max((epoch.score for epoch in state.history), default=None)
        known = "first epoch" if best is None else f"best {self.settings.metric} {best:.3f}"
        takes = [f"{forecast.span(*state.forecast.seconds)} in all"] if state.forecast else []
        epoch = f"epoch {len(state.history) + 1} of at most {state.epochs}"
        return ", ".join([epoch, known, *takes, *self.stepper.notes])

    def _draw(self, epoch: int, step: int) -> None:
        """Let what is drawn in a step depend on nothing before it, so that a resumed run repeats it."""
        sequence = np.random.SeedSequence([self.settings.seed, epoch, step, self.peers.rank])
        torch.manual_seed(int(sequence.generate_state(1)[0]))

    def _check(self, losses: Sequence[tuple[Indices, torch.Tensor]], step: int, rate: float) -> None:
        """Look at the losses since the last look, measure, and see to checkpoints and what the run says."""
        values = torch.cat([each for _, each in losses]).tolist()  # waits for the device
        for (batch, _), loss in zip(losses, values, strict=True):
            if not np.isfinite(loss):
                raise _not_finite(loss, [self.train.ids[row] for row in batch])
        measured = self.state.meter.lap()
        if self.peers.rank == 0:
            mean = sum(values) / sum(len(batch) for batch, _ in losses)
            top = rate * (self.settings.strategy.rate or self.settings.strategy.head_rate)
            self.peers.tell({"step": step, "train_loss": mean, "learning_rate": top, **measured})
        flags = [self.saver.is_written, self.peers.is_leaving(), self.saver.is_due]
        is_written, is_leaving, is_due = exchange.any_of(flags, self.peers, self.device)
        if is_written:
            self.saver.hand_over({"step": self.state.step})
        if is_leaving:
            self._leave()
        if is_due:
            self._save()

    def _save(self) -> None:
        """Let rank 0 begin a checkpoint, for which all put together what is divided over them."""
        if self.peers.rank == 0:
            self.saver.begin(self.whole.snapshot)
        elif sharding.is_sharded(self.network):
            self.whole.snapshot(keeps=False)

    def _leave(self) -> None:
        if self.peers.keeps:
            if self.peers.rank == 0:
                self.saver.finish()
                self.saver.close()
            self._save()
            self.saver.finish()
            self.saver.hand_over({"step": self.state.step})
            self.peers.settle()
        raise ComputeError(
            "compute/leaving",
            "the training was told to end, and kept a checkpoint.",
            remedy="Start the run again; it goes on from there.",
            where="tune",
        )


def outputs(
    network: Network, tokens: TokenIds, settings: Settings, peers: Peers, prefix: Prefix | None = None
) -> Outputs:
    """The network's outputs (rows, labels), each row computed by one worker and shared with all."""
    network.eval()
    place = next(network.parameters()).device
    gathered = torch.zeros(len(tokens), settings.labels, device=place)
    with torch.inference_mode(), Arithmetic(settings.tune.precision, place).autocast():
        parts = list(by_length(tokens, JUDGE_TOKENS))
        mine = parts[peers.rank :: peers.world]
        for number in range(exchange.rounds(len(mine), sharding.is_sharded(network), peers, place)):
            batch = mine[number] if number < len(mine) else parts[0]
            with prefix.replayed(batch) if prefix else contextlib.nullcontext():
                found = network(*pad([tokens[row] for row in batch], place)).float()
            if number < len(mine):
                gathered[torch.from_numpy(batch).to(place)] = found
    return np.asarray(exchange.total(gathered, peers).cpu().numpy())


def _copy(network: Network) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}


def _not_finite(loss: float, ids: Sequence[str]) -> DataError:
    return DataError(
        "tune/not-a-number",
        f"the loss is {loss} on the batch of rows {listed(ids, _NAMED)}.",
        remedy="Set tune.precision to fp32; if it stays so, look at these rows.",
        where="tune",
    )
