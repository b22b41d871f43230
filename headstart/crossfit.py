"""Training rows answered by heads that do not know them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from headstart.arrays import Array, Outputs, Targets
from headstart.compute import Report
from headstart.context import Context
from headstart.dataset import Rows
from headstart.evaluation.folds import stratified
from headstart.evaluation.novelty import Landmarks
from headstart.head import Head
from headstart.heads import FAMILIES
from headstart.heads.fitted import outputs, scaled
from headstart.search import SEED, Candidate

FOLDS = 5
MOST_ROWS = 20_000  # training rows that are answered; of more, as many drawn at random


@dataclass(frozen=True)
class CrossFitted:
    """Training rows, each answered by a head that was fitted without it.

    ``rows`` are their numbers among the training rows; ``outputs`` have shape (rows, labels), ``nearness`` shape
    (rows,).
    """

    rows: Targets
    outputs: Outputs
    nearness: Array


def cross_fitted(x: Array, rows: Rows, head: Head, labels: int, on: Context, report: Report) -> CrossFitted:
    """Answer training rows by heads of the winner's kind that were fitted without them.

    Args:
        x: The features that the head looks at, shape (rows, width).
        rows: The training rows.
        head: The winner.
        labels: The number of labels.
        on: Where to compute.
        report: Is told of the progress.
    """
    taken = np.arange(len(rows))
    if len(rows) > MOST_ROWS:
        taken = np.sort(np.random.default_rng(SEED).permutation(len(rows))[:MOST_ROWS])
    targets = rows.targets[taken]
    folds = stratified(targets, [rows.groups[row] for row in taken.tolist()], FOLDS, SEED)
    shared = {"x": x[taken], "targets": targets, "labels": labels, "folds": folds, "winner": head.chosen}
    found = on.compute.map(
        fit_without, range(FOLDS), shared, lambda done, total, note: report(done, total, "cross-fitting")
    )
    answers, nearness = np.zeros((len(taken), labels), np.float32), np.zeros(len(taken), np.float32)
    for (_, judge), (ours, near) in zip(folds, found, strict=True):
        answers[judge], nearness[judge] = ours, near
    return CrossFitted(taken, answers, nearness)


def fit_without(fold: int, shared: Mapping[str, Any]) -> tuple[Outputs, Array]:
    """The outputs and the nearness of one fold's rows, by a head and landmarks of the other folds' rows."""
    x, targets = shared["x"], shared["targets"]
    winner: Candidate = shared["winner"]
    fit, judge = shared["folds"][fold]
    (head,) = FAMILIES[winner.family].fit(x[fit], targets[fit], shared["labels"], [winner.setting], SEED)
    near = Landmarks.of(x[fit], targets[fit]).nearness(x[judge])
    return outputs(scaled(head, winner.temperature), x[judge]), near
