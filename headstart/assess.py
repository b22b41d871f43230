"""Assessing transfer: every candidate backbone against the controls, fold by fold."""

from headstart.backbone import Backbone, Backbones
from headstart.compute import Report
from headstart.context import Context
from headstart.dataset import Dataset, Rows
from headstart.evaluation import verdict
from headstart.evaluation.verdict import CONTROLS, Verdict
from headstart.features import features
from headstart.spec import Metric


def assess(metric: Metric, dataset: Dataset, backbones: Backbones, on: Context, report: Report) -> Verdict:
    """Cross-validate controls and frozen features on the training and validation rows; the test rows stay unseen."""
    rows = trainable(dataset, on)
    probes = _named(backbones)
    vectors = {
        name: features(rows, candidate, on, report).layer(candidate.layers) for name, candidate in probes.items()
    }
    folds = verdict.plan(rows.targets, rows.groups)
    shared = {
        "texts": rows.texts,
        "targets": rows.targets,
        "labels": len(dataset.labels),
        "folds": folds,
        "metric": metric,
        "features": vectors,
    }
    items = [(name, number) for name in (*CONTROLS, *probes) for number in range(len(folds))]
    scores = on.compute.map(
        verdict.judge_fold, items, shared, lambda done, total, note: report(done, total, "cross-validation")
    )
    by_name = {
        name: scores[start : start + len(folds)]
        for start, name in zip(range(0, len(items), len(folds)), (*CONTROLS, *probes), strict=True)
    }
    return verdict.conclude(metric, folds, by_name, {name: candidate.identity for name, candidate in probes.items()})


def _named(backbones: Backbones) -> dict[str, Backbone]:
    """The candidates by name; one that shares its name with an earlier one is numbered."""
    named: dict[str, Backbone] = {}
    for number, candidate in enumerate(backbones.candidates, start=1):
        named[f"{candidate.name} ({number})" if candidate.name in named else candidate.name] = candidate
    return named


def trainable(dataset: Dataset, on: Context) -> Rows:
    """The training rows and then the validation rows."""
    return dataset.read(on.workspace, "train") + dataset.read(on.workspace, "validation")
