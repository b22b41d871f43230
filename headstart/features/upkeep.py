"""What the feature store holds, and how it is made smaller. It is a cache: what is removed is computed again."""

import time
from collections import defaultdict
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, ValidationError

from headstart.errors import UsageError
from headstart.features.space import ABOUT, DAY_SECONDS, ROOT, About, Space
from headstart.store import ObjectInfo
from headstart.workspace import Workspace


class Holding(BaseModel):
    """What is stored for one backbone. ``used`` is the day of the last use, ISO 8601, UTC; ``bytes`` is on disk."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    backbone: str
    identity: str
    layers: tuple[int, ...]
    poolings: tuple[str, ...]
    rows: int
    bytes: int
    used: str


def holdings(workspace: Workspace) -> list[Holding]:
    """What is stored, by backbone; nothing is changed."""
    return [_holding(workspace, name, about, objects) for name, about, objects in _spaces(workspace)]


def prune(workspace: Workspace, unused_days: float | None = None, backbone: str | None = None) -> list[Holding]:
    """Remove the features of backbones: of those that were not used for some days, or of those with a name.

    Args:
        workspace: Where features are kept.
        unused_days: Remove what was not used for at least so many days; a use is noted once a day.
        backbone: Remove the features of the backbones that go by this name.

    Returns:
        What was removed.

    Raises:
        UsageError: No features are stored for a backbone of this name.
    """
    spaces = list(_spaces(workspace))
    if backbone is not None and all(about.backbone != backbone for _, about, _ in spaces):
        held = ", ".join(sorted({about.backbone for _, about, _ in spaces})) or "none"
        problem = f"there are no features of a backbone {backbone!r}."
        raise UsageError("usage", problem, remedy=f"Backbones with features: {held}.", where=workspace.uri)
    removed = []
    for name, about, objects in spaces:
        unused = unused_days is not None and _used(objects) <= time.time() - unused_days * DAY_SECONDS
        if about.backbone == backbone or unused:
            removed.append(_holding(workspace, name, about, objects))
            # Entries before the vectors that they name; last what makes a pruning that was killed be found again.
            for info in sorted(objects, key=lambda each: (each.key.endswith(ABOUT), each.key)):
                workspace.store.delete(info.key)
    return removed


def _spaces(workspace: Workspace) -> list[tuple[str, About, list[ObjectInfo]]]:
    """The spaces with what they hold. Folders without an ``about.json`` that we know are left alone."""
    objects: defaultdict[str, list[ObjectInfo]] = defaultdict(list)
    for info in workspace.store.list(f"{ROOT}/"):
        objects[info.key.split("/")[1]].append(info)
    found = []
    for name, held in objects.items():
        data = workspace.store.get(f"{ROOT}/{name}/{ABOUT}")
        try:
            about = About.model_validate_json(data or b"")
        except ValidationError:
            continue
        found.append((name, about, held))
    return sorted(found, key=lambda each: (each[1].backbone, each[0]))


def _holding(workspace: Workspace, name: str, about: About, objects: list[ObjectInfo]) -> Holding:
    space = Space(workspace, name)
    space.refresh()
    shards = space.shards.values()
    parts = {part for shard in shards for part in shard.files}
    rows = pc.count_distinct(pa.concat_arrays([shard.ids for shard in shards])).as_py() if shards else 0
    return Holding(
        backbone=about.backbone,
        identity=about.identity,
        layers=tuple(sorted({part.layer for part in parts})),
        poolings=tuple(sorted({part.pooling for part in parts})),
        rows=rows,
        bytes=sum(info.size for info in objects),
        used=datetime.fromtimestamp(_used(objects), UTC).date().isoformat(),
    )


def _used(objects: list[ObjectInfo]) -> float:
    """When anything was last written, of which the note of a use is part; seconds by the store's clock."""
    return max(info.modified for info in objects)
