"""What differs between two versions: figures, data, spec, what they were made by, files.

Their tensors are compared in :mod:`headstart.tensors`, which needs the engine.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from headstart.evaluation.estimate import Estimate
from headstart.registry.record import Version

_DATA = ("dataset", "passport", "rows", "sources")
_MADE = (
    "strategy",
    "backbone",
    "backbone_source",
    "backbone_revision",
    "licence",
    "verdict",
    "head",
    "model",
    "decision",
    "headstart",
    "code",
    "commit",
    "image",
)


class Change(BaseModel):
    """A key, dots between its parts, and what it is in each version; None where it is not there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    before: Any
    after: Any


class MetricChange(BaseModel):
    """A metric in each version, as far as it has it, and the difference of the values.

    ``overlap`` says whether the two intervals have values in common.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    metric: str
    before: Estimate | None
    after: Estimate | None
    difference: float | None
    overlap: bool | None


class Difference(BaseModel):
    """Two versions, as ``name@number``, and what differs. Figures are said whether they differ or not.

    ``same_rows`` says that both were judged on the same test rows: else figures differ for that reason, too.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    before: str
    after: str
    same_rows: bool
    metrics: tuple[MetricChange, ...]
    labels_new: tuple[str, ...]
    labels_gone: tuple[str, ...]
    data: tuple[Change, ...]
    made: tuple[Change, ...]
    spec: tuple[Change, ...]
    files: tuple[Change, ...]


def compare(before: Version, after: Version) -> Difference:
    """What differs between two versions."""
    old, new = before.lineage.model_dump(mode="json"), after.lineage.model_dump(mode="json")
    metrics = dict.fromkeys((*before.metrics, *after.metrics))
    return Difference(
        before=f"{before.name}@{before.version}",
        after=f"{after.name}@{after.version}",
        same_rows=before.lineage.passport == after.lineage.passport,
        metrics=tuple(_metric(metric, before.metrics.get(metric), after.metrics.get(metric)) for metric in metrics),
        labels_new=tuple(label for label in after.labels if label not in before.labels),
        labels_gone=tuple(label for label in before.labels if label not in after.labels),
        data=_changes({key: old[key] for key in _DATA}, {key: new[key] for key in _DATA}),
        made=_changes({key: old[key] for key in _MADE}, {key: new[key] for key in _MADE}),
        spec=_changes(old["spec"], new["spec"]),
        files=_changes(_files(before), _files(after)),
    )


def _metric(metric: str, before: Estimate | None, after: Estimate | None) -> MetricChange:
    difference = overlap = None
    if before and after:
        difference = after.value - before.value
        overlap = before.low <= after.high and after.low <= before.high
    return MetricChange(metric=metric, before=before, after=after, difference=difference, overlap=overlap)


def _files(version: Version) -> dict[str, Any]:
    # A path may have dots: it is one key. Size and digest go together.
    return {file.path: [file.size, file.sha256] for file in version.files}


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    old, new = _flat(before), _flat(after)
    keys = dict.fromkeys((*old, *new))
    return tuple(
        Change(key=key, before=old.get(key), after=new.get(key)) for key in keys if old.get(key) != new.get(key)
    )


def _flat(data: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Every value that is no mapping, by its key with dots."""
    flat: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{before}{key}.")
        else:
            flat[f"{before}{key}"] = value
    return flat
