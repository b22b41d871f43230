"""Metrics of predicted labels, for many resamplings of the rows at once.

A resampling is a row of weights: how often each test row was drawn. Equal weights of one give the metric
itself, so the same few lines serve an estimate and its bootstrap distribution.
"""

from collections.abc import Mapping
from typing import get_args

import numpy as np
import numpy.typing as npt

from headstart.arrays import Targets
from headstart.spec import Metric

Weights = npt.NDArray[np.float64]
Scores = npt.NDArray[np.float64]
METRICS: tuple[Metric, ...] = get_args(Metric)


def score(metric: Metric, targets: Targets, predicted: Targets, labels: int) -> float:
    """One metric of one set of predictions, in [0, 1]."""
    return float(weighted(metric, targets, predicted, labels, np.ones((1, len(targets))))[0])


def scores(targets: Targets, predicted: Targets, labels: int) -> Mapping[str, float]:
    """Every metric of one set of predictions."""
    return {metric: score(metric, targets, predicted, labels) for metric in METRICS}


def weighted(metric: Metric, targets: Targets, predicted: Targets, labels: int, weights: Weights) -> Scores:
    """The metric under each row of ``weights``, shape (resamplings, rows); gives shape (resamplings,)."""
    if metric == "accuracy":
        right: Scores = weights @ (targets == predicted) / weights.sum(axis=1)
        return right
    return _macro(*_counts(targets, predicted, labels, weights))


def per_label_f1(targets: Targets, predicted: Targets, labels: int) -> Scores:
    """F1 of each label, shape (labels,); 0 where a label is neither present nor predicted."""
    hits, actual, claimed = _counts(targets, predicted, labels, np.ones((1, len(targets))))
    each: Scores = (2 * hits / np.maximum(actual + claimed, 1))[0]
    return each


def confusion(targets: Targets, predicted: Targets, labels: int) -> npt.NDArray[np.int64]:
    """Counts with the true label as row and the predicted one as column, shape (labels, labels)."""
    matrix = np.zeros((labels, labels), dtype=np.int64)
    np.add.at(matrix, (targets, predicted), 1)
    return matrix


def _counts(targets: Targets, predicted: Targets, labels: int, weights: Weights) -> tuple[Scores, Scores, Scores]:
    """Hits, true occurrences and predictions of each label, each of shape (resamplings, labels)."""
    is_true, is_claimed = np.eye(labels)[targets], np.eye(labels)[predicted]
    return weights @ (is_true * is_claimed), weights @ is_true, weights @ is_claimed


def _macro(hits: Scores, actual: Scores, claimed: Scores) -> Scores:
    """F1 averaged over the labels that are present or predicted, as scikit-learn does."""
    seen = actual + claimed
    averaged: Scores = (2 * hits / np.maximum(seen, 1)).sum(axis=1) / np.maximum((seen > 0).sum(axis=1), 1)
    return averaged
