"""The jackknife: what each row does to a metric, by leaving it out (Efron and Tibshirani 1993, chapter 11).

The influences of all rows have a mean of zero, and the sum of their squares over the squared number of rows is the
score's variance. Of a mean over labels the jackknife sees what its linear part does not: a label with few rows whose
score would jump were one of them not there.
"""

import numpy as np
import numpy.typing as npt

from headstart.arrays import Targets
from headstart.evaluation import metrics
from headstart.spec import Metric

Influences = npt.NDArray[np.float64]


def influences(metric: Metric, targets: Targets, predicted: Targets, labels: int) -> Influences:
    """What each row adds to the metric, shape (rows,), for two rows or more."""
    rows = len(targets)
    if metric == "accuracy":
        right = (targets == predicted).astype(np.float64)
        centred: Influences = right - right.mean()
        return centred
    # Rows of the same target and answer do the same, so one of each is left out.
    kinds, kind_of = np.unique(targets * labels + predicted, return_inverse=True)
    true, claimed = np.divmod(kinds, labels)
    counts = np.bincount(kind_of) - np.eye(len(kinds))
    without = metrics.weighted(metric, true, claimed, labels, counts)[kind_of]
    found: Influences = (rows - 1) * (without.mean() - without)
    return found


def weight(metric: Metric, targets: Targets) -> float:
    """The mean square of what a row may weigh: 1 for accuracy; more where a mean over labels makes rare ones count."""
    if metric == "accuracy":
        return 1.0
    counts = np.unique(targets, return_counts=True)[1]
    return float(len(targets) / len(counts) ** 2 * (1 / counts).sum())


def effective(metric: Metric, targets: Targets) -> float:
    """How many rows of equal weight say as much (Kish 1965): all for accuracy, fewer where rare labels count alike."""
    return len(targets) / weight(metric, targets)
