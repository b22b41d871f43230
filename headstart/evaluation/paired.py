"""Two models on the same rows: what one gains over the other, and how sure that is.

The difference of two scores is treated as the mean of what its rows add to it, by the jackknife, and two rows are added
to those that there are: one that speaks for each model, with the weight of an ordinary row. Where two models differ on
few rows this says what a bootstrap cannot, that the next rows may be different ones. For accuracy it is, within half a
row in each cell, the adjusted interval of Agresti and Min (2005, https://doi.org/10.1002/sim.1781). Where a gain other
than none is asked for, the error is no less than differences of that size must have, as in the score test of Tango
(1998, https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B). ``benchmarks/gate_errors.py``
compares this with other tests.
"""

import math

from pydantic import BaseModel, ConfigDict

from headstart.arrays import Targets
from headstart.evaluation import metrics
from headstart.evaluation.estimate import CONFIDENCE, Estimate
from headstart.evaluation.jackknife import influences, weight
from headstart.spec import Metric

_POWER = 0.8
_ADDED = 2


class Gain(BaseModel):
    """What one model gains over another on the same ``rows``.

    ``confidence`` is how sure it is that the gain exceeds what was asked for. ``detectable`` is the true gain beyond
    that which four of five such comparisons would find; ``differing`` counts the rows on which the answers differ.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: int
    differing: int
    gain: Estimate
    confidence: float
    detectable: float


def compare(
    metric: Metric,
    targets: Targets,
    mine: Targets,
    theirs: Targets,
    labels: int,
    least: float = 0.0,
    wanted: float = CONFIDENCE,
) -> Gain:
    """What ``mine`` gains over ``theirs`` in the metric.

    Args:
        metric: What is compared.
        targets: The true labels, shape (rows,), two rows at least.
        mine: The labels that one model gives.
        theirs: Those of the other.
        labels: The number of labels.
        least: The gain that must be exceeded.
        wanted: How sure one wants to be of that, for what is detectable.
    """
    from scipy.stats import t

    rows = len(targets)
    gained, error = difference(metric, targets, mine, theirs, labels)
    centre = gained * rows / (rows + _ADDED)
    heft = weight(metric, targets)
    reach = float(t.ppf((1 + CONFIDENCE) / 2, rows - 1)) * error
    error = max(error, math.sqrt(max(0.0, abs(least) * math.sqrt(heft) - least**2) / rows))
    return Gain(
        rows=rows,
        differing=int((mine != theirs).sum()),
        gain=Estimate(value=gained, low=min(centre - reach, gained), high=max(centre + reach, gained)),
        confidence=float(t.cdf((centre - least) / error, rows - 1)),
        detectable=float(t.ppf(wanted, rows - 1) + t.ppf(_POWER, rows - 1)) * error,
    )


def difference(metric: Metric, targets: Targets, mine: Targets, theirs: Targets, labels: int) -> tuple[float, float]:
    """What ``mine`` gains over ``theirs``, and its standard error, with the two rows added."""
    rows = len(targets)
    gained = metrics.score(metric, targets, mine, labels) - metrics.score(metric, targets, theirs, labels)
    each = gained + influences(metric, targets, mine, labels) - influences(metric, targets, theirs, labels)
    centre = gained * rows / (rows + _ADDED)
    squares = float(((each - centre) ** 2).sum()) + _ADDED * (weight(metric, targets) + centre**2)
    return gained, math.sqrt(squares) / (rows + _ADDED)
