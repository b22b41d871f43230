"""The claim: the gate promotes no better model more often than by its confidence, and finds a better one.

``python -m benchmarks.gate_errors [REPETITIONS]`` draws test rows and the answers of a champion and a candidate whose
true gain is known, and counts promotions. Where the true gain is just what must be exceeded, each promotion is wrong:
at most 5 in 100 may be, whatever the number of rows, the labels' shares and the likeness of the two models. The peer is
the paired percentile bootstrap, on the same draws. Figures follow from seeds, and do not depend on the machine.
"""

import functools
import itertools
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headstart.arrays import Targets
from headstart.evaluation import metrics
from headstart.evaluation.intervals import resamplings
from headstart.evaluation.paired import compare
from headstart.spec import Metric

CONFIDENCE = 0.95
_RESAMPLINGS = 400

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class World:
    """Labels with their shares, and how champion and candidate answer.

    ``champion`` and ``own`` are the chances of each answer (column) to each label (row). The candidate answers as the
    champion does on the share ``alike`` of the rows, and by its own chances else.
    """

    prior: Matrix
    champion: Matrix
    own: Matrix
    alike: float

    @property
    def candidate(self) -> Matrix:
        """The candidate's chances over all rows."""
        return self.alike * self.champion + (1 - self.alike) * self.own

    def gain(self, metric: Metric) -> float:
        """What the candidate truly gains."""
        return _true(metric, self.prior, self.candidate) - _true(metric, self.prior, self.champion)

    def draw(self, rows: int, generator: np.random.Generator) -> tuple[Targets, Targets, Targets]:
        """Targets, and the answers of candidate and champion."""
        targets = generator.choice(len(self.prior), size=rows, p=self.prior)
        champion, own = _answers(self.champion, targets, generator), _answers(self.own, targets, generator)
        return targets, np.where(generator.random(rows) < self.alike, champion, own), champion


def world(metric: Metric, prior: Matrix, accuracy: float, alike: float, is_lopsided: bool, gain: float) -> World:
    """A world whose candidate gains just so much; a lopsided one is better at some labels and worse at others."""
    labels = len(prior)
    champion = _chances(np.full(labels, accuracy), 1)
    tilt = np.where(np.arange(labels) % 2, 0.1, -0.1) if is_lopsided else np.zeros(labels)
    low, high = -1.0, 1.0
    for _ in range(60):
        shift = (low + high) / 2
        own = _chances(np.clip(accuracy + tilt + shift, 0, 1), 2 if is_lopsided else 1)
        made = World(prior, champion, own, alike)
        low, high = (shift, high) if made.gain(metric) < gain else (low, shift)
    return made


def gate(metric: Metric, targets: Targets, mine: Targets, theirs: Targets, labels: int, least: float) -> bool:
    """Whether the gate finds that ``mine`` gains more than the least."""
    return compare(metric, targets, mine, theirs, labels, least).confidence >= CONFIDENCE


def bootstrap(metric: Metric, targets: Targets, mine: Targets, theirs: Targets, labels: int, least: float) -> bool:
    """Whether the paired percentile bootstrap does."""
    drawn = _drawn(len(targets))
    ours, its = (metrics.weighted(metric, targets, each, labels, drawn) for each in (mine, theirs))
    return bool(np.mean(ours - its > least) >= CONFIDENCE)


@functools.cache
def _drawn(rows: int) -> metrics.Weights:
    return resamplings(rows)[:_RESAMPLINGS]


def promoted(
    says: Callable[..., bool], metric: Metric, made: World, rows: int, least: float, repetitions: int
) -> float:
    """The share of draws on which a test says that the candidate is better."""
    generator = np.random.default_rng(0)
    draws = (made.draw(rows, generator) for _ in range(repetitions))
    return float(np.mean([says(metric, *each, len(made.prior), least) for each in draws]))


def worlds(metric: Metric, gain: float) -> Iterator[tuple[str, World]]:
    """Worlds of all kinds, and what is the matter with their labels."""
    priors = {
        "2 labels": np.full(2, 0.5),
        "2 labels, 5 % rare": np.array([0.05, 0.95]),
        "10 labels": np.full(10, 0.1),
        "10 labels, Zipf": 1 / np.arange(1, 11) / (1 / np.arange(1, 11)).sum(),
    }
    for (name, prior), accuracy, alike, lopsided in itertools.product(
        priors.items(), (0.7, 0.9), (0.0, 0.8), (False, True)
    ):
        made = world(metric, prior, accuracy, alike, lopsided, gain)
        if abs(made.gain(metric) - gain) < 1e-6:
            yield name, made


def main(repetitions: int = 1000) -> None:
    """Wrong promotions by the kind of labels and the number of rows, the worst world of each; then power."""
    print("| metric, gain | labels | rows | worlds | gate, mean | worst | bootstrap, mean | worst |")
    print("|---|---|---|---|---|---|---|---|")
    for metric, least, rows in itertools.product(metrics.METRICS, (0.0, -0.05), (30, 100, 300)):
        by_labels: dict[str, list[list[float]]] = {}
        for name, made in worlds(metric, least):
            found = [promoted(says, metric, made, rows, least, repetitions) for says in (gate, bootstrap)]
            by_labels.setdefault(name, []).append(found)
        for name, each in by_labels.items():
            mean, worst = np.mean(each, axis=0), np.max(each, axis=0)
            told = " | ".join(f"{100 * share:.1f} %" for share in (mean[0], worst[0], mean[1], worst[1]))
            print(f"| {metric}, {least:g} | {name} | {rows} | {len(each)} | {told} |", flush=True)
    print("\n| metric | true gain | rows | gate | bootstrap |\n|---|---|---|---|---|")
    for metric, gain, rows in itertools.product(metrics.METRICS, (0.02, 0.05), (100, 300, 1000)):
        made = world(metric, np.full(10, 0.1), 0.85, 0.5, False, gain)
        shares = [promoted(says, metric, made, rows, 0.0, repetitions // 2) for says in (gate, bootstrap)]
        print(
            f"| {metric} | {gain:g} | {rows} | {' | '.join(f'{100 * share:.0f} %' for share in shares)} |", flush=True
        )


def _true(metric: Metric, prior: Matrix, chances: Matrix) -> float:
    hits = prior * chances.diagonal()
    if metric == "accuracy":
        return float(hits.sum())
    return float((2 * hits / (prior + prior @ chances)).mean())


def _chances(accuracy: Matrix, errors_to: int) -> Matrix:
    """Right with these chances; else one of the next labels, as many of them as said."""
    labels = len(accuracy)
    found = np.diag(accuracy)
    steps = range(1, min(errors_to, labels - 1) + 1)
    for step in steps:
        found[np.arange(labels), (np.arange(labels) + step) % labels] += (1 - accuracy) / len(steps)
    return found


def _answers(chances: Matrix, targets: Targets, generator: np.random.Generator) -> Targets:
    drawn = generator.random((len(targets), 1))
    answers: Targets = np.minimum((chances.cumsum(axis=1)[targets] < drawn).sum(axis=1), len(chances) - 1)
    return answers


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
