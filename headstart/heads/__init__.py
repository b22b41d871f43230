"""Heads on frozen features: one file a family, each fitting a whole population of settings at once."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol, cast

from headstart.arrays import Array, Targets
from headstart.heads import bayes, centroid, knn, lda, linear, mlp, ridge
from headstart.heads.fitted import Fitted, HeldOut, Setting
from headstart.heads.moments import Moments
from headstart.spec import HeadFamily

__all__ = [
    "FAMILIES",
    "FROM_MOMENTS",
    "HALVINGS",
    "ON_EIGENBASIS",
    "Family",
    "Fitted",
    "Fitting",
    "Halving",
    "HeldOut",
    "Moments",
    "Setting",
]


class Family(Protocol):
    """A way to fit heads; a module of this package fills it."""

    CLOSED_FORM: bool
    """Whether fitting is one decomposition, cheap enough to try on every layer."""

    TRAINABLE: bool
    """Whether the head has weights that fine-tuning can go on from."""

    def settings(self, most: int) -> tuple[Setting, ...]:
        """The population to fit: at most ``most`` settings, and no more than help."""

    def fit(self, x: Array, targets: Targets, labels: int, settings: Sequence[Setting], seed: int) -> list[Fitted]:
        """One head for each setting, on unit-length features of shape (rows, width).

        Args:
            x: The features.
            targets: Label numbers of shape (rows,), not all of which need occur.
            labels: The number of labels.
            settings: The population.
            seed: Decides everything that is drawn.
        """


class Fitting(Protocol):
    """Fits populations, as :meth:`Family.fit` does, and may start from what it fitted before."""

    def __call__(self, x: Array, targets: Targets, labels: int, settings: Sequence[Setting], seed: int) -> list[Fitted]:
        """One head for each setting."""


class Halving(Protocol):
    """Fits a population in steps and drops the worse half of it on the way, several times."""

    def __call__(
        self, x: Array, targets: Targets, labels: int, settings: Sequence[Setting], seed: int, held_out: HeldOut
    ) -> list[tuple[Fitted, bool]]:
        """For each setting its head, and whether it was fitted to the end; else the head is as it was when dropped.

        Args:
            x: As for :meth:`Family.fit`.
            targets: As there.
            labels: As there.
            settings: As there.
            seed: As there.
            held_out: The rows on which log loss decides who goes on.
        """


FAMILIES: Mapping[HeadFamily, Family] = MappingProxyType(
    {
        "ridge": cast(Family, ridge),
        "lda": cast(Family, lda),
        "centroid": cast(Family, centroid),
        "knn": cast(Family, knn),
        "linear": cast(Family, linear),
        "mlp": cast(Family, mlp),
        "bayes": cast(Family, bayes),
    }
)

HALVINGS: Mapping[HeadFamily, Halving] = MappingProxyType({"mlp": mlp.halved})
"""The families that can be halved."""

FROM_MOMENTS: Mapping[HeadFamily, Callable[[Moments, Sequence[Setting]], list[Fitted]]] = MappingProxyType(
    {"ridge": ridge.from_moments, "lda": lda.from_moments, "centroid": centroid.from_moments}
)
"""The families that need nothing of the rows but their moments: one head for each setting."""

ON_EIGENBASIS: Mapping[HeadFamily, Callable[[], Fitting]] = MappingProxyType({"linear": linear.OnEigenbasis})
"""For the families that start by turning the features into their eigenbasis, fits on features that are in it."""
