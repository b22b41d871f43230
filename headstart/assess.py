"""Assessing transfer: controls, frozen features, short trainings and the learning curve, all on the same folds."""

import os
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from headstart.backbone import Backbone, Backbones
from headstart.compute import Handle, Report
from headstart.context import Context
from headstart.dataset import Dataset, Rows
from headstart.evaluation.concluding import Found, conclude, winner
from headstart.evaluation.controls import CONTROLS, Labeled
from headstart.evaluation.cross_validation import (
    FOLDS,
    Ground,
    Sized,
    Winner,
    judge_control,
    judge_probe,
    judge_size,
    plan,
    score_layer,
)
from headstart.evaluation.folds import subsample
from headstart.evaluation.learning_curve import sizes
from headstart.evaluation.short_evidence import Compared, summed_up
from headstart.evaluation.short_plan import Planned, RowCost, Run, plan_runs
from headstart.evaluation.verdict import ShortTrainings, Verdict
from headstart.features import features
from headstart.short_training import Answers, Task, row_cost, short_run
from headstart.spec import AssessSpec, GateSpec

MOST_ROWS = 10_000  # beyond, a sample tells as much: the intervals are narrow by then
_SEED = 0
K = TypeVar("K")
V = TypeVar("V")


def assess(
    spec: AssessSpec, gate: GateSpec, dataset: Dataset, backbones: Backbones, on: Context, report: Report
) -> Verdict:
    """The verdict from the training and validation rows; the test rows stay unseen."""
    whole = trainable(dataset, on)
    ground, pass_seconds = _ground(whole, dataset, backbones, gate, on, report)
    shared = {"ground": ground}
    folds, numbers = range(len(ground.folds)), range(len(backbones.candidates))

    controlled = [(name, fold) for name in CONTROLS for fold in folds]
    judged = on.compute.map(judge_control, controlled, shared, _told(report, "models that transfer nothing"))
    probed = [(number, fold) for number in numbers for fold in folds]
    probes = on.compute.map(judge_probe, probed, shared, _told(report, "probes of frozen features"))
    layers = [(number, layer) for number in numbers for layer in range(ground.depths[number] + 1)]
    scores = on.compute.map(score_layer, layers, shared, _told(report, "transferability of the layers"))

    by_backbone = [_of(number, probed, probes) for number in numbers]
    best = winner(ground, by_backbone)
    smallest = min(len(fit) for fit, _ in ground.folds)
    sized = [Sized(fold, size, best) for size in sizes(smallest, ground.labels) for fold in folds]
    answers = on.compute.map(judge_size, sized, shared, _told(report, "learning curve"))
    planned, row, short = _short(
        spec, dataset, backbones.candidates[best.backbone], best, ground, len(whole), on, report
    )
    return conclude(
        ground,
        best,
        Found(
            names=_names(backbones),
            identities=tuple(each.identity for each in backbones.candidates),
            labels=dataset.labels,
            of=len(whole),
            target=(gate.min or None) if spec.target == "gate" else spec.target,
            controls={name: _of(name, controlled, judged) for name in CONTROLS},
            probes=by_backbone,
            layers=dict(zip(layers, scores, strict=True)),
            sized={(each.rows, each.fold): found for each, found in zip(sized, answers, strict=True)},
            short=short,
            not_tuned=planned.why_not,
            row_seconds=row.seconds,
            pass_seconds=pass_seconds[best.backbone],
        ),
    )


def trainable(dataset: Dataset, on: Context) -> Rows:
    """The training rows and then the validation rows."""
    return dataset.read(on.workspace, "train") + dataset.read(on.workspace, "validation")


def _ground(
    whole: Rows, dataset: Dataset, backbones: Backbones, gate: GateSpec, on: Context, report: Report
) -> tuple[Ground, list[float | None]]:
    """What all is judged on, and the seconds of a forward pass of each backbone over the rows, where known."""
    taken = np.sort(subsample(range(len(whole)), whole.targets, MOST_ROWS, _SEED))
    labeled = Labeled(whole.texts, whole.targets, whole.groups).at(taken)
    rows = Rows(tuple(whole.ids[row] for row in taken), tuple(labeled.texts), labeled.targets, tuple(labeled.groups))
    handles: dict[tuple[int, int], Handle] = {}
    seconds: list[float | None] = []
    for number, candidate in enumerate(backbones.candidates):
        stored = features(rows, candidate, on, report)
        seconds.append(stored.seconds())
        for layer in range(candidate.layers + 1):
            handles[number, layer] = on.compute.share(stored.layer(layer))
    depths = tuple(candidate.layers for candidate in backbones.candidates)
    folds = plan(labeled.targets, labeled.groups)
    return Ground(labeled, len(dataset.labels), gate.metric, folds, handles, depths), seconds


def _short(
    spec: AssessSpec,
    dataset: Dataset,
    backbone: Backbone,
    best: Winner,
    ground: Ground,
    rows: int,
    on: Context,
    report: Report,
) -> tuple[Planned, RowCost, ShortTrainings | None]:
    """The plan of the short trainings, what a row costs, and what they say; nothing where the budget is too small."""
    on.workspace.save(backbone)
    task = Task(on.workspace.uri, backbone.digest, dataset.task, ground, best)
    (row,) = on.compute.map(row_cost, [Run("pretrained", 0)], {"task": task}, _told(report, "cost of tuning"))
    planned = plan_runs(spec.budget_seconds(rows), row, ground, os.cpu_count() or 1)
    if not planned.runs:
        return planned, row, None
    shared = {"task": task, "rows": planned.rows, "epochs": planned.epochs}
    answers = on.compute.map(short_run, planned.runs, shared, _told(report, "short trainings"))
    # Samples of a part of the folds' rows have about that part of what the folds share in common.
    common = planned.rows / len(ground.folds[0][0]) / (FOLDS - 1)
    found = summed_up(_compared(answers), ground.metric, ground.labels, planned, common)
    return planned, row, found


def _compared(answers: Sequence[Answers]) -> list[Compared]:
    """The answers of a fold's runs, together."""
    by_fold: dict[int, Compared] = {}
    for each in answers:
        earlier = by_fold.get(each.run.fold)
        by_fold[each.run.fold] = Compared(each.targets, {**(earlier.by_name if earlier else {}), **each.by_name})
    return list(by_fold.values())


def _of(name: K, items: Sequence[tuple[K, int]], results: Sequence[V]) -> list[V]:
    """The results of one name, fold by fold."""
    return [result for (each, _), result in zip(items, results, strict=True) if each == name]


def _told(report: Report, words: str) -> Report:
    return lambda done, total, note: report(done, total, words)


def _names(backbones: Backbones) -> tuple[str, ...]:
    """What the candidates are called; one that shares its name with an earlier one is numbered."""
    names: list[str] = []
    for number, candidate in enumerate(backbones.candidates, start=1):
        names.append(f"{candidate.name} ({number})" if candidate.name in names else candidate.name)
    return tuple(names)
