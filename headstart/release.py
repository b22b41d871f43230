"""Releasing: publish the candidate once, then move the alias if the gate said so."""

import threading
from collections.abc import Iterable, Mapping

from headstart import origin, reference
from headstart.blobs import File
from headstart.champion import SEEN, seen_rows
from headstart.compute import Report
from headstart.dataset import Dataset
from headstart.digest import digest_of
from headstart.evidence import Evidence
from headstart.model import Model
from headstart.registry import Draft, Lineage, Registry, Version
from headstart.registry.policy import Policy
from headstart.registry.record import version_key
from headstart.report.card import CARD, card
from headstart.spec import SPLITS, Spec
from headstart.store import Moved
from headstart.version import __version__, code_digest
from headstart.workspace import Workspace

_ABOUT = (CARD, SEEN, reference.NAME)  # what a version says of itself, beside what it computes
_MOST_SOURCES = 20


def release(evidence: Evidence, workspace: Workspace, report: Report) -> Version:
    """Publish the candidate and, on promotion, point the alias at it.

    Killed anywhere and called again, it publishes no second version: the publication's nonce follows from
    the decision, and what was the latest version before the first attempt is remembered in the workspace.
    """
    spec, decision = evidence.spec, evidence.decision
    registry = Registry(spec.registry.uri, Policy.here(spec.registry))
    candidate = workspace.load(Model, decision.candidate)
    if decision.champion:
        champion = registry.resolve(decision.champion)
        if _computed(champion.files) == _computed(candidate.files):
            return champion  # the candidate is the champion, byte for byte: there is nothing to publish
    tx = digest_of([spec.name, decision.digest, registry.uri])[:32]
    before = f"publications/{tx}"
    workspace.store.create(before, str(registry.latest(spec.name)).encode())
    after = int(workspace.store.get(before) or b"0")
    draft = _draft(evidence, candidate, workspace)
    version = registry.publish(draft, workspace.blobs, tx, after, _reporting(draft, report))
    if decision.promote:
        registry.move(spec.name, spec.registry.alias, version.version, decision.reason, decision.digest)
    return version


def _reporting(draft: Draft, report: Report) -> Moved:
    """Tells what part of a draft's bytes is in the registry."""
    total = sum({file.sha256: file.size for file in draft.files}.values())
    lock, done = threading.Lock(), 0

    def moved(count: int) -> None:
        nonlocal done
        with lock:
            done += count
            report(done, total, f"{done / 1e6:,.1f} of {total / 1e6:,.1f} MB in the registry")

    return moved


def is_published(spec: Spec, version: Version) -> bool:
    """Whether a version that was published is still in the registry."""
    return Registry(spec.registry.uri).store.stat(version_key(version.name, version.version)) is not None


def _files(evidence: Evidence, candidate: Model, workspace: Workspace) -> tuple[File, ...]:
    """The files of a version: those of the model, its card, which rows it has seen, and what it was judged on."""
    written = workspace.blobs.add_bytes(card(evidence).encode(), CARD)
    seen = seen_rows(evidence.dataset, workspace)
    judged = workspace.load(reference.Reference, evidence.decision.reference).file
    return (*(file for file in candidate.files if file.path not in _ABOUT), written, seen, judged)


def _computed(files: Iterable[File]) -> Mapping[str, str]:
    """The files that decide what a model computes, by their digests."""
    return {file.path: file.sha256 for file in files if file.path not in _ABOUT}


def _draft(evidence: Evidence, candidate: Model, workspace: Workspace) -> Draft:
    spec, dataset, decision = evidence.spec, evidence.dataset, evidence.decision
    return Draft(
        name=spec.name,
        task=dataset.task,
        labels=dataset.labels,
        metrics=decision.scored(decision.candidate_name).scores,
        lineage=Lineage(
            dataset=dataset.content,
            passport=dataset.passport.digest,
            rows={split: dataset.rows(split) for split in SPLITS},
            backbone=candidate.backbone,
            backbone_source=candidate.source,
            backbone_revision=evidence.backbone.revision if candidate.backbone else "",
            licence=candidate.licence,
            verdict=evidence.verdict.digest,
            head=evidence.head.digest,
            strategy=candidate.strategy,
            model=decision.candidate,
            decision=decision.digest,
            spec=spec.said(),
            code=code_digest(),
            headstart=__version__,
            sources=_sources(dataset),
            commit=origin.commit(),
            image=origin.image(),
            runs=origin.runs(f"{workspace.uri}/{origin.run_folder(spec)}"),
        ),
        files=_files(evidence, candidate, workspace),
    )


def _sources(dataset: Dataset) -> tuple[str, ...]:
    """The files that rows were read from; of very many the first."""
    read = [f"{each.name} ({each.format})" for each in dataset.reconciliation.sources if each.format]
    more = [f"and {len(read) - _MOST_SOURCES} more files"] if len(read) > _MOST_SOURCES else []
    return (*read[:_MOST_SOURCES], *more)
