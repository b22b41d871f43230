"""The one-standard-error rule: scores that are so near the best that the difference may well be luck.

Breiman et al. 1984; Hastie, Tibshirani and Friedman 2009, section 7.10.
"""

import math


def standard_error(score: float, rows: int) -> float:
    """The standard error of a share of rows."""
    return math.sqrt(score * (1 - score) / max(1, rows))


def as_good(best: float, rows: int) -> tuple[float, float]:
    """The scores within one standard error of the best, which was measured on so many rows, from low to high."""
    return best - standard_error(best, rows), best
