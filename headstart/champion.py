"""The standing version: its answers to today's test rows, and which of them it was made from."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from headstart.arrays import Outputs, Targets
from headstart.blobs import File
from headstart.dataset import Dataset, Rows
from headstart.evaluation.gate import Champion
from headstart.registry import Registry, Version, aliases
from headstart.registry.policy import Policy
from headstart.spec import Spec
from headstart.workspace import Workspace

SEEN = "headstart-rows.u64"
"""A version's file: the first bytes of the ids of all rows that it was trained or chosen on, sorted."""
_BYTES = 8  # of an id of 32: enough to tell rows apart, and half as much to store as anything safer would be


def seen_rows(dataset: Dataset, workspace: Workspace) -> File:
    """The file that says which rows a version has seen: training rows, and validation rows, on which it was chosen."""
    ids = [row for split in ("train", "validation") for row in dataset.read(workspace, split).ids]
    return workspace.blobs.add_bytes(np.unique(_shortened(ids)).astype(">u8").tobytes(), SEEN)


def standing(spec: Spec, dataset: Dataset, test: Rows) -> Champion | None:
    """The version that the alias points at, on today's test rows, in today's label order."""
    registry = Registry(spec.registry.uri, Policy.here(spec.registry))
    move = aliases.current(registry.store, spec.name, spec.registry.alias)
    if move is None:
        return None
    reference = f"{spec.name}@{move.version}"
    version = registry.resolve(reference)
    model = registry.load(version)
    predicted = translated(model.outputs(test.texts), model.labels, dataset.labels, test.targets)
    is_fresh, how = _fresh(version, registry, dataset, test)
    if not set(model.labels) & set(dataset.labels):
        how += "; it knows none of the labels of today"
    return Champion(reference, predicted, is_fresh, how)


def translated(found: Outputs, theirs: Sequence[str], ours: Sequence[str], targets: Targets) -> Targets:
    """A model's answers in the numbers of today's labels: of the labels that it knows of these, the likeliest.

    A model that knows none of them is right about nothing.

    Args:
        found: Its outputs, shape (rows, its labels).
        theirs: Its labels.
        ours: The labels of today.
        targets: The right answers in today's numbers, shape (rows,).

    Returns:
        Shape (rows,).
    """
    shared = [(number, theirs.index(label)) for number, label in enumerate(ours) if label in theirs]
    if not shared:
        return (targets + 1) % len(ours)
    likeliest: Targets = found[:, [column for _, column in shared]].argmax(axis=1)
    return np.array([number for number, _ in shared])[likeliest]


def _fresh(version: Version, registry: Registry, dataset: Dataset, test: Rows) -> tuple[npt.NDArray[np.bool], str]:
    """Which test rows the version was not made from, and how that is known."""
    every = np.ones(len(test), dtype=bool)
    file = next((each for each in version.files if each.path == SEEN), None)
    if file is not None:
        known = np.frombuffer(registry.blobs.read(file), ">u8")
        return ~np.isin(_shortened(test.ids), known), "its list of rows says so"
    if version.lineage.passport == dataset.passport.digest:
        return every, "it was made from the same split"
    return every, "unknown, for it has no list of rows: its score may be flattered"


def _shortened(ids: tuple[str, ...] | list[str]) -> npt.NDArray[np.uint64]:
    return np.array([int(each[: 2 * _BYTES], 16) for each in ids], dtype=np.uint64)
