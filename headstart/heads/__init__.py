"""Heads on frozen features: one file a family, each fitting a whole population of settings at once."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol, cast, overload

from headstart.arrays import Array, Targets
from headstart.heads import bayes, centroid, knn, lda, linear, mlp, ridge
from headstart.heads.fitted import Fitted, HeldOut, Setting
from headstart.spec import HeadFamily

__all__ = ["FAMILIES", "Family", "Fitted", "HeldOut", "Setting"]


class Family(Protocol):
    """A way to fit heads; a module of this package fills it."""

    CLOSED_FORM: bool
    """Whether fitting is one decomposition, cheap enough to try on every layer."""

    TRAINABLE: bool
    """Whether the head has weights that fine-tuning can go on from."""

    def settings(self, most: int) -> tuple[Setting, ...]:
        """The population to fit: at most ``most`` settings, and no more than help."""

    @overload
    def fit(self, x: Array, targets: Targets, labels: int, settings: Sequence[Setting], seed: int) -> list[Fitted]: ...

    @overload
    def fit(
        self, x: Array, targets: Targets, labels: int, settings: Sequence[Setting], seed: int, held_out: HeldOut
    ) -> list[Fitted | None]: ...

    def fit(
        self,
        x: Array,
        targets: Targets,
        labels: int,
        settings: Sequence[Setting],
        seed: int,
        held_out: HeldOut | None = None,
    ) -> list[Fitted] | list[Fitted | None]:
        """One head for each setting, on unit-length features of shape (rows, width).

        Args:
            x: The features.
            targets: Label numbers of shape (rows,), not all of which need occur.
            labels: The number of labels.
            settings: The population.
            seed: Decides everything that is drawn.
            held_out: What judges the population on the way. A family that fits in steps drops its worse half at a
                quarter and at a half of them, by log loss on these rows, and gives None in the place of a setting
                that was dropped; other families fit all.
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
