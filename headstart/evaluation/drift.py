"""Drift: whether texts that a model answers are still like those that it was judged on.

Both are compared by what the model makes of them: its features, its answers, and how sure it is of them. If nothing
changed, the rows of both could as well change places, so each test is a permutation test, which holds for any number of
rows and whatever the features are (Good 2005):

- features: the maximum mean discrepancy with a Gaussian kernel as wide as the median distance (Gretton et al. 2012,
  https://jmlr.org/papers/v13/gretton12a.html). Its effect is how often a new text is told from an old one by the
  kernel means of all others: one half where they are alike (the common language effect size, McGraw and Wong 1992).
- labels: the population stability index of the shares of answers (Siddiqi 2006). That of few rows or many labels is not
  zero by itself (Yurdakul and Naranjo 2020, https://doi.org/10.21314/JRMV.2020.227): what chance gives stands beside.
- confidence: the largest distance of the distributions of the answers' probability (Kolmogorov and Smirnov).

Three tests find something by chance more often than one: their p-values are adjusted for that (Holm 1979).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from headstart.arrays import Computed, Targets, softmax

RISK = 0.01
"""How often texts that are like the old ones are called drifted, at most."""
ROWS = 1000
"""The most rows of each side that are compared: enough to see what matters, few enough not to see what does not."""
FEWEST = 50
_DRAWS = 999
_MOST_LABELS = 10

What = Literal["features", "labels", "confidence"]
_Values = npt.NDArray[np.float64]
_Old = npt.NDArray[np.float32]  # of each draw whether a row counts as an old one, shape (draws, rows)


@dataclass(frozen=True)
class Seen:
    """What a model makes of rows: features (rows, width) in half precision, answers and their probability (rows,)."""

    features: npt.NDArray[np.float16]
    answers: Targets
    confidence: npt.NDArray[np.float32]

    @classmethod
    def of(cls, computed: Computed) -> "Seen":
        """The same of what a predictor has computed, with calibrated outputs."""
        probabilities = softmax(computed.outputs)
        confidence = probabilities.max(axis=1).astype(np.float32)
        return cls(computed.features.astype(np.float16), computed.outputs.argmax(axis=1), confidence)

    def sample(self) -> "Seen":
        """At most :data:`ROWS` of the rows, drawn at random."""
        rows = np.sort(np.random.default_rng(0).permutation(len(self.answers))[:ROWS])
        return Seen(self.features[rows], self.answers[rows], self.confidence[rows])


class Shift(BaseModel):
    """One comparison: its effect and what chance gives on average, the p-value, and that adjusted for all three.

    ``effect`` is for features the share of times that a new row is told from an old one, for labels the population
    stability index, and for confidence the largest distance of the distributions.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: What
    effect: float
    chance: float
    p: float
    adjusted: float

    @property
    def is_found(self) -> bool:
        """Whether chance alone would seldom give as much."""
        return self.adjusted <= RISK


class LabelShift(BaseModel):
    """The share of rows that were answered with a label, then and now."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str
    then: float
    now: float


class Drift(BaseModel):
    """How ``rows`` new texts differ from ``old_rows`` that the model was judged on; ``labels`` has what changed most.

    ``confidence`` is the mean probability of the answers, then and now.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    old_rows: int
    rows: int
    shifts: tuple[Shift, ...]
    labels: tuple[LabelShift, ...]
    confidence: tuple[float, float]

    @property
    def is_found(self) -> bool:
        """Whether the texts have drifted in any way."""
        return any(each.is_found for each in self.shifts)

    def summary(self) -> str:
        """One line for people."""
        found = [f"{each.what} (p {each.adjusted:.3f})" for each in self.shifts if each.is_found]
        if found:
            return f"drift in {', '.join(found)}"
        return f"no drift found (p {min(each.adjusted for each in self.shifts):.3f})"


