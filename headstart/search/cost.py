"""What trials cost, roughly: enough to tell work of seconds from work of minutes."""

from collections.abc import Sequence

from headstart.heads import FROM_MOMENTS, HALVINGS
from headstart.search.candidate import Trial

_RATE = 4e10  # operations a second of one core
_EIGENBASIS = 25  # operations for each number of a matrix and each of its columns
_ITERATIVE = 240  # for each row, feature and label: about 60 iterations of two products
_STEPPED = 150  # for each row and weight: about 25 passes forward and back
_HIDDEN = 128


def seconds(bundles: Sequence[Sequence[Trial]], rows: int, width: int, labels: int, folds: int) -> float:
    """The seconds of one core that bundles of trials take, within a factor of some three.

    Args:
        bundles: See :func:`headstart.search.trial.bundled`.
        rows: How many rows a fold is fitted on.
        width: The number of features.
        labels: The number of labels.
        folds: How often each trial is fitted.
    """
    return sum(_operations(bundle[0], rows, width, labels, folds) for bundle in bundles) / _RATE


def _operations(trial: Trial, rows: int, width: int, labels: int, folds: int) -> float:
    if trial.family in FROM_MOMENTS:
        return 4.0 * rows * width**2 + _EIGENBASIS * folds * width**3
    if trial.family in HALVINGS:
        return float(_STEPPED) * folds * rows * _HIDDEN * (width + labels)
    return 4.0 * rows * width**2 + _EIGENBASIS * width**3 + float(_ITERATIVE) * folds * rows * width * labels
