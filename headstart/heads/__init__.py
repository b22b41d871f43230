"""Heads on frozen features: one file a family, each fitting a whole population of settings at once."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol, cast

from headstart.arrays import Array, Targets
from headstart.heads import centroid, linear, mlp, ridge
from headstart.heads.fitted import Fitted, Setting
from headstart.spec import HeadFamily

__all__ = ["FAMILIES", "Family", "Fitted", "Setting"]


class Family(Protocol):
    """A way to fit heads; a module of this package fills it."""

    CLOSED_FORM: bool
    """Whether fitting is one decomposition, cheap enough to try on every layer."""

    def settings(self, most: int) -> tuple[Setting, ...]:
        """The population to fit: at most ``most`` settings, and no more than help."""

    def fit(self, x: Array, targets: Targets, labels: int, settings: Sequence[Setting], seed: int) -> list[Fitted]:
        """One head for each setting, on unit-length features of shape (rows, width)."""


FAMILIES: Mapping[HeadFamily, Family] = MappingProxyType(
    {
        "ridge": cast(Family, ridge),
        "centroid": cast(Family, centroid),
        "linear": cast(Family, linear),
        "mlp": cast(Family, mlp),
    }
)
