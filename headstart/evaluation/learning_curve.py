"""The learning curve: what more labels would bring, from what fewer labels brought.

Scores of nested samples are fitted with a power law with an offset, score(n) = c - a n^-b (pow3: Hestness et al. 2017;
Viering and Loog 2022), each size weighted by the inverse of its variance, with a >= 0, c within what is possible, and b
between 0.1 and 2. For a given b the least squares are linear, so that b runs over a grid and no optimum is missed.
Intervals come from the bootstrap over the samples, and from what the law itself was seen to miss by.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from headstart.evaluation.estimate import CONFIDENCE, Estimate

FARTHEST = 8.0  # times the largest size that was measured; beyond, extrapolations cannot be relied on
FARTHEST_LABELS = 4.0  # the same where a size is looked for: small errors in score are large ones in labels
_LEAST_SIZES = 4
_SIZES, _SMALLEST = 6, 8
_POOR = 0.025  # root mean square of what is left over, beyond noise: the law does not describe such scores
_RESAMPLINGS = 400
_RATES = np.geomspace(0.1, 2.0, 40)
_LEAST_ERROR = 0.003  # in score: no size is known better than that, and none counts for all
# Mean absolute errors in score of pow3 on heads' curves, by how far it was extrapolated; taken as standard errors.
_MISSED: Mapping[float, float] = MappingProxyType({1.0: 0.001, 2.0: 0.003, 4.0: 0.007, 8.0: 0.012})

Doubles = npt.NDArray[np.float64]


class Point(BaseModel):
    """The mean score of so many rows to fit on, with the interval of the mean over the samples."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: int
    score: Estimate


class Law(BaseModel):
    """score(n) = ``c`` - ``a`` n^-``b``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    a: float
    b: float
    c: float

    def at(self, rows: float) -> float:
        """The score with so many rows to fit on."""
        return float(self.c - self.a * rows**-self.b)


class Needed(BaseModel):
    """How many rows a target takes: the likeliest number and its interval; None where that is beyond telling."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    target: float
    rows: int | None
    low: int | None
    high: int | None


