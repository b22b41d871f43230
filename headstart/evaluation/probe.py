"""The normalised linear probe: logistic regression on unit-length features, its layer and strength chosen within.

Everything that is chosen is chosen on the rows to fit on, so that the rows to judge on see one head only: the best of
many layers, judged on the rows that chose it, would be lucky.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from headstart.arrays import Array, Targets
from headstart.evaluation import metrics
from headstart.evaluation.folds import Fold, Indices, stratified, subsample
from headstart.evaluation.transferability import left_out, logme, shortlist
from headstart.heads import FAMILIES, Setting
from headstart.heads.fitted import Fitted, outputs
from headstart.spec import Metric

TRIED = 2  # layers, of those that the closed forms prefer
SCORED_ROWS = 2000  # beyond, a part of the rows ranks layers and strengths as well
FEW = 1000
_STRENGTHS = (1.0, 10.0, 100.0)
_SEED = 0

Layers = Callable[[int], Array]
"""The features of a layer, shape (rows, width), at unit length."""


@dataclass(frozen=True)
class Chosen:
    """What the rows to fit on prefer, and its score on the inner folds."""

    layer: int
    setting: Setting
    inner: float


def settings(metric: Metric) -> tuple[Setting, ...]:
    """The strengths to try; macro F1, which counts labels alike, with balanced labels too."""
    balances = (0.0, 1.0) if metric == "macro_f1" else (0.0,)
    return tuple({"c": c, "balance": balance} for balance in balances for c in _STRENGTHS)


def choose(
    layers: Layers, depth: int, targets: Targets, groups: Sequence[str], labels: int, metric: Metric, rows: Indices
) -> Chosen:
    """The layer, of 0 to ``depth``, and the strength that do best among the rows given.

    Args:
        layers: Gives features of all rows.
        depth: The topmost layer.
        targets: Label numbers of all rows, shape (rows,).
        groups: What keeps rows together, of all rows.
        labels: The number of labels.
        metric: What is best.
        rows: The rows to fit on.
    """
    sample = subsample(rows, targets, SCORED_ROWS, _SEED)
    known = targets[sample]
    evidence = [logme(layers(layer)[sample], known, labels) for layer in range(depth + 1)]
    unseen = [left_out(layers(layer)[sample], known, labels, metric) for layer in range(depth + 1)]
    inner = inner_folds(known, [groups[row] for row in sample])
    found: list[Chosen] = []
    for layer in shortlist(evidence, unseen, TRIED):
        x, tried = layers(layer)[sample], settings(metric)
        by_fold = [_scores(x, known, labels, metric, tried, fold) for fold in inner]
        means = np.mean(by_fold, axis=0)
        best = int(means.argmax())
        found.append(Chosen(layer, tried[best], float(means[best])))
    return max(found, key=lambda each: each.inner)


def inner_folds(targets: Targets, groups: Sequence[str]) -> list[Fold]:
    """Three of five folds, which tell settings apart about as well as all; of many rows two."""
    return stratified(targets, groups, 5, _SEED)[: 3 if len(targets) < FEW else 2]


def fit(x: Array, targets: Targets, labels: int, setting: Setting) -> Fitted:
    """The probe on unit-length features (rows, width)."""
    (head,) = FAMILIES["linear"].fit(x, targets, labels, [setting], _SEED)
    return head


def predict(x: Array, targets: Targets, labels: int, setting: Setting, unseen: Array) -> Targets:
    """What the probe, fitted on the first features, answers for the others: label numbers (rows,)."""
    answers: Targets = outputs(fit(x, targets, labels, setting), unseen).argmax(axis=1)
    return answers


def _scores(
    x: Array, targets: Targets, labels: int, metric: Metric, tried: Sequence[Setting], fold: Fold
) -> list[float]:
    fitted, judged = fold
    heads = FAMILIES["linear"].fit(x[fitted], targets[fitted], labels, tried, _SEED)
    return [metrics.score(metric, targets[judged], outputs(head, x[judged]).argmax(axis=1), labels) for head in heads]
