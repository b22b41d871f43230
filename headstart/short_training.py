"""Short trainings on a part of the rows: what tuning may gain over the head, and what the same network learns alone.

Each runs in one task, on the same rows as the head and the bag of words that it is compared with.
"""

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.arrays import Targets
from headstart.backbone import Backbone
from headstart.compute import Alone
from headstart.evaluation import probe
from headstart.evaluation.controls import Labeled, bag_of_words
from headstart.evaluation.cross_validation import Ground, Winner
from headstart.evaluation.folds import subsample
from headstart.evaluation.short_plan import JUDGED, RowCost, Run, Start
from headstart.heads.fitted import Fitted
from headstart.spec import TaskName, TuneSpec
from headstart.workspace import Workspace

if TYPE_CHECKING:
    from headstart.encoder import TokenIds
    from headstart.training.loop import Settings
    from headstart.training.network import Network

_BACKWARD = 3  # times a forward pass: a training step
_UPDATE = 300  # operations that take as long as changing a weight does
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
class Answers:
    """The true labels of the judged rows, and what each contender says, all of shape (rows,)."""

    run: Run
    targets: Targets
    by_name: Mapping[str, Targets]


def short_run(run: Run, shared: Mapping[str, Any]) -> Answers:
    """Train, and ask the network, and beside a pretrained one the head and the bag of words, about the judged rows.

    Args:
        run: What to train.
        shared: The ``task``, the ``rows`` to train on, and how many ``epochs``.
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
        settings = _train(network, run, task, known, tokenizer, shared["epochs"])
        tuned = loop.outputs(network, tokenizer(unseen.texts), settings, Alone()).argmax(axis=1)
    if run.start == "random":
        return Answers(run, unseen.targets, {"scratch": tuned})
    answers = {
        "tuned": tuned,
        "head": probe.predict(x[rows], known.targets, ground.labels, task.best.setting, x[judged]),
        "control": bag_of_words(known, unseen.texts, ground.metric),
    }
    return Answers(run, unseen.targets, answers)


def row_cost(run: Run, shared: Mapping[str, Any]) -> RowCost:
    """What a row costs in an epoch, from a few rows; ``shared`` holds the ``task``.

    The seconds are not the clock's, so that they do not depend on what else the machine has to do.
    """
    task: Task = shared["task"]
    ground = task.ground
    rows = subsample(range(len(ground.labeled.texts)), ground.labeled.targets, _TIMED_ROWS, _SEED)
    known = ground.labeled.at(rows)
    width = ground.layer(task.best.backbone, task.best.layer).shape[1]
    head = {"weight": np.zeros((ground.labels, width), np.float32), "bias": np.zeros(ground.labels, np.float32)}
    with _network(task, head, run.start) as (network, tokenizer):
        operations = _operations(network, tokenizer(known.texts))
        _train(network, run, task, known.at(range(_WARMING_ROWS)), tokenizer, epochs=1)
        started = time.process_time()
        _train(network, run, task, known, tokenizer, epochs=1)
    seconds = time.process_time() - started
    return RowCost(operations / len(known.texts), seconds / len(known.texts))


def _operations(network: "Network", tokens: "TokenIds") -> float:
    """The operations of an epoch of these rows: products with weights, and changing the weights in every step.

    What attention adds is below a tenth for texts of 100 tokens, is counted on some devices only, and is left out.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from headstart.encoder import pad

    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        for row in tokens:  # one by one, without padding
            network(*pad([row]))
        counted = counter.get_flop_counts().get("Global", {})
    products: int = sum(counted.get(each, 0) for each in (torch.ops.aten.mm, torch.ops.aten.addmm))
    weights: int = sum(each.numel() for each in network.parameters())
    return _BACKWARD * products + _UPDATE * weights * len(tokens) / TuneSpec().batch_rows


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
