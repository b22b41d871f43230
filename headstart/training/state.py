"""What changes while training, and how it goes into a checkpoint and comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from headstart.compute import Peers
from headstart.training import checkpoint, sharding
from headstart.training.arithmetic import Arithmetic
from headstart.training.averaging import Average
from headstart.training.checkpoint import Snapshot
from headstart.training.forecast import Forecast
from headstart.training.history import Epoch, Spent
from headstart.training.meter import Meter
from headstart.training.network import Network


@dataclass
class State:
    """What changes while training, beside weights and optimiser.

    ``step`` counts those of the present epoch, and ``loss`` is summed over them; ``kept`` are the weights to end with.
    ``epochs`` is how many there may be; ``forecast`` is there where some steps were tried first.
    """

    kept: dict[str, torch.Tensor]
    loss: torch.Tensor
    epochs: int
    meter: Meter
    history: list[Epoch] = field(default_factory=list)
    kept_epoch: int = 0
    step: int = 0
    forecast: Forecast | None = None

    def spent(self, peers: Peers) -> Spent:
        """What the training took."""
        return self.meter.spent(peers.world)

    def said(self) -> dict[str, Any]:
        """All but the tensors, as JSON data."""
        return {
            "history": [epoch.model_dump() for epoch in self.history],
            "kept_epoch": self.kept_epoch,
            "step": self.step,
            "loss": float(self.loss),
            "epochs": self.epochs,
            "meter": self.meter.said(),
            "forecast": self.forecast and self.forecast.model_dump(),
        }

    def load(self, said: Mapping[str, Any]) -> None:
        """Go on from what was said."""
        self.history = [Epoch(**each) for each in said["history"]]
        self.kept_epoch, self.step, self.epochs = said["kept_epoch"], said["step"], said["epochs"]
        self.loss.fill_(said["loss"])
        self.meter.load(said["meter"])
        self.forecast = said["forecast"] and Forecast(**said["forecast"])


@dataclass(frozen=True)
class Whole:
    """All that a checkpoint holds: the parts of a training that change."""

    state: State
    network: Network
    optimizer: torch.optim.Optimizer
    average: Average
    arithmetic: Arithmetic

    def snapshot(self, keeps: bool = True) -> Snapshot:
        """A copy of it all, on the CPU; every worker calls this, and who ``keeps`` has the tensors."""
        tensors = {name: sharding.whole(each, keeps) for name, each in self._tensors().items()}
        progress = self.state.said()
        return Snapshot(
            tensors, progress | {"averaged": self.average.count, "scaler": self.arithmetic.scaler.state_dict()}
        )

    def load(self, found: Snapshot) -> None:
        """Be what a snapshot was taken of."""
        now = self.network.state_dict()
        network, kept, average = (
            {name: sharding.parted(tensor, now[name]) for name, tensor in found.tensors[group].items()}
            for group in ("network", "kept", "average")
        )
        self.network.load_state_dict(network)
        checkpoint.restore(self.optimizer, found.tensors["optimizer"])
        self.average.load(average, found.progress["averaged"])
        self.arithmetic.scaler.load_state_dict(found.progress["scaler"])
        place = self.state.loss.device
        self.state.kept = {name: tensor.to(place) for name, tensor in kept.items()}
        self.state.load(found.progress)

    def size(self) -> int:
        """The bytes of a snapshot."""
        groups = self._tensors().values()
        return sum(tensor.numel() * tensor.element_size() for tensors in groups for tensor in tensors.values())

    def _tensors(self) -> Mapping[str, Mapping[str, torch.Tensor]]:
        return {
            "network": self.network.state_dict(),
            "optimizer": checkpoint.optimizer_tensors(self.optimizer),
            "average": self.average.weights,
            "kept": self.state.kept,
        }
