"""The claim: a population of heads costs about what a few of them cost one by one, and finds as good a head.

``python -m benchmarks.heads banking77 FOLDER`` (or ``sms_spam FOLDER``) takes features once and then measures, on the
same rows and folds: the whole search in threads, as small data is searched, and on Ray Tune; Ray Tune with a trial for
each of the search's settings, which fits the same head by itself; and scikit-learn's GridSearchCV over strengths, class
weights and layers. Of the trials every ``SAMPLED``-th is run, and the time for all is what the first two take and, for
each other one, the mean of the sample. GridSearchCV runs on a part of its grid where ``LIMIT_SECONDS`` (an environment
variable, 600) end before the whole, and then our time is that for the same part.
"""

import itertools
import os
import platform
import sys
import tempfile
import time
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from benchmarks.head_tasks import Task, load, timed
from headstart.adapters.ray_compute import RayCompute
from headstart.compute import Compute, SearchJob
from headstart.heads import FAMILIES, Fitted
from headstart.heads.fitted import outputs
from headstart.search import SEED, Candidate, Trial, bundled, next_trials, try_bundle, winner
from headstart.search.candidate import best_of
from headstart.search.space import Space
from headstart.search.trial import features_of
from headstart.spec import HeadFamily, SearchSpec
from headstart.threads import ThreadCompute
from headstart.views import View

LIMIT_SECONDS = float(os.environ.get("LIMIT_SECONDS", "600"))
HEADS: tuple[HeadFamily, ...] = ("ridge", "lda", "centroid", "linear", "mlp")
SAMPLED = 10
STRENGTHS = np.geomspace(0.3, 100, 18)


def main(job: str, folder: str) -> None:
    warnings.filterwarnings("ignore")
    task = load(job, folder)
    print(
        f"### {job}: {len(task.train_targets)} training and {len(task.test_targets)} test rows, {task.labels} labels\n"
    )
    print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, torch {torch.__version__}\n"
    )
    print("| what | settings | s | test accuracy of the winner |\n|---|---|---|---|")
    search("whole search, threads", task, ThreadCompute())
    with RayCompute() as ray:
        ray.map(_nothing, [0], {}, _silent)  # the cluster's start is not the search's
        one_by_one(task, search("whole search, Ray Tune", task, ray), ray)
    grid_search(task)


def search(name: str, task: Task, compute: Compute) -> list[Candidate]:
    """As :func:`headstart.searching.search` does it: round after round, and then the winner again on all rows."""

    def whole() -> tuple[list[Candidate], Candidate, Fitted]:
        spec = SearchSpec(trials=256)
        space = Space(tuple(range(len(task.train))), ("mean",), HEADS)
        tried: list[Candidate] = []
        number = 0
        while trials := next_trials(spec, space, number, tried):
            for populations in compute.search(_job(bundled(trials), task), _silent, _unkept):
                tried += itertools.chain(*populations)
            number += 1
        best = winner(tried, len(task.train_targets))
        x = features_of(best.view, lambda number, _: task.train[number])
        (head,) = FAMILIES[best.family].fit(x, task.train_targets, task.labels, [best.setting], SEED)
        return tried, best, head

    seconds, (tried, best, head) = timed(whole)
    said = f"{name}: {best.family} on {best.view}"
    print(f"| {said} | {len(tried)} | {seconds:.1f} | {task.accuracy(best.view, head):.3f} |", flush=True)
    return tried


def _job(bundles: Sequence[tuple[Trial, ...]], task: Task) -> SearchJob[Any, Any]:
    storage = tempfile.mkdtemp(prefix="headstart-benchmark-")
    return SearchJob(try_bundle, bundles, task.shared(), best_of, 3600, storage, "heads")


def one_by_one(task: Task, tried: Sequence[Candidate], compute: Compute) -> None:
    """A Ray Tune trial for every setting of a search: what each costs by itself, all layers shared alike."""
    alone = [(Trial(view=each.view, family=each.family, settings=(each.setting,)),) for each in tried]
    start, sample = alone[:: len(alone) // 2][:2], alone[::SAMPLED]
    begun, all_sampled = (
        timed(lambda trials=trials: compute.search(_job(trials, task), _silent, _unkept))[0]  # type: ignore[misc]
        for trials in (start, sample)
    )
    seconds = begun + (all_sampled - begun) / (len(sample) - len(start)) * (len(alone) - len(start))
    measured = f"{len(alone)}, measured on {len(sample)}"
    print(f"| the same settings on Ray Tune, a trial each | {measured} | {seconds:.1f} | |", flush=True)


def grid_search(task: Task) -> None:
    """GridSearchCV on layer after layer, from the top, and then our heads of the same settings and layers."""
    grid = {"C": STRENGTHS, "class_weight": [None, "balanced"]}
    size, started, best, done = 2 * len(STRENGTHS), time.perf_counter(), (0.0, 0.0), 0
    depth = len(task.train)
    for layer in reversed(range(depth)):
        if done and time.perf_counter() - started > LIMIT_SECONDS:
            break
        found = GridSearchCV(LogisticRegression(max_iter=1000), grid, cv=task.folds, scoring="accuracy", n_jobs=2)
        found.fit(task.train[layer], task.train_targets)
        accuracy = float((found.predict(task.test[layer]) == task.test_targets).mean())
        best, done = max(best, (float(found.best_score_), accuracy)), done + 1
    theirs = time.perf_counter() - started
    measured = f"{done * size}, measured on {done * size} of {depth * size}" if done < depth else f"{done * size}"
    print(f"| GridSearchCV of logistic regression, n_jobs=2 | {measured} | {theirs:.1f} | {best[1]:.3f} |", flush=True)
    seconds, accuracy = timed(lambda: _same_grid(task, range(depth - done, depth)))
    print(
        f"| the same settings, Headstart, this process | {done * size} | {seconds:.1f} | {accuracy:.3f} |", flush=True
    )


def _same_grid(task: Task, layers: Sequence[int]) -> float:
    settings = [{"c": float(c), "balance": balance} for c in STRENGTHS for balance in (0.0, 1.0)]
    right = np.zeros((len(layers), len(settings)))
    fit = FAMILIES["linear"].fit
    for place, layer in enumerate(layers):
        x = task.train[layer]
        for rows, judge in task.folds:
            heads = fit(x[rows], task.train_targets[rows], task.labels, settings, SEED)
            right[place] += [(outputs(h, x[judge]).argmax(axis=1) == task.train_targets[judge]).sum() for h in heads]
    place, number = divmod(int(right.argmax()), len(settings))
    layer = layers[place]
    (head,) = fit(task.train[layer], task.train_targets, task.labels, [settings[number]], SEED)
    return task.accuracy(View(layers=(layer,), pooling="mean"), head)


def _nothing(item: int, shared: Mapping[str, Any]) -> int:
    return item


def _unkept(number: int, result: object) -> None:
    """Nothing is kept."""


def _silent(done: float, total: float, note: str) -> None:
    """Nobody is told."""


if __name__ == "__main__":
    main(*sys.argv[1:])
