"""Reliability: whether answers are right as often as their probabilities say, on rows that had no part in them.

Rows are put into bins of equally many by the probability of the answer (equal mass), since bins of equal width leave
most rows in one. The plain error of the bins is too large on few rows, as the share that is right in a bin strays from
the truth by itself; the debiased one takes that off (Kumar, Liang and Ma 2019, https://arxiv.org/abs/1909.10155).
"""

import math

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from headstart.arrays import Outputs, Targets, softmax
from headstart.evaluation.estimate import CONFIDENCE, Estimate
from headstart.evaluation.intervals import RESAMPLINGS, resamplings
from headstart.evaluation.shares import wilson

_MOST_BINS = 15
_ROWS_A_BIN = 20

Shares = npt.NDArray[np.float64]


class Bin(BaseModel):
    """Rows with about the same probability of the answer: its mean, how many there are, and the share that is right."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    confidence: float
    rows: int
    right: Estimate


class Reliability(BaseModel):
    """How far probabilities of answers are from the share that is right.

    ``expected`` is the mean gap over the bins, weighted by rows (expected calibration error). ``debiased`` is the root
    mean square gap without what chance alone would give. ``log_loss`` is in nats a row, ``brier`` the mean
    squared error of all probabilities (Brier 1950), from 0 to 2.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    expected: Estimate
    debiased: float
    log_loss: float
    brier: float
    bins: tuple[Bin, ...]


def reliability(outputs: Outputs, targets: Targets) -> Reliability:
    """How reliable the probabilities of outputs of shape (rows, labels) are on these targets."""
    probabilities = softmax(outputs)
    confidence, right = probabilities.max(axis=1), (probabilities.argmax(axis=1) == targets).astype(np.float64)
    of_bin = _equal_mass(confidence)
    rows = np.bincount(of_bin)
    hits, claimed = (np.bincount(of_bin, weights=each) for each in (right, confidence))
    truth = probabilities[np.arange(len(targets)), targets]
    return Reliability(
        expected=_expected(confidence, right, of_bin),
        debiased=_debiased(hits / rows, claimed / rows, rows),
        log_loss=float(-np.log(np.maximum(truth, 1e-300)).mean()),
        brier=float(((probabilities**2).sum(axis=1) - 2 * truth + 1).mean()),
        bins=tuple(
            Bin(confidence=float(claim / count), rows=int(count), right=wilson(int(hit), int(count)))
            for hit, claim, count in zip(hits, claimed, rows, strict=True)
        ),
    )


def _equal_mass(confidence: Shares) -> npt.NDArray[np.intp]:
    """The number of each row's bin; rows of equal confidence may be parted, in their order."""
    bins = max(1, min(_MOST_BINS, len(confidence) // _ROWS_A_BIN))
    rank = np.empty(len(confidence), dtype=np.intp)
    rank[np.argsort(confidence, kind="stable")] = np.arange(len(confidence))
    return rank * bins // len(confidence)


def _expected(confidence: Shares, right: Shares, of_bin: npt.NDArray[np.intp]) -> Estimate:
    """The expected calibration error with its interval.

    A resampling strays from these rows as they do from the truth, so its error is too large by about as much as ours
    is: the basic bootstrap interval, unlike that of percentiles, takes this off (Davison and Hinkley 1997, section
    5.2). It begins at 0 where answers that are right as often as said would often err as much by chance (consistency
    resampling: Bröcker and Smith 2007, https://doi.org/10.1175/WAF993.1).
    """
    rows = len(confidence)
    sums = np.zeros((rows, int(of_bin.max()) + 1))
    sums[np.arange(rows), of_bin] = confidence - right
    value = float(np.abs(sums.sum(axis=0)).sum() / rows)
    samples = np.abs(resamplings(rows) @ sums).sum(axis=1) / rows
    tail = (1 - CONFIDENCE) / 2
    low, high = (2 * value - float(each) for each in np.quantile(samples, [1 - tail, tail]))
    spread = np.sqrt(np.bincount(of_bin, weights=confidence * (1 - confidence)))
    honest = np.abs(np.random.default_rng(0).normal(size=(RESAMPLINGS, len(spread))) * spread).sum(axis=1) / rows
    if value <= np.quantile(honest, 1 - tail):
        low = 0.0
    return Estimate(value=value, low=min(max(0.0, low), value), high=max(min(1.0, high), value))


def _debiased(right: Shares, claimed: Shares, rows: npt.NDArray[np.intp]) -> float:
    chance = right * (1 - right) / np.maximum(rows - 1, 1)
    square = float((((right - claimed) ** 2 - chance) * rows).sum() / rows.sum())
    return math.sqrt(max(0.0, square))
