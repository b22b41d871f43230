"""Intervals: the bootstrap for a test set, the corrected t for cross-validation."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from headstart.arrays import Targets
from headstart.evaluation import metrics
from headstart.evaluation.estimate import CONFIDENCE, Estimate
from headstart.spec import Metric

RESAMPLINGS = 2000
_PRIOR_RUNS = 8


def percentile(value: float, samples: npt.NDArray[np.float64]) -> Estimate:
    """An estimate with the percentile interval of its bootstrap distribution."""
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(samples, [tail, 1 - tail])
    return Estimate(value=value, low=float(low), high=float(high))


def resamplings(rows: int, counts: npt.NDArray[np.intp] | None = None, seed: int = 0) -> metrics.Weights:
    """How often each row is drawn in each bootstrap resampling, shape (RESAMPLINGS, rows).

    The same weights for two models make their comparison a paired one (Efron and Tibshirani 1993).

    Args:
        rows: How many rows there are, and are drawn.
        counts: How many rows there are of each kind, to draw kinds instead: shape (RESAMPLINGS, kinds).
        seed: Decides what is drawn.
    """
    generator = np.random.default_rng(seed)
    shares = np.full(rows, 1 / rows) if counts is None else counts / rows
    return generator.multinomial(rows, shares, size=RESAMPLINGS).astype(np.float64)


def distinct(columns: Sequence[Targets]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """A row of each kind, and how many there are of it; rows with equal entries in all columns are of one kind."""
    _, first, counts = np.unique(np.stack(columns, axis=1), axis=0, return_index=True, return_counts=True)
    return first, counts


def bootstrap(
    metric: Metric,
    targets: Targets,
    predicted: Targets,
    labels: int,
    weights: metrics.Weights,
    kinds: npt.NDArray[np.intp] | None = None,
) -> tuple[Estimate, npt.NDArray[np.float64]]:
    """The metric with its percentile interval, and its bootstrap distribution for paired comparisons.

    Args:
        metric: The metric.
        targets: Shape (rows,).
        predicted: Shape (rows,).
        labels: The number of labels.
        weights: How often each row, or each kind, is drawn (:func:`resamplings`).
        kinds: The rows that stand for the kinds, where ``weights`` are of kinds.
    """
    drawn = slice(None) if kinds is None else kinds
    samples = metrics.weighted(metric, targets[drawn], predicted[drawn], labels, weights)
    return percentile(metrics.score(metric, targets, predicted, labels), samples), samples


def measured(metric: Metric, targets: Targets, predicted: Targets, labels: int) -> Estimate:
    """The metric with its percentile interval."""
    kinds, counts = distinct([targets, predicted])
    return bootstrap(metric, targets, predicted, labels, resamplings(len(targets), counts), kinds)[0]


def cross_validated(values: Sequence[float], train_rows: int, test_rows: int) -> Estimate:
    """The mean over the folds of repeated cross-validation, with the corrected resampled t interval.

    The folds share training rows, so the plain t interval is far too narrow; Nadeau and Bengio (2003)
    widen the variance by test_rows/train_rows.
    """
    from scipy.stats import t

    folds = len(values)
    spread = float(np.var(values, ddof=1)) * (1 / folds + test_rows / train_rows)
    reach = float(t.ppf((1 + CONFIDENCE) / 2, folds - 1)) * math.sqrt(spread)
    mean = float(np.mean(values))
    return Estimate(value=mean, low=mean - reach, high=mean + reach)


def moderated(values: Sequence[float], row_variances: Sequence[float], shared: float) -> Estimate:
    """The mean of a few runs, whose spread is judged by what each says of its own sampling as well as by their own.

    Three runs hardly tell how much runs differ, but the judged rows tell how much each would differ on other rows. So
    the variance is drawn towards that one, as if :data:`_PRIOR_RUNS` more runs had shown it (Smyth 2004, moderated t).

    Args:
        values: One score or paired difference a run.
        row_variances: The sampling variance of each over the rows it was judged on, say by bootstrap.
        shared: What Nadeau and Bengio's correction adds to one over the number of runs, for rows that runs share.
    """
    from scipy.stats import t

    runs, mean = len(values), float(np.mean(values))
    freedom = _PRIOR_RUNS + runs - 1
    squares = _PRIOR_RUNS * float(np.mean(row_variances)) + float(np.sum((np.asarray(values) - mean) ** 2))
    reach = float(t.ppf((1 + CONFIDENCE) / 2, freedom)) * math.sqrt(squares / freedom * (1 / runs + shared))
    return Estimate(value=mean, low=mean - reach, high=mean + reach)
