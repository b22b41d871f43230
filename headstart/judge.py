"""Judging on the test rows: which of our models is the candidate, and whether it takes over."""

import numpy as np

from headstart.arrays import Outputs, Targets
from headstart.assess import trainable
from headstart.backbone import Backbone
from headstart.compute import Report
from headstart.context import Context
from headstart.dataset import Dataset, Rows
from headstart.evaluation import gate, metrics, neighbours
from headstart.evaluation.calibration import log_loss
from headstart.evaluation.controls import Labeled, bag_of_words
from headstart.evaluation.gate import Decision
from headstart.evaluation.neighbours import Neighbours
from headstart.features import features
from headstart.head import Head
from headstart.model import Model
from headstart.registry import Registry, aliases
from headstart.registry.policy import Policy
from headstart.spec import Metric, Spec
from headstart.tune import head_only

HEAD, TUNED = "frozen backbone and head", "tuned model"
_IMPOSSIBLE = -1e9  # the output of a label that the champion does not know


def evaluate(
    spec: Spec, dataset: Dataset, backbone: Backbone, head: Head, model: Model, on: Context, report: Report
) -> Decision:
    """Choose between head and tuned model on the validation rows, then read the test rows, once, for all."""
    models = {HEAD: head_only(dataset, backbone, head, "the cheapest that is not worse on the validation rows", on)}
    if model.strategy != "head":
        models[TUNED] = model
    for each in models.values():
        on.workspace.save(each)
    validation, test = (dataset.read(on.workspace, split) for split in ("validation", "test"))
    held_out: dict[str, Outputs] = {}
    outputs: dict[str, Outputs] = {}
    for name, each in models.items():
        held_out[name], outputs[name] = _answers(each, (validation, test), on, name, report)
    chosen = max(models, key=lambda name: _validated(spec.gate.metric, validation, held_out[name], len(dataset.labels)))
    if chosen == HEAD and head.refitted:  # the choice was made on rows that it had not seen
        models[HEAD] = head_only(dataset, backbone, head, models[HEAD].why, on, refitted=True)
        on.workspace.save(models[HEAD])
        (outputs[HEAD],) = _answers(models[HEAD], (test,), on, HEAD, report)
    report(1, 1, gate.CONTROL)
    seen = trainable(dataset, on)
    answers = outputs[chosen].argmax(axis=1)
    return gate.decide(
        gate=spec.gate,
        targets=test.targets,
        labels=dataset.labels,
        outputs=outputs,
        control=bag_of_words(Labeled(seen.texts, seen.targets, seen.groups), test.texts, spec.gate.metric),
        candidate=(chosen, models[chosen].digest),
        champion=_champion(spec, dataset, test),
        neighbours=_neighbours(spec.gate.metric, seen, test, answers, len(dataset.labels), backbone, on),
    )


def _neighbours(
    metric: Metric, seen: Rows, test: Rows, answers: Targets, labels: int, backbone: Backbone, on: Context
) -> Neighbours:
    chosen = neighbours.sample(len(seen))
    index, cosine = neighbours.nearest(
        features(test, backbone, on).layer(backbone.layers),
        features(seen, backbone, on).layer(backbone.layers)[chosen],
    )
    near = cosine >= neighbours.THRESHOLD
    return Neighbours(
        count=int(near.sum()),
        of=len(test),
        among=len(chosen),
        examples=neighbours.examples(test.texts, [seen.texts[row] for row in chosen], index, cosine),
        others=neighbours.without(near, metric, test.targets, answers, labels),
    )


def _answers(model: Model, splits: tuple[Rows, ...], on: Context, name: str, report: Report) -> list[Outputs]:
    from headstart.predictor import Predictor

    with on.workspace.blobs.checkout(model.files) as folder:
        predictor = Predictor(folder)
    return [predictor.outputs(rows.texts, lambda done, total: report(done, total, name)) for rows in splits]


def _validated(metric: Metric, rows: Rows, outputs: Outputs, labels: int) -> tuple[float, float]:
    """What a model is chosen by: its score, then its log loss. On equal terms the first, cheaper one stays."""
    return metrics.score(metric, rows.targets, outputs.argmax(axis=1), labels), -log_loss(outputs, rows.targets)


def _champion(spec: Spec, dataset: Dataset, test: Rows) -> tuple[str, Outputs] | None:
    """The version that the alias points at, and its outputs on today's test rows in today's label order."""
    registry = Registry(spec.registry.uri, Policy.here(spec.registry))
    move = aliases.current(registry.store, spec.name, spec.registry.alias)
    if move is None:
        return None
    reference = f"{spec.name}@{move.version}"
    champion = registry.load(reference)
    found = champion.outputs(test.texts)
    ours = np.full((len(test), len(dataset.labels)), _IMPOSSIBLE, dtype=np.float64)
    for column, label in enumerate(dataset.labels):
        if label in champion.labels:
            ours[:, column] = found[:, champion.labels.index(label)]
    return reference, ours
