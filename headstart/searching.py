"""Searching for a head: rounds of trials on stored features, each trial done once, and the winner fitted."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from headstart import head as heads
from headstart.arrays import Targets
from headstart.assess import trainable
from headstart.backbone import Backbone
from headstart.compute import Compute, Handle, Report, SearchJob
from headstart.context import Context
from headstart.dataset import Dataset
from headstart.digest import digest_of
from headstart.features import Features, features
from headstart.head import Head
from headstart.heads import FAMILIES
from headstart.heads.fitted import Fitted, scaled
from headstart.pooling import Pooling
from headstart.search import SEED, Candidate, Trial, bundled, cost, judging, next_trials, try_bundle, winner
from headstart.search.candidate import best_of
from headstart.search.space import space_of
from headstart.search.trial import features_of
from headstart.spec import Metric, SearchSpec
from headstart.version import code_digest

_CANDIDATES = TypeAdapter(list[Candidate])


def search(spec: SearchSpec, metric: Metric, dataset: Dataset, backbone: Backbone, on: Context, report: Report) -> Head:
    """Try heads on the frozen features of the training rows, and fit the best again on all of them."""
    rows, count = trainable(dataset, on), dataset.rows("train")
    space = space_of(spec, backbone, count)
    stored = features(rows, backbone, on, report, space.layers, space.poolings)
    how = judging(rows.targets, rows.groups, count)
    shared = {
        "targets": rows.targets,
        "labels": len(dataset.labels),
        "folds": how.folds,
        "rows": how.rows,
        "metric": metric,
    }

    handles: dict[tuple[int, int, Pooling], Handle] = {}

    def handle(compute: Compute, number: int, pooling: Pooling) -> Handle:
        key = (id(compute), number, pooling)
        if key not in handles:
            handles[key] = compute.share(stored.layer(number, pooling))
        return handles[key]

    name = digest_of([dataset.identity, backbone.identity, metric, code_digest()])
    tried: list[Candidate] = []
    number = 0
    while trials := next_trials(spec, space, number, tried):
        tried += _round(trials, shared, handle, name, backbone.width, spec, on, report)
        number += 1
    best = winner(tried, how.rows)
    return Head(
        backbone=backbone.identity,
        metric=metric,
        judged_by=how.by,
        judged=how.rows,
        pass_seconds=stored.seconds(),
        chosen=best,
        tried=tuple(sorted(tried, key=lambda each: (not each.complete, -each.score, each.log_loss))),
        file=heads.store(_fitted(best, stored, rows.targets[:count], len(dataset.labels)), on.workspace),
        refitted=heads.store(_fitted(best, stored, rows.targets, len(dataset.labels)), on.workspace)
        if spec.refit == "train+validation"
        else None,
    )


def _round(
    trials: Sequence[Trial],
    shared: Mapping[str, Any],
    handle: Callable[[Compute, int, Pooling], Handle],
    name: str,
    width: int,
    spec: SearchSpec,
    on: Context,
    report: Report,
) -> list[Candidate]:
    """The candidates of all trials: those that an earlier search finished are found, not tried again.

    Layers are shared one by one, and only those that the trials need: all of them need not fit into memory. Trials that
    lag behind are stopped by a scheduler, which is for the whole compute; else little work is done nearby.
    """
    store = on.workspace.store

    def key(trial: Trial) -> str:
        return f"search/{name}/{digest_of(trial.model_dump(mode='json'))}.json"

    found = {key(trial): store.get(key(trial)) for trial in trials}
    candidates = [each for data in found.values() if data is not None for each in _CANDIDATES.validate_json(data)]
    bundles = bundled([trial for trial in trials if found[key(trial)] is None])

    def keep(number: int, populations: Sequence[list[Candidate]]) -> None:
        for trial, population in zip(bundles[number], populations, strict=True):
            store.put(key(trial), _CANDIDATES.dump_json(population))

    if bundles:
        views = [bundle[0].view for bundle in bundles]
        layers = dict.fromkeys((number, view.pooling) for view in views for number in view.layers)
        halving, folds = spec.algorithm == "asha", shared["folds"]
        work = cost.seconds(bundles, len(folds[0][0]), width, shared["labels"], len(folds))
        compute = on.compute if halving else on.compute.for_work(work)
        job = SearchJob(
            function=try_bundle,
            trials=bundles,
            shared={**shared, "features": {each: handle(compute, *each) for each in layers}},
            measure=best_of,
            budget_seconds=spec.budget_seconds,
            storage=f"{on.workspace.uri}/ray",
            name=f"search-{name[:16]}",
            halving=halving,
        )
        for populations in compute.search(job, report, keep):
            candidates += [each for population in populations for each in population]
    return candidates


def _fitted(best: Candidate, stored: Features, targets: Targets, labels: int) -> Fitted:
    """The winner fitted on the first rows, its outputs calibrated as they were when it was judged."""
    x = features_of(best.view, stored.layer)[: len(targets)]
    (head,) = FAMILIES[best.family].fit(x, targets, labels, [best.setting], SEED)
    return scaled(head, best.temperature)
