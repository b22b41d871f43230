"""Tuning the backbone: the strategy chosen, the training run, the model it left."""

from dataclasses import asdict

from headstart.backbone import Backbone
from headstart.bag import Bag
from headstart.compute import Report, TrainJob
from headstart.context import Context
from headstart.dataset import Dataset, Rows
from headstart.digest import digest_of
from headstart.errors import SpecError
from headstart.evaluation.controls import Labeled
from headstart.head import Head
from headstart.model import Manifest, Model, assemble
from headstart.spec import Metric, Spec, StrategyName, seconds_allowed
from headstart.tracking import tracked
from headstart.training.choice import Facts, cheaper, choose
from headstart.training.strategy import BAG, Strategy
from headstart.version import code_digest


def fine_tune(
    spec: Spec,
    dataset: Dataset,
    backbone: Backbone,
    head: Head,
    advised: StrategyName | None,
    on: Context,
    report: Report,
) -> Model:
    """Train data-parallel, or put backbone and head together where the strategy trains nothing, or leave both.

    ``advised`` is the strategy that the verdict advises, if any, for a spec that leaves it open.

    A training that was killed goes on from its newest checkpoint, for its name follows from all that
    decides its result. The number of workers is no part of that: it changes the weights by rounding. Where a strategy
    that ``auto`` chose does not fit into the budget, a cheaper one is tried.

    Raises:
        SpecError: The strategy that the spec names does not fit into the budget, or does not go with the head or the
            backbone.
    """
    facts = Facts(dataset.rows("train"), len(dataset.labels), head.chosen.family, advised)
    chosen = choose(spec.tune, facts)
    if chosen.name == BAG:
        return words_only(dataset, dataset.read(on.workspace, "train"), spec.gate.metric, chosen.why, on)
    while chosen.trains:
        try:
            return _trained(spec, chosen, dataset, backbone, head, on, report)
        except SpecError as error:
            tried_instead = chosen.name == "top-k" and error.code == "tune/no-blocks"
            if spec.tune.strategy != "auto" or not (error.code == "tune/budget" or tried_instead):
                raise
            chosen = cheaper(chosen, spec.tune.layers)
    return head_only(dataset, backbone, head, chosen.why, on)


def _trained(
    spec: Spec, chosen: Strategy, dataset: Dataset, backbone: Backbone, head: Head, on: Context, report: Report
) -> Model:
    """The model that a strategy trains.

    Raises:
        SpecError: It does not fit into the budget, or the backbone is not such as it takes.
    """
    for value in (dataset, backbone, head):
        on.workspace.save(value)
    said = {
        "tune": spec.tune.model_dump(mode="json"),
        "strategy": asdict(chosen),
        "budget": seconds_allowed(spec.tune, spec.compute),
    }
    name = digest_of([dataset.identity, backbone.identity, head.identity, said, code_digest()])
    result = f"training/{name}"
    if on.workspace.store.get(result) is None:
        from headstart.training import worker  # loads torch, which no other step does by itself

        config = {
            "workspace": on.workspace.uri,
            "dataset": dataset.digest,
            "backbone": backbone.digest,
            "head": head.digest,
            "result": result,
            "shard": spec.compute.shard,
            **said,
        }
        job = TrainJob(
            worker.train, config, f"fine-tune-{name[:16]}", f"{on.workspace.uri}/ray", spec.compute, spec.name
        )
        with tracked(spec, chosen, name, on.workspace) as hear:
            on.compute.train(job, report, hear)
    return on.workspace.load(Model, (on.workspace.store.get(result) or b"").decode())


def head_only(dataset: Dataset, backbone: Backbone, head: Head, why: str, on: Context, refitted: bool = False) -> Model:
    """The frozen backbone with the searched head on it, fitted on the validation rows too where ``refitted`` is set."""
    manifest = Manifest(
        task=dataset.task,
        labels=dataset.labels,
        view=head.chosen.view,
        max_tokens=backbone.max_tokens,
    )
    return Model(
        backbone=backbone.identity,
        source=backbone.source,
        licence=backbone.licence,
        strategy="head",
        why=why,
        manifest=manifest,
        history=(),
        kept_epoch=0,
        files=assemble(backbone, manifest, head.read(on.workspace, refitted), on.workspace),
    )


def words_only(dataset: Dataset, rows: Rows, metric: Metric, why: str, on: Context) -> Model:
    """The bag of words of some of the rows."""
    manifest = Manifest(task=dataset.task, labels=dataset.labels, view=None, max_tokens=0)
    blobs = on.workspace.blobs
    bag = Bag.fit(Labeled(rows.texts, rows.targets, rows.groups), len(dataset.labels), metric)
    return Model(
        backbone="",
        source="",
        licence="",
        strategy=BAG,
        why=why,
        manifest=manifest,
        history=(),
        kept_epoch=0,
        files=(*bag.files(blobs), manifest.stored(blobs)),
    )
