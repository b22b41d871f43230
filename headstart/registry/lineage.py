"""Where a version comes from, as a tree: what a terminal draws, a page shows and a program reads."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict

from headstart.registry import aliases, provenance, signing
from headstart.registry.record import Lineage, Version
from headstart.spec import SPLITS
from headstart.store import Store


class Node(BaseModel):
    """A thing that a version was made of or by: its kind, what it is called, its digest, and what it came from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    text: str
    digest: str = ""
    parts: tuple["Node", ...] = ()


def tree(store: Store, version: Version) -> Node:
    """The lineage of a version.

    Raises:
        IntegrityError: Its provenance is damaged, or not its own.
    """
    lineage = version.lineage
    size = sum(file.size for file in version.files)
    return Node(
        kind="version",
        text=f"{version.name} version {version.version}, {version.task}, {version.created}",
        parts=(
            Node(
                kind="model",
                text=f"{lineage.strategy}, {len(version.labels)} labels",
                digest=lineage.model,
                parts=(
                    *(_transferred(lineage) if lineage.backbone else ()),
                    Node(kind="files", text=f"{len(version.files)}, {size:,} bytes", parts=_files(version)),
                ),
            ),
            Node(
                kind="dataset",
                text=", ".join(f"{lineage.rows[split]} {split}" for split in SPLITS if split in lineage.rows),
                digest=lineage.dataset,
                parts=(
                    _node("split", "", lineage.passport),
                    *(_node("source", source) for source in lineage.sources),
                ),
            ),
            Node(kind="decision", text=_metrics(version), digest=lineage.decision),
            _node("verdict", "", lineage.verdict),
            Node(kind="code", text=f"Headstart {lineage.headstart}", digest=lineage.code, parts=tuple(_code(version))),
            *(_node("run", f"{kind} {name}") for kind, name in lineage.runs.items()),
            *_evidence(store, version),
            *_moves(store, version),
        ),
    )


def _transferred(lineage: Lineage) -> tuple[Node, Node]:
    revision = f" at {lineage.backbone_revision}" if lineage.backbone_revision else ""
    source = f"{lineage.backbone_source}{revision}, licence {lineage.licence}"
    return _node("backbone", source, lineage.backbone), _node("head", "", lineage.head)


def said(store: Store, version: Version) -> dict[str, Any]:
    """The lineage as JSON data: the tree, the record it is from, and the provenance statement.

    Raises:
        IntegrityError: The provenance is damaged, or not this version's.
    """
    return {
        "name": version.name,
        "version": version.version,
        "lineage": version.lineage.model_dump(mode="json"),
        "metrics": {metric: estimate.model_dump() for metric, estimate in version.metrics.items()},
        "signed_by": signing.signers(store, version),
        "tree": tree(store, version).model_dump(mode="json"),
        "provenance": provenance.read(store, version),
    }


def _node(kind: str, text: str, digest: str = "") -> Node:
    return Node(kind=kind, text=text, digest=digest)


def _files(version: Version) -> tuple[Node, ...]:
    return tuple(_node("file", f"{file.path}, {file.size:,} bytes", file.sha256) for file in version.files)


def _metrics(version: Version) -> str:
    return ", ".join(f"{metric} {estimate}" for metric, estimate in version.metrics.items())


def _code(version: Version) -> Iterable[Node]:
    if version.lineage.commit:
        yield _node("commit", version.lineage.commit)
    if version.lineage.image:
        yield _node("image", version.lineage.image)


def _evidence(store: Store, version: Version) -> Iterable[Node]:
    if provenance.read(store, version) is not None:
        key = provenance.provenance_key(version.name, version.version)
        yield _node("provenance", f"{store.uri}/{key}")
    for key in signing.signers(store, version):
        yield _node("signature", f"by key {key}, not verified here")


def _moves(store: Store, version: Version) -> Iterable[Node]:
    """Who pointed which alias at the version, newest first."""
    for alias in aliases.names(store, version.name):
        for place, move in enumerate(aliases.history(store, version.name, alias)):
            if move.version == version.version:
                held = "is" if place == 0 else "was"
                text = f"{alias} {held} this version, since {move.at}, by {move.by}: {move.reason}"
                yield _node("alias", text, move.decision)