def drift(old: Seen, new: Seen, labels: tuple[str, ...]) -> Drift | None:
    """Compare what a model makes of two sets of rows, neither of which it has learned from; None for too few rows.

    Args:
        old: The rows that it was judged on.
        new: Others.
        labels: The names of the answers.
    """
    if min(len(old.answers), len(new.answers)) < FEWEST:
        return None
    old, new = old.sample(), new.sample()
    draws = _draws(len(old.answers), len(new.answers))
    features = np.concatenate([old.features, new.features]).astype(np.float32)
    discrepancy, told = _features(features, draws)
    index = _labels(np.concatenate([old.answers, new.answers]), draws)
    distance = _confidence(np.concatenate([old.confidence, new.confidence]), draws)
    ps = [_p(discrepancy), _p(index), _p(distance)]
    names: tuple[What, ...] = ("features", "labels", "confidence")
    effects = (told, index, distance)
    return Drift(
        old_rows=len(old.answers),
        rows=len(new.answers),
        shifts=tuple(
            Shift(what=name, effect=float(effect[0]), chance=float(effect[1:].mean()), p=p, adjusted=adjusted)
            for name, effect, p, adjusted in zip(names, effects, ps, holm(ps), strict=True)
        ),
        labels=_label_shifts(old.answers, new.answers, labels),
        confidence=(float(old.confidence.mean()), float(new.confidence.mean())),
    )


def holm(ps: list[float]) -> list[float]:
    """P-values of several tests, each as if it were the only one (Holm 1979)."""
    adjusted, worst = [0.0] * len(ps), 0.0
    for place, test in enumerate(np.argsort(ps, kind="stable").tolist()):
        worst = max(worst, min(1.0, (len(ps) - place) * ps[test]))
        adjusted[test] = worst
    return adjusted


def _draws(old: int, new: int) -> _Old:
    """Which rows count as old: first those that are, then as many at random."""
    truth = (np.arange(old + new) < old).astype(np.float32)
    drawn = np.random.default_rng(0).permuted(np.tile(truth, (_DRAWS, 1)), axis=1)
    return np.concatenate([truth[None], drawn])


def _p(statistic: _Values) -> float:
    return float((statistic >= statistic[0] - 1e-12).mean())  # the truth is one of the draws


def _features(x: npt.NDArray[np.float32], draws: _Old) -> tuple[_Values, _Values]:
    """The unbiased squared discrepancy, and how often new is told from old, of each draw."""
    from scipy.stats import rankdata

    squares = (x**2).sum(axis=1)
    distances = np.maximum(squares[:, None] + squares - 2 * x @ x.T, 0)
    kernel = np.exp(-distances / (2 * max(float(np.median(distances)), 1e-12)))
    np.fill_diagonal(kernel, 0)
    rows, old = len(x), int(draws[0].sum())
    new = rows - old
    near_old = (draws @ kernel).astype(np.float64)  # the kernel is symmetric
    near_new = kernel.sum(axis=1, dtype=np.float64) - near_old
    within, across = (near_old * draws).sum(axis=1), (near_old * (1 - draws)).sum(axis=1)
    beyond = (near_new * (1 - draws)).sum(axis=1)
    discrepancy = within / (old * (old - 1)) + beyond / (new * (new - 1)) - 2 * across / (old * new)
    likeness = near_new / (new - 1 + draws) - near_old / (old - draws)  # no row is compared with itself
    ranks = rankdata(likeness, axis=1)
    told = ((ranks * (1 - draws)).sum(axis=1) - new * (new + 1) / 2) / (old * new)
    return discrepancy, told


def _labels(answers: Targets, draws: _Old) -> _Values:
    """The population stability index of each draw; half a row more of each label keeps it finite."""
    _, number = np.unique(answers, return_inverse=True)
    one_hot = np.eye(int(number.max()) + 1, dtype=np.float32)[number]
    counts = (draws @ one_hot + 0.5).astype(np.float64), ((1 - draws) @ one_hot + 0.5).astype(np.float64)
    old, new = (each / each.sum(axis=1, keepdims=True) for each in counts)
    index: _Values = ((new - old) * np.log(new / old)).sum(axis=1)
    return index


def _confidence(confidence: npt.NDArray[np.float32], draws: _Old) -> _Values:
    order = np.argsort(confidence, kind="stable")
    ends = np.append(np.diff(confidence[order]) > 0, True)  # of rows that are equally sure the last
    sorted_ = draws[:, order]
    old, new = (np.cumsum(each, axis=1)[:, ends].astype(np.float64) for each in (sorted_, 1 - sorted_))
    distance: _Values = np.abs(old / old[:, -1:] - new / new[:, -1:]).max(axis=1)
    return distance


def _label_shifts(old: Targets, new: Targets, labels: tuple[str, ...]) -> tuple[LabelShift, ...]:
    then, now = (np.bincount(each, minlength=len(labels)) / len(each) for each in (old, new))
    most = np.argsort(-np.abs(now - then), kind="stable")[:_MOST_LABELS].tolist()
    return tuple(LabelShift(label=labels[row], then=float(then[row]), now=float(now[row])) for row in most)
