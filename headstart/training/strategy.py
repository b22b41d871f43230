"""Strategies: what trains, at which rate, from which start."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from headstart.errors import SpecError
from headstart.heads import FAMILIES
from headstart.heads.fitted import Fitted
from headstart.spec import HeadFamily

if TYPE_CHECKING:
    from headstart.training.network import Network


@dataclass(frozen=True)
class Strategy:
    """How far the backbone is tuned.

    ``start`` says whether the head begins as the search found it or fresh; ``rate`` is the peak learning
    rate of the backbone, ``head_rate`` that of the head. No rate means that nothing trains.
    """

    name: Literal["head", "lp-ft", "full"]
    why: str
    start: Literal["searched", "fresh"]
    rate: float
    head_rate: float

    @property
    def trains(self) -> bool:
        """Whether there is anything to train."""
        return self.rate > 0

    def groups(self, network: "Network", decay: float) -> list[dict[str, object]]:
        """The optimiser's parameter groups; biases and norms (vectors) do not decay."""
        matrices = [parameter for parameter in network.encoder.parameters() if parameter.ndim > 1]
        vectors = [parameter for parameter in network.encoder.parameters() if parameter.ndim <= 1]
        return [
            {"params": matrices, "lr": self.rate, "weight_decay": decay},
            {"params": vectors, "lr": self.rate, "weight_decay": 0.0},
            {"params": list(network.head.parameters()), "lr": self.head_rate, "weight_decay": 0.0},
        ]


HEAD = Strategy("head", "the spec asks for the head alone", "searched", 0.0, 0.0)
LP_FT = Strategy(
    "lp-ft",
    "tuning from the searched head does not distort the pretrained features (Kumar et al. 2022)",
    "searched",
    1e-4,
    1e-4,
)
FULL = Strategy("full", "the spec asks for a fresh head", "fresh", 5e-5, 1e-3)
_BY_NAME = {strategy.name: strategy for strategy in (HEAD, LP_FT, FULL)}


def choose(wanted: Literal["auto", "head", "lp-ft", "full"], family: HeadFamily) -> Strategy:
    """The strategy to use; ``auto`` tunes from the searched head, if it has weights to go on from.

    Raises:
        SpecError: The head has no weights, and the strategy would train them.
    """
    is_trainable = FAMILIES[family].TRAINABLE
    if wanted == "auto":
        return LP_FT if is_trainable else replace(HEAD, why=f"the best head, {family}, has no weights to tune from")
    if _BY_NAME[wanted].trains and not is_trainable:
        problem = f"the best head, {family}, has no weights to tune from."
        remedy = f"Leave {family} out of search.heads, or set tune.strategy to auto or head."
        raise SpecError("tune/no-weights", problem, remedy=remedy, where="tune.strategy")
    return _BY_NAME[wanted]


def start(head: Fitted, chosen: Strategy, seed: int) -> Fitted:
    """The head that a training begins with: the searched one, or one of its shape with weights drawn anew.

    Only layers go along: what else a head knows, such as its variance, is of features that are about to change. Drawn
    weights are those that torch gives a new linear layer, and no bias.
    """
    generator = np.random.default_rng(seed)
    layers = {name: tensor for name, tensor in head.items() if name.endswith(("weight", "bias"))}
    if chosen.start == "searched":
        return layers
    return {name: _draw(tensor.shape, generator) for name, tensor in layers.items()}


def _draw(shape: tuple[int, ...], generator: np.random.Generator) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    reach = shape[-1] ** -0.5 if len(shape) > 1 else 0.0
    return generator.uniform(-reach, reach, shape).astype(np.float32)
