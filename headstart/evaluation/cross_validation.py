"""The parts of an assessment that are worked on side by side, each fitted on a fold's rows and judged on the others."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.arrays import Array, Targets
from headstart.compute import Handle
from headstart.evaluation import probe
from headstart.evaluation.controls import CONTROLS, Control, Labeled
from headstart.evaluation.folds import Fold, stratified, subsample
from headstart.evaluation.probe import Chosen
from headstart.evaluation.transferability import Transferability, transferability
from headstart.heads import Setting
from headstart.spec import Metric

FOLDS = 5
REPEATS_WHEN_SMALL, SMALL = 3, 2000  # few rows are folded several times over: it steadies the estimate and costs little
_SHOWN_ROWS = 4000  # rows that the closed forms of the report are of; the folds have their own


@dataclass(frozen=True)
class Ground:
    """What everything is judged on: the rows, their folds, and the features by backbone and layer, numbered from 0."""

    labeled: Labeled
    labels: int
    metric: Metric
    folds: tuple[Fold, ...]
    features: Mapping[tuple[int, int], Handle]
    depths: tuple[int, ...]

    def layer(self, backbone: int, number: int) -> Array:
        """Features of all rows at unit length, shape (rows, width)."""
        found: Array = self.features[backbone, number].get()
        return found


@dataclass(frozen=True)
class Judged:
    """What a control answers for the rows that a fold judges on, shape (rows,), and the seconds it took."""

    answers: Targets
    seconds: float


@dataclass(frozen=True)
class Probed:
    """What the rows to fit on chose of a backbone, and what it answers for the others, shape (rows,)."""

    chosen: Chosen
    answers: Targets


@dataclass(frozen=True)
class Winner:
    """The probe that most speaks for: the backbone's number, the layer, the setting."""

    backbone: int
    layer: int
    setting: Setting


@dataclass(frozen=True)
class Sized:
    """A nested sample of a fold's rows, for a probe that is settled."""

    fold: int
    rows: int
    probe: Winner


def plan(targets: Targets, groups: Sequence[str]) -> tuple[Fold, ...]:
    """Stratified folds that keep groups together, several times over where rows are few."""
    repeats = REPEATS_WHEN_SMALL if len(targets) < SMALL else 1
    return tuple(fold for seed in range(repeats) for fold in stratified(targets, groups, FOLDS, seed))


def judge_control(item: tuple[Control, int], shared: Mapping[str, Any]) -> Judged:
    """A control on a fold; ``shared`` holds the ``ground``, here and below."""
    name, number = item
    ground: Ground = shared["ground"]
    fit, judge = ground.folds[number]
    started = time.perf_counter()
    answers = CONTROLS[name](ground.labeled.at(fit), [ground.labeled.texts[row] for row in judge], ground.metric)
    return Judged(answers, time.perf_counter() - started)


def judge_probe(item: tuple[int, int], shared: Mapping[str, Any]) -> Probed:
    """A backbone's probe on a fold; layer and strength are chosen among the rows to fit on."""
    backbone, number = item
    ground: Ground = shared["ground"]
    fit, judge = ground.folds[number]
    targets, groups = ground.labeled.targets, ground.labeled.groups

    def layers(layer: int) -> Array:
        return ground.layer(backbone, layer)

    chosen = probe.choose(layers, ground.depths[backbone], targets, groups, ground.labels, ground.metric, fit)
    x = layers(chosen.layer)
    return Probed(chosen, probe.predict(x[fit], targets[fit], ground.labels, chosen.setting, x[judge]))


def score_layer(item: tuple[int, int], shared: Mapping[str, Any]) -> Transferability:
    """The closed forms of a backbone's layer, on all rows or a sample of them."""
    ground: Ground = shared["ground"]
    rows = subsample(range(len(ground.labeled.targets)), ground.labeled.targets, _SHOWN_ROWS, 0)
    return transferability(ground.layer(*item)[rows], ground.labeled.targets[rows], ground.labels, ground.metric)


def judge_size(item: Sized, shared: Mapping[str, Any]) -> Targets:
    """What the probe, fitted on a sample of a fold's rows, answers for all that are judged."""
    ground: Ground = shared["ground"]
    fit, judge = ground.folds[item.fold]
    rows = subsample(fit, ground.labeled.targets, item.rows, item.fold)
    x = ground.layer(item.probe.backbone, item.probe.layer)
    return probe.predict(x[rows], ground.labeled.targets[rows], ground.labels, item.probe.setting, x[judge])
