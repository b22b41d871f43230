"""One step of the optimiser: gradients of a batch, in parts that fit into memory, summed over the workers."""

import contextlib
from collections.abc import Iterator

import torch

from headstart.compute import Peers
from headstart.encoder import TokenIds, by_length, pad
from headstart.errors import ComputeError
from headstart.tasks import Task
from headstart.tasks.objective import Objective
from headstart.training import batches, exchange, layers, sharding
from headstart.training.arithmetic import Arithmetic
from headstart.training.batches import Indices
from headstart.training.nearby import Sums
from headstart.training.network import Network
from headstart.training.prefix import Prefix
from headstart.training.strategy import Strategy

CLIP = 1.0
_PART_TOKENS = {"cpu": 4096, "cuda": 16384}
"""Padded tokens whose activations are in memory at once, by the type of device."""


class Stepper:
    """Takes steps, and holds what they change beside the weights: the optimiser's state and the size of the parts.

    ``prefix`` is read instead of computing what is frozen; ``notes`` say what had to be done otherwise than planned.

    Args:
        network: What trains.
        strategy: What of it, and at which rates.
        task: Gives the loss.
        objective: How the loss is shaped.
        arithmetic: The precision.
        peers: The workers that share each batch.
    """

    def __init__(
        self,
        network: Network,
        strategy: Strategy,
        task: Task,
        objective: Objective,
        arithmetic: Arithmetic,
        peers: Peers,
    ) -> None:
        self.network = network
        self.prefix: Prefix | None = None
        self.notes: list[str] = []
        self._task, self._objective, self._arithmetic, self._peers = task, objective, arithmetic, peers
        self._groups = layers.groups(network, strategy)
        self.optimizer = torch.optim.AdamW([group.options() for group in self._groups], fused=True)
        self._table = network.encoder.body.get_input_embeddings().weight
        self._pull = strategy.pull
        body = [each for each in network.encoder.parameters() if each.requires_grad] if self._pull else []
        self._starts = [(each, each.detach().clone()) for each in body]
        self._device = self._table.device
        self._is_sharded = sharding.is_sharded(network)
        self._sums = Sums(peers, self._device)
        self._part_tokens = _PART_TOKENS[self._device.type]

    def open(self, epoch: int) -> None:
        """Let the parameters train whose time has come by an epoch, counted from 0."""
        for group in self._groups:
            for parameter in group.parameters:
                parameter.requires_grad_(group.opens <= epoch)

    @contextlib.contextmanager
    def trying(self) -> Iterator[torch.device]:
        """Within the block all parameters train that ever will; after it the optimiser knows nothing of its steps."""
        scale = self._arithmetic.scaler.state_dict()
        self.open(max(group.opens for group in self._groups))
        yield self._device
        self.optimizer.state.clear()
        self._arithmetic.scaler.load_state_dict(scale)

    def take(self, batch: Indices, tokens: TokenIds, targets: Indices, rows: float, rate: float) -> torch.Tensor:
        """Take a step on a batch of which this worker has a part; gives the loss summed over the batch (a scalar).

        Args:
            batch: The rows of all workers.
            tokens: Of all rows.
            targets: Of all rows.
            rows: The rows of a batch on average: every row moves the weights alike, in whatever batch it is.
            rate: The share of the peak rates.
        """
        loss = self._gradients(batch, tokens, targets, rows)
        trained = [each for group in self._groups for each in group.parameters if each.grad is not None]
        gradients = [each.grad for each in trained if each is not self._table and each.grad is not None]
        self._sums.add_up([*sharding.own(gradients), loss], self._table.grad)
        self._arithmetic.scaler.unscale_(self.optimizer)
        for weight, start in self._starts:
            if weight.grad is not None:
                weight.grad.add_(weight.detach() - start, alpha=self._pull)
        sharding.clip(trained, CLIP, self._peers)
        for options, group in zip(self.optimizer.param_groups, self._groups, strict=True):
            options["lr"] = group.rate * rate
        self._arithmetic.scaler.step(self.optimizer)
        self._arithmetic.scaler.update()
        self.optimizer.zero_grad()
        return loss

    def _gradients(self, batch: Indices, tokens: TokenIds, targets: Indices, rows: float) -> torch.Tensor:
        """Leave this worker's gradients in the parameters. What does not fit into memory is cut in smaller parts."""
        mine = batches.share(batch, self._peers.rank, self._peers.world)
        # A worker without rows lends one at no weight: all must bring gradients of the same parameters.
        weight, mine = (1.0, mine) if len(mine) else (0.0, batch[:1])
        while True:
            try:
                return self._accumulated(mine, tokens, targets, weight, rows)
            except torch.OutOfMemoryError:
                lengths = batches.lengths_of([tokens[row] for row in mine])
                self._part_tokens = min(self._part_tokens, int(lengths.max()) * len(mine)) // 2
                self.optimizer.zero_grad()
                if self._is_sharded:  # the others wait for what is left of it
                    raise _too_large(f"a worker's share of {int(lengths.sum())} tokens") from None
                if self._part_tokens < lengths.max():
                    raise _too_large(f"a text of {int(lengths.max())} tokens by itself") from None
                torch.cuda.empty_cache()
                self.notes = [f"in parts of {self._part_tokens} tokens, as memory ran out"]

    def _accumulated(
        self, mine: Indices, tokens: TokenIds, targets: Indices, weight: float, rows: float
    ) -> torch.Tensor:
        total = torch.zeros(1, device=self._device)
        parts = list(by_length([tokens[row] for row in mine], self._part_tokens))
        for number in range(exchange.rounds(len(parts), self._is_sharded, self._peers, self._device)):
            of = mine[parts[number % len(parts)]]
            weight *= number < len(parts)
            replay = self.prefix.replayed(of) if self.prefix else contextlib.nullcontext()
            with self._arithmetic.autocast(), replay:
                outputs = self.network(*pad([tokens[row] for row in of], self._device))
            answers = torch.from_numpy(targets[of]).to(self._device)
            loss = weight * self._task.loss(outputs.float(), answers, self._objective)
            self._arithmetic.scaler.scale(loss / rows).backward()
            total += loss.detach()
        return total


def _too_large(what: str) -> ComputeError:
    problem = f"{what} does not fit into the accelerator's memory."
    remedy = "Set tune.recompute, a strategy that trains less (lora, top-k), smaller batches, or a larger accelerator."
    return ComputeError("compute/memory", problem, remedy=remedy, where="tune")
