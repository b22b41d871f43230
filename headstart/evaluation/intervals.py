"""Intervals: the bootstrap for a test set, the corrected t for cross-validation, and the least that rows allow."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from headstart.arrays import Targets
from headstart.evaluation import metrics
from headstart.evaluation.estimate import CONFIDENCE, Estimate
from headstart.evaluation.jackknife import effective
from headstart.evaluation.shares import wilson
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
    """The metric with its percentile interval, no narrower than the rows allow, and its bootstrap distribution.

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
    found = percentile(metrics.score(metric, targets, predicted, labels), samples)
    return no_narrower(found, metric, targets), samples


def measured(metric: Metric, targets: Targets, predicted: Targets, labels: int) -> Estimate:
    """The metric with its percentile interval, no narrower than the rows allow."""
    kinds, counts = distinct([targets, predicted])
    return bootstrap(metric, targets, predicted, labels, resamplings(len(targets), counts), kinds)[0]


def no_narrower(found: Estimate, metric: Metric, targets: Targets) -> Estimate:
    """A score whose interval is no narrower than that of a share of so many rows.

    Rows without an error have none in any resampling or fold, and few rows have few; but the next ones may. So the
    score interval (Wilson 1927) is the least there is, with as many rows as count (:func:`.jackknife.effective`). On 50
    rows without an error it begins at 0.929, where the rule of three has 0.940.

    Args:
        found: The score and its interval.
        metric: What it is a score in.
        targets: The true labels of the rows it was measured on, shape (rows,).
    """
    rows = effective(metric, targets)
    least = wilson(found.value * rows, rows)
    return found.model_copy(update={"low": min(found.low, least.low), "high": max(found.high, least.high)})


def above_zero(gain: Estimate, freedom: int) -> float:
    """How probable it is that the true gain is above zero, where nothing else is known of it.

    Of a cross-validated gain this is the posterior of Corani and Benavoli (2015, "A Bayesian approach for comparing
    cross-validated algorithms on multiple data sets"): Student's t around the gain, with the variance of Nadeau and
    Bengio. An interval that is wider for other reasons makes it less sure.

    Args:
        gain: The gain, with an interval by Student's t.
        freedom: The degrees of freedom of that interval.
    """
    from scipy.stats import t

    reach = gain.value - gain.low if gain.value > 0 else gain.high - gain.value
    if reach <= 0:
        return 0.5 + 0.5 * float(np.sign(gain.value))
    return float(t.cdf(gain.value / reach * t.ppf((1 + CONFIDENCE) / 2, freedom), freedom))


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
    freedom = moderated_freedom(runs)
    squares = _PRIOR_RUNS * float(np.mean(row_variances)) + float(np.sum((np.asarray(values) - mean) ** 2))
    reach = float(t.ppf((1 + CONFIDENCE) / 2, freedom)) * math.sqrt(squares / freedom * (1 / runs + shared))
    return Estimate(value=mean, low=mean - reach, high=mean + reach)


def moderated_freedom(runs: int) -> int:
    """The degrees of freedom of a moderated interval of so many runs."""
    return _PRIOR_RUNS + runs - 1
