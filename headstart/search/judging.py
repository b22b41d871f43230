"""How candidates are judged: on which rows they are fitted, and on which their answers count."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from headstart.arrays import Targets
from headstart.evaluation.folds import Fold, stratified
from headstart.search.space import FEW

FOLDS = 5
SMALL = 2000  # with fewer training rows than this, one validation split says too little: cross-validate
REPEATS = 3  # with even fewer (see FEW), on several sets of folds

JudgedBy = Literal["cross-validation", "validation"]


@dataclass(frozen=True)
class Judging:
    """``folds`` of rows to fit on and rows to judge on; ``rows`` counts the different rows that are judged on."""

    by: JudgedBy
    folds: tuple[Fold, ...]
    rows: int


def judging(targets: Targets, groups: Sequence[str], train: int) -> Judging:
    """How candidates are judged, on arrays whose first ``train`` rows are for training and the rest for validation.

    Few training rows are cross-validated among themselves, several times over where they are very few; many are judged
    on the validation rows. Test rows never take part.
    """
    if train >= SMALL:
        return Judging("validation", ((np.arange(train), np.arange(train, len(targets))),), len(targets) - train)
    seeds = range(REPEATS if train < FEW else 1)
    folds = [fold for seed in seeds for fold in stratified(targets[:train], groups[:train], FOLDS, seed)]
    return Judging("cross-validation", tuple(folds), train)
