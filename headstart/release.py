"""Releasing: publish the candidate once, then move the alias if the gate said so."""

from headstart.backbone import Backbones
from headstart.context import Context
from headstart.dataset import Dataset
from headstart.digest import digest_of
from headstart.evaluation.gate import Decision
from headstart.evaluation.verdict import Verdict
from headstart.model import Model
from headstart.registry import Draft, Lineage, Registry, Version
from headstart.registry.record import version_key
from headstart.spec import SPLITS, Spec
from headstart.version import __version__, code_digest


def release(spec: Spec, dataset: Dataset, backbones: Backbones, verdict: Verdict, decision: Decision, on: Context) -> Version:
    """Publish the candidate and, on promotion, point the alias at it.

    Killed anywhere and called again, it publishes no second version: the publication's nonce follows from
    the decision, and what was the latest version before the first attempt is remembered in the workspace.
    """
    registry = Registry(spec.registry.uri)
    tx = digest_of([spec.name, decision.digest, registry.uri])[:32]
    before = f"publications/{tx}"
    on.workspace.store.create(before, str(registry.latest(spec.name)).encode())
    after = int(on.workspace.store.get(before) or b"0")
    model = on.workspace.load(Model, decision.candidate)
    version = registry.publish(_draft(spec, dataset, backbones, verdict, decision, model), on.workspace.blobs, tx, after)
    if decision.promote:
        registry.move(spec.name, spec.registry.alias, version.version, decision.reason, decision.digest)
    return version


def is_published(spec: Spec, version: Version) -> bool:
    """Whether a version that was published is still in the registry."""
    return Registry(spec.registry.uri).store.stat(version_key(version.name, version.version)) is not None


def _draft(spec: Spec, dataset: Dataset, backbones: Backbones, verdict: Verdict, decision: Decision, model: Model) -> Draft:
    backbone = backbones.get(model.backbone)
    return Draft(
        name=spec.name,
        task=dataset.task,
        labels=dataset.labels,
        metrics=decision.scored(decision.candidate_name).scores,
        lineage=Lineage(
            dataset=dataset.content,
            rows={split: dataset.rows(split) for split in SPLITS},
            backbone=backbone.identity,
            backbone_source=backbone.source,
            backbone_revision=backbone.revision,
            licence=backbone.licence,
            strategy=model.strategy,
            model=model.digest,
            verdict=verdict.digest,
            decision=decision.digest,
            spec=spec.said(),
            code=code_digest(),
            headstart=__version__,
        ),
        files=model.files,
    )
