"""Short trainings on a part of the rows: what tuning may gain over the head, and what the same network learns alone.

Each runs in one task, on the same rows as the head and the bag of words that it is compared with.
"""

import contextlib
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from headstart.arrays import Targets
from headstart.backbone import Backbone
from headstart.compute import Alone
from headstart.evaluation import probe
from headstart.evaluation.controls import Labeled, bag_of_words
from headstart.evaluation.cross_validation import Ground, Winner
from headstart.evaluation.folds import subsample
from headstart.heads.fitted import Fitted
from headstart.spec import TaskName, TuneSpec
from headstart.workspace import Workspace

if TYPE_CHECKING:
    from headstart.training.loop import Settings
    from headstart.training.network import Network

Start = Literal["pretrained", "random"]
JUDGED = 400  # rows at most that a run is judged on
EPOCHS = 3
TUNED, SCRATCH = 3, 1  # runs of each kind, on the first folds
LEAST_ROWS = 64  # fewer say nothing of what tuning does with all
_OVERHEAD_SECONDS = 2.0  # of a run: loading the network, the head and the bag of words
_JUDGING = 1 / 3  # what a row costs to be asked about, of what it costs to be trained on
_SEED = 0
_WARMING_ROWS, _TIMED_ROWS = 8, 64  # that measure the speed


@dataclass(frozen=True)
class Task:
    """What all runs share: the backbone, by its digest in a workspace, and the probe that they start from."""

    workspace: str
    backbone: str
    name: TaskName
    ground: Ground
    best: Winner


@dataclass(frozen=True)
class Run:
    """A training from pretrained or random weights, on some rows of a fold."""

    start: Start
    fold: int


@dataclass(frozen=True)
class Planned:
    """The runs, the rows of each, what a row costs in a step (in seconds), and why there are no runs."""

    runs: tuple[Run, ...]
    rows: int
    row_seconds: float
    why_not: str


@dataclass(frozen=True)
class Answers:
    """The true labels of the judged rows, and what each contender says, all of shape (rows,)."""

    run: Run
    targets: Targets
    by_name: Mapping[str, Targets]


def plan_runs(budget_seconds: float, row_seconds: float, ground: Ground, cores: int) -> Planned:
    """As many rows a run as the budget pays for, and none where these are too few."""
    fit = min(len(fit) for fit, _ in ground.folds)
    judged = min(JUDGED, *(len(judge) for _, judge in ground.folds))
    each_seconds = budget_seconds / math.ceil((TUNED + SCRATCH) / cores) - _OVERHEAD_SECONDS
    rows = min(fit, int((each_seconds / row_seconds - judged * _JUDGING) / EPOCHS))
    least = min(fit, max(LEAST_ROWS, ground.labels))
    if rows < least:
        paid = f"a row of a training step takes {row_seconds:.2g} s, so that {budget_seconds:.0f} s pay for"
        why_not = f"{paid} {max(rows, 0)} rows a run; {least} are needed (assess.budget)"
        return Planned((), 0, row_seconds, why_not)
    runs = [Run("pretrained", fold) for fold in range(TUNED)] + [Run("random", fold) for fold in range(SCRATCH)]
    return Planned(tuple(runs), rows, row_seconds, "")


def short_run(run: Run, shared: Mapping[str, Any]) -> Answers:
    """Train, and ask the network, and beside a pretrained one the head and the bag of words, about the judged rows.

    Args:
        run: What to train.
        shared: The ``task``, and the ``rows`` to train on.
    """
    from headstart.training import loop

    task: Task = shared["task"]
    ground = task.ground
    fit, judge = ground.folds[run.fold]
    rows = subsample(fit, ground.labeled.targets, shared["rows"], run.fold)
    judged = subsample(judge, ground.labeled.targets, JUDGED, run.fold)
    known, unseen = ground.labeled.at(rows), ground.labeled.at(judged)
    x = ground.layer(task.best.backbone, task.best.layer)
    head = probe.fit(x[rows], known.targets, ground.labels, task.best.setting)
    with _network(task, head, run.start) as (network, tokenizer):
        settings = _train(network, run, task, known, tokenizer, EPOCHS)
        tuned = loop.outputs(network, tokenizer(unseen.texts), settings, Alone()).argmax(axis=1)
    if run.start == "random":
        return Answers(run, unseen.targets, {"scratch": tuned})
    answers = {
        "tuned": tuned,
        "head": probe.predict(x[rows], known.targets, ground.labels, task.best.setting, x[judged]),
        "control": bag_of_words(known, unseen.texts, ground.metric),
    }
    return Answers(run, unseen.targets, answers)


def seconds_a_row(run: Run, shared: Mapping[str, Any]) -> float:
    """What a row costs in an epoch, in seconds of computing, measured on a few rows; ``shared`` holds the ``task``.

    They are not the clock's, so that what is tried does not depend on what else the machine has to do.
    """
    task: Task = shared["task"]
    ground = task.ground
    rows = subsample(range(len(ground.labeled.texts)), ground.labeled.targets, _TIMED_ROWS, _SEED)
    known = ground.labeled.at(rows)
    width = ground.layer(task.best.backbone, task.best.layer).shape[1]
    head = {"weight": np.zeros((ground.labels, width), np.float32), "bias": np.zeros(ground.labels, np.float32)}
    with _network(task, head, run.start) as (network, tokenizer):
        _train(network, run, task, known.at(range(_WARMING_ROWS)), tokenizer, epochs=1)
        started = time.process_time()
        _train(network, run, task, known, tokenizer, epochs=1)
    return (time.process_time() - started) / len(known.texts)


@contextlib.contextmanager
def _network(task: Task, head: Fitted, start: Start) -> Iterator[tuple["Network", Any]]:
    """The network up to the probe's layer, with a head on it, and the tokenizer."""
    from headstart.encoder import Encoder, Tokenizer
    from headstart.training.network import HeadModule, Network

    workspace = Workspace.open(task.workspace)
    backbone = workspace.load(Backbone, task.backbone)
    with workspace.blobs.checkout(backbone.files) as folder:
        tokenizer = Tokenizer(folder, backbone.max_tokens)
        encoder = Encoder(folder, backbone.pooling, (task.best.layer,))
        if start == "random":
            encoder.redraw(_SEED)
        yield Network(encoder, HeadModule(head)), tokenizer


def _train(network: "Network", run: Run, task: Task, known: Labeled, tokenizer: Any, epochs: int) -> "Settings":
    """Train in place, and give the settings. All that is asked of the training loop is here."""
    from headstart.tasks import get_task
    from headstart.training import loop
    from headstart.training.strategy import STRATEGIES

    settings = loop.Settings(
        strategy=STRATEGIES["lp-ft" if run.start == "pretrained" else "scratch"],
        metric=task.ground.metric,
        labels=task.ground.labels,
        tune=TuneSpec(epochs=epochs),
        seed=run.fold,
    )
    examples = loop.Examples(tokenizer(known.texts), known.targets, [str(row) for row in range(len(known.texts))])
    # The loop keeps the best epoch by the rows it is judged on; a few that it is trained on let the last one stand.
    few = loop.Examples(examples.tokens[:8], examples.targets[:8], examples.ids[:8])
    loop.fit(network, get_task(task.name), examples, few, settings, Alone())
    return settings