class LearningCurve(BaseModel):
    """What was measured, and what follows.

    ``law`` is None where the fit is poor, and ``why_not`` says so; then nothing is foretold. ``band`` holds the fit
    with its interval at sizes up to the farthest one that is shown. ``doubled`` is the gain of twice as many rows.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: int
    points: tuple[Point, ...]
    law: Law | None
    why_not: str
    band: tuple[Point, ...]
    doubled: Estimate | None
    needed: Needed | None


def sizes(rows: int, labels: int) -> tuple[int, ...]:
    """Sizes of nested samples of so many rows, in like steps from about two rows a label, or a 32nd part, to all."""
    least = max(_SMALLEST, 2 * labels, rows // 2 ** (_SIZES - 1))
    if 2 * least > rows:
        return tuple(sorted({max(1, rows // 2), rows}))  # too near to each other to tell a law from
    return tuple(int(size) for size in np.unique(np.geomspace(least, rows, _SIZES).round()))


def learning_curve(
    rows: int, by_size: Mapping[int, Sequence[float]], target: float | None, most: float = 1.0
) -> LearningCurve:
    """The curve and what it foretells.

    Args:
        rows: The rows there are today, from which doubling counts; at least the largest size measured.
        by_size: The scores at each size. Those at one place belong to one nested sample.
        target: The score to reach, if one was named.
        most: The best score that is possible.
    """
    measured = np.array(sorted(by_size), dtype=np.float64)
    scores = np.array([by_size[int(size)] for size in measured])  # (sizes, samples)
    points = tuple(
        Point(rows=int(size), score=_mean(each).within(0, most)) for size, each in zip(measured, scores, strict=True)
    )
    why_not = _why_not(measured, scores, most)
    if why_not:
        return LearningCurve(rows=rows, points=points, law=None, why_not=why_not, band=(), doubled=None, needed=None)
    law = _fitted(measured, scores.mean(axis=1)[None], _errors(scores), most)
    drawn = _bootstrap(measured, scores, most)
    limit = FARTHEST * measured[-1]
    shown = np.geomspace(measured[0], min(2.5 * rows, limit), 24)
    doubled = None
    if 2 * rows <= limit:
        gains = _at(drawn, 2.0 * rows) - _at(drawn, float(rows))
        gain = float((_at(law, 2.0 * rows) - _at(law, float(rows)))[0])
        doubled = _widened(gain, gains, _missed(2 * rows / measured[-1]))
    a, b, c = law[:, 0]
    return LearningCurve(
        rows=rows,
        points=points,
        law=Law(a=float(a), b=float(b), c=float(c)),
        why_not="",
        band=tuple(
            Point(
                rows=round(size),
                score=_widened(float(_at(law, size)[0]), _at(drawn, size), _missed(size / measured[-1])).within(
                    0, most
                ),
            )
            for size in shown
        ),
        doubled=doubled,
        needed=None if target is None else _needed(target, law, drawn, measured[-1]),
    )


def _why_not(measured: Doubles, scores: Doubles, most: float) -> str:
    """Why nothing can be foretold, or nothing."""
    if len(measured) < _LEAST_SIZES:
        return f"{measured[-1]:.0f} rows to fit on make {len(measured)} sizes; {_LEAST_SIZES} are needed"
    means, errors = scores.mean(axis=1), _errors(scores)
    left = means - _at(_fitted(measured, means[None], errors, most), measured[:, None])[:, 0]
    beyond = np.sqrt(max(0.0, float(np.mean(left**2) - np.mean(errors**2))))
    if beyond > _POOR:
        return f"no power law fits the scores: it misses them by {beyond:.3f} on average"
    return ""


def _needed(target: float, law: Doubles, drawn: Doubles, largest: float) -> Needed:
    """The rows at which the law and its resamplings reach the target; None beyond what can be told."""
    limit = FARTHEST_LABELS * largest

    def told(rows: float) -> int | None:
        return int(np.ceil(rows)) if rows <= limit else None

    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(_reaching(target, drawn), [tail, 1 - tail], method="inverted_cdf")
    return Needed(target=target, rows=told(float(_reaching(target, law)[0])), low=told(low), high=told(high))


def _reaching(target: float, laws: Doubles) -> Doubles:
    """The rows at which each law reaches the target; infinity where it never does."""
    a, b, c = laws
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        found = np.where(c > target, (a / np.maximum(c - target, 1e-12)) ** (1 / b), np.inf)
    return np.maximum(found, 1.0)


def _bootstrap(measured: Doubles, scores: Doubles, most: float) -> Doubles:
    """Laws of resampled samples, each with its place at all sizes; and the error of the law at the largest size."""
    generator = np.random.default_rng(0)
    samples = scores.shape[1]
    drawn = generator.integers(0, samples, size=(_RESAMPLINGS, samples))
    means = scores[:, drawn].mean(axis=2).T
    # So few samples vary less than those they come from.
    means = scores.mean(axis=1) + (means - scores.mean(axis=1)) * np.sqrt(samples / max(1, samples - 1))
    return _fitted(measured, means, _errors(scores), most)


def _fitted(measured: Doubles, means: Doubles, errors: Doubles, most: float) -> Doubles:
    """The best law for each row of means (curves, sizes): a, b and c, shape (3, curves)."""
    weights = 1 / errors**2
    weights = weights / weights.sum()
    best = np.full(len(means), np.inf)
    found = np.zeros((3, len(means)))
    for rate in _RATES:
        z = measured**-rate
        z_mean, y_mean = weights @ z, means @ weights
        slope = ((means - y_mean[:, None]) * (z - z_mean)) @ weights / (weights @ (z - z_mean) ** 2)
        slope = np.minimum(slope, 0)  # a = -slope
        offset = y_mean - slope * z_mean
        over = offset > most  # then c is the most, and a follows by itself
        slope = np.where(over, np.minimum(((means - most) * z) @ weights / (weights @ z**2), 0), slope)
        offset = np.minimum(offset, most)
        loss = ((means - offset[:, None] - slope[:, None] * z) ** 2) @ weights
        better = loss < best
        best = np.where(better, loss, best)
        found[:, better] = np.stack([-slope, np.full(len(means), rate), offset])[:, better]
    return found


def _at(laws: Doubles, rows: float | Doubles) -> Doubles:
    a, b, c = laws
    found: Doubles = c - a * rows**-b
    return found


def _errors(scores: Doubles) -> Doubles:
    """The standard error of each size's mean, with a floor."""
    spread = scores.std(axis=1, ddof=1) if scores.shape[1] > 1 else np.zeros(len(scores))
    found: Doubles = np.maximum(spread / np.sqrt(scores.shape[1]), _LEAST_ERROR)
    return found


def _mean(scores: Doubles) -> Estimate:
    from scipy.stats import t

    mean, count = float(scores.mean()), len(scores)
    if count < 2:
        return Estimate(value=mean, low=mean, high=mean)
    reach = float(t.ppf((1 + CONFIDENCE) / 2, count - 1) * scores.std(ddof=1) / np.sqrt(count))
    return Estimate(value=mean, low=mean - reach, high=mean + reach)


def _missed(factor: float) -> float:
    """The law's own error at so many times the largest size measured, in score; its logarithm is interpolated."""
    known = np.array(list(_MISSED))
    return float(np.exp(np.interp(np.log(factor), np.log(known), np.log(list(_MISSED.values())))))


def _widened(value: float, samples: Doubles, missed: float) -> Estimate:
    """The bootstrap's percentile interval around a value, with the law's own error added in squares."""
    from scipy.stats import norm

    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(samples, [tail, 1 - tail])
    reach = float(norm.ppf(1 - tail)) * missed
    return Estimate(
        value=value,
        low=value - float(np.hypot(max(0.0, value - low), reach)),
        high=value + float(np.hypot(max(0.0, high - value), reach)),
    )
