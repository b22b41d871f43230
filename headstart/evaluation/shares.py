"""Intervals of a share of rows, sound for few rows and for shares of none or all."""

import math
from statistics import NormalDist

from headstart.evaluation.estimate import CONFIDENCE, Estimate

_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


def wilson(hits: float, of: float) -> Estimate:
    """The share and its score interval (Wilson 1927); of no rows, 0 and everything that is possible.

    Both may be what is left after weighting, and need not be whole.
    """
    if not of:
        return Estimate(value=0.0, low=0.0, high=1.0)
    share = hits / of
    centre = (hits + _Z**2 / 2) / (of + _Z**2)
    reach = _Z / (of + _Z**2) * math.sqrt(hits * (of - hits) / of + _Z**2 / 4)
    # Within rounding the interval holds the share itself.
    return Estimate(value=share, low=min(max(0.0, centre - reach), share), high=max(min(1.0, centre + reach), share))


def f1(hits: int, concerned: int) -> Estimate:
    """F1 of one label, from the rows that have it or were said to, and how many of them were hits.

    F1 rises with the share of hits among these rows (the Jaccard index J) and with nothing else: it is
    2J / (1 + J). So Wilson's interval of that share gives one of F1; it is sound for few rows and for
    perfect scores, where a bootstrap would claim certainty.
    """
    share = wilson(hits, concerned)
    return Estimate(value=_f1_of(share.value), low=_f1_of(share.low), high=_f1_of(share.high))


def at_least(hits: int, of: int, risk: float) -> float:
    """The share that the true one exceeds but for the risk: the exact lower bound of Clopper and Pearson (1934)."""
    from scipy.stats import beta

    return float(beta.ppf(risk, hits, of - hits + 1)) if hits > 0 else 0.0


def _f1_of(jaccard: float) -> float:
    return 2 * jaccard / (1 + jaccard)
