"""Assessments in this process, of features and texts that are made up or real."""

from collections.abc import Mapping, Sequence

import numpy as np

from headstart.arrays import Array, Targets
from headstart.compute import Held, InlineCompute
from headstart.evaluation.concluding import Found, conclude, winner
from headstart.evaluation.controls import CONTROLS, Labeled
from headstart.evaluation.cross_validation import (
    FOLDS,
    Ground,
    Sized,
    judge_control,
    judge_probe,
    judge_size,
    plan,
    score_layer,
)
from headstart.evaluation.learning_curve import sizes
from headstart.evaluation.verdict import Verdict
from headstart.spec import Metric


def ground_of(texts: Sequence[str], targets: Targets, layers: Sequence[Array], metric: Metric = "accuracy") -> Ground:
    groups = [str(row) for row in range(len(targets))]
    held: Mapping[tuple[int, int], Held] = {(0, number): Held(each) for number, each in enumerate(layers)}
    labeled = Labeled(texts, np.asarray(targets), groups)
    folds = plan(targets, groups)[:FOLDS]  # once over, however few the rows
    return Ground(labeled, int(max(targets)) + 1, metric, folds, held, (len(layers) - 1,))


def judged(ground: Ground, target: float | None = None) -> Verdict:
    """The verdict of one backbone's layers, without short trainings."""
    compute, shared = InlineCompute(), {"ground": ground}
    folds = range(len(ground.folds))

    def silent(done: float, total: float, note: str) -> None:
        """Nobody is told."""

    controls = {name: compute.map(judge_control, [(name, fold) for fold in folds], shared, silent) for name in CONTROLS}
    probes = [compute.map(judge_probe, [(0, fold) for fold in folds], shared, silent)]
    best = winner(ground, probes)
    fit = min(len(fit) for fit, _ in ground.folds)
    sized = [Sized(fold, size, best) for size in sizes(fit, ground.labels) for fold in folds]
    answers = compute.map(judge_size, sized, shared, silent)
    layers = list(ground.features)
    return conclude(
        ground,
        best,
        Found(
            names=("model",),
            identities=("identity",),
            labels=tuple(f"label {number}" for number in range(ground.labels)),
            of=len(ground.labeled.targets),
            target=target,
            controls=controls,
            probes=probes,
            layers=dict(zip(layers, compute.map(score_layer, layers, shared, silent), strict=True)),
            sized={(each.rows, each.fold): found for each, found in zip(sized, answers, strict=True)},
            short=None,
            not_tuned="there was no time",
            row_seconds=0.01,
            pass_seconds=None,
        ),
    )
