"""Where the search may look: views of the features, families of heads, and the ranges of their settings."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from headstart.backbone import Backbone
from headstart.errors import BackboneError
from headstart.heads import FAMILIES
from headstart.pooling import Pooling
from headstart.spec import HeadFamily, SearchSpec
from headstart.views import View

FEW = 500
"""With fewer training rows than this, how they fall into folds decides too much, and how sure a head may be is learned
from its posterior as well."""
_USUAL: tuple[HeadFamily, ...] = ("ridge", "lda", "centroid", "linear", "mlp")
_FOR_FEW: tuple[HeadFamily, ...] = ("bayes",)
_GRID = 64  # settings that a family is asked for, to see how far they reach
_FEW = 4  # different values that are chosen among, rather than drawn from between


@dataclass(frozen=True)
class Space:
    """The layers and poolings whose features are there, and the families to fit on them."""

    layers: tuple[int, ...]
    poolings: tuple[Pooling, ...]
    families: tuple[HeadFamily, ...]

    @property
    def closed(self) -> tuple[HeadFamily, ...]:
        """The families that are one decomposition."""
        return tuple(family for family in self.families if FAMILIES[family].CLOSED_FORM)

    @property
    def iterative(self) -> tuple[HeadFamily, ...]:
        """The other families."""
        return tuple(family for family in self.families if not FAMILIES[family].CLOSED_FORM)

    @property
    def views(self) -> tuple[View, ...]:
        """Each layer by itself, in each pooling."""
        return tuple(View(layers=(layer,), pooling=pooling) for pooling in self.poolings for layer in self.layers)


def space_of(spec: SearchSpec, backbone: Backbone, rows: int) -> Space:
    """What the spec allows on this backbone, for a number of training rows.

    Raises:
        BackboneError: The spec names a layer that the backbone does not have.
    """
    layers = tuple(range(backbone.layers + 1)) if spec.layers == "all" else tuple(dict.fromkeys(spec.layers))
    beyond = [layer for layer in layers if layer > backbone.layers]
    if beyond:
        remedy = f"Use layers 0 to {backbone.layers}, or all."
        raise BackboneError("backbone/layer", f"there is no layer {beyond[0]}.", remedy=remedy, where="search.layers")
    poolings = tuple(dict.fromkeys(backbone.pooling if each == "auto" else each for each in spec.poolings))
    usual = _USUAL if rows >= FEW else (*_USUAL, *_FOR_FEW)
    return Space(layers, poolings, usual if spec.heads == "auto" else tuple(dict.fromkeys(spec.heads)))


@dataclass(frozen=True)
class Range:
    """The values that a setting may take: some few (``among``), or all from ``low`` to ``high``."""

    low: float
    high: float
    among: tuple[float, ...] = ()
    logarithmic: bool = False
    whole: bool = False

    def draw(self, generator: np.random.Generator) -> float:
        """A value at random."""
        if self.among:
            return float(generator.choice(self.among))
        if self.logarithmic:
            value = math.exp(generator.uniform(math.log(self.low), math.log(self.high)))
        else:
            value = float(generator.uniform(self.low, self.high))
        return float(round(value)) if self.whole else value


def ranges(family: HeadFamily) -> Mapping[str, Range]:
    """The range of each setting of a family, as far as its own grid reaches."""
    grid = FAMILIES[family].settings(_GRID)
    return {name: _range([setting[name] for setting in grid]) for name in grid[0]}


def _range(values: Sequence[float]) -> Range:
    low, high = min(values), max(values)
    if len(set(values)) <= _FEW:
        return Range(low, high, among=tuple(sorted(set(values))))
    return Range(
        low,
        high,
        logarithmic=low > 0 and high / low >= 10,
        whole=all(float(value).is_integer() for value in values),
    )
