"""Strategies: what trains, at which rate, from which start."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import numpy as np

from headstart.heads.fitted import Fitted
from headstart.spec import StrategyName

Adapter = Literal["lora", "dora", "ia3"]


@dataclass(frozen=True)
class Strategy:
    """How far the backbone is tuned.

    - ``why``: the reason, or the source of the method.
    - ``start``: whether the head begins as the search found it or fresh; with ``scratch`` the backbone is drawn anew
      too.
    - ``rate``: the peak learning rate of the topmost block; 0 where the backbone does not train. ``head_rate``: that of
      the head; 0 where nothing trains.
    - ``layers``: how many of the highest blocks train; None for all and the embeddings.
    - ``falloff``: the rate of a block as a share of that of the block above it.
    - ``gradual``: whether in epoch n, counted from 1, only the n highest blocks train.
    - ``pull``: alpha of the penalty alpha/2 |w - w0|^2 that holds weights of the backbone near their start, w0.
    - ``biases``: whether of the backbone only the biases train.
    - ``adapter``: what is added to the backbone and trains instead of it.
    """

    name: StrategyName
    why: str
    start: Literal["searched", "fresh", "scratch"] = "searched"
    rate: float = 1e-4
    head_rate: float = 1e-4
    layers: int | None = None
    falloff: float = 1.0
    gradual: bool = False
    pull: float = 0.0
    biases: bool = False
    adapter: Adapter | None = None

    @property
    def trains(self) -> bool:
        """Whether there is anything to train."""
        return self.head_rate > 0

    @property
    def tells_blocks_apart(self) -> bool:
        """Whether some blocks of the backbone are treated otherwise than others."""
        return self.layers is not None or self.falloff != 1 or self.gradual


BAG: Final = "bag-of-words"
_ALL = (
    Strategy(BAG, "the words of the texts are the model, and nothing is transferred", rate=0.0, head_rate=0.0),
    Strategy("head", "the head on the frozen backbone is the model", rate=0.0, head_rate=0.0),
    Strategy("lp-ft", "tuning from the searched head does not distort the pretrained features (Kumar et al. 2022)"),
    Strategy("top-k", "the highest blocks alone are tuned, on what the blocks below give once and for all", layers=2),
    Strategy("gradual", "blocks begin to train one an epoch, from the top (Howard and Ruder 2018)", gradual=True),
    Strategy("layer-decay", "lower blocks, which are more general, move less (Howard and Ruder 2018)", falloff=0.85),
    Strategy("l2-sp", "a penalty holds the weights near the pretrained ones (Li et al. 2018)", pull=0.01),
    Strategy("bitfit", "only biases train (Ben Zaken et al. 2022)", rate=1e-3, biases=True),
    Strategy("lora", "low-rank changes of the weights train (Hu et al. 2022)", rate=1e-3, adapter="lora"),
    Strategy("dora", "directions by low rank and magnitudes train (Liu et al. 2024)", rate=1e-3, adapter="dora"),
    Strategy("ia3", "factors on activations train (Liu et al. 2022)", rate=3e-3, adapter="ia3"),
    Strategy("full", "all is tuned below a fresh head", start="fresh", rate=5e-5, head_rate=1e-3),
    Strategy("scratch", "nothing is transferred: the control", start="scratch", rate=5e-4, head_rate=1e-3),
)
STRATEGIES = MappingProxyType({strategy.name: strategy for strategy in _ALL})


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
