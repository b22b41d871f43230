"""A space: all that a workspace keeps of one backbone's features.

Layout, below ``features/<digest of the backbone and of how texts are prepared>/``::

    about.json             which backbone it is; written again once a day, so that its time tells the last use
    speed.json             how long the last extraction took, and for how many rows
    rows/<sha256>.arrow    a shard: the ids of rows, and the file of each part (shard.py)
    vectors/<sha256>       the vectors of a shard's rows, for one layer and pooling

Everything but ``about.json`` and ``speed.json`` is named by its content and never changes. A shard's entry is written
after its vectors, so whatever is seen of a shard whose writer died is nothing at all.
"""

import re
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, ValidationError

from headstart.backbone import Backbone
from headstart.blobs import File
from headstart.digest import canonical_json, digest_of, sha256
from headstart.errors import IntegrityError
from headstart.features.shard import Halves, Part, Shard, read_entry, write_entry, write_vectors
from headstart.store import ObjectInfo
from headstart.workspace import Workspace

REVISION = 3  # raise it when the computation changes, so that old features are not taken for new ones
ROOT = "features"
ABOUT = "about.json"
_SPEED = "speed.json"
READERS = 8  # threads: hashing and downloading leave the interpreter free
GONE = (IntegrityError, FileNotFoundError)  # the second where a pruning removes a file that was just verified
_ENTRY = re.compile(r".*/rows/[0-9a-f]{64}\.arrow")
DAY_SECONDS = 86400.0


class About(BaseModel):
    """Which backbone's features a space holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    backbone: str
    identity: str


class Speed(BaseModel):
    """What an extraction of so many rows took, in seconds of wall time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: int
    seconds: float


class Space:
    """The shards of one backbone. ``shards`` are those that the last :meth:`refresh` saw, by key."""

    def __init__(self, workspace: Workspace, name: str) -> None:
        self.workspace = workspace
        self.prefix = f"{ROOT}/{name}"
        self.shards: dict[str, Shard] = {}

    @classmethod
    def of(cls, backbone: Backbone, workspace: Workspace) -> "Space":
        """The space of a backbone."""
        return cls(workspace, digest_of([backbone.identity, REVISION]))

    def mark(self, backbone: Backbone) -> None:
        """Say whose features these are, and that they were used today."""
        key = f"{self.prefix}/{ABOUT}"
        held = self.workspace.store.stat(key)
        if held is None or held.modified < time.time() - DAY_SECONDS:
            about = About(backbone=backbone.name, identity=backbone.identity)
            self.workspace.store.put(key, canonical_json(about.model_dump(mode="json")))

    def note(self, speed: Speed) -> None:
        """Keep how fast the last extraction was."""
        self.workspace.store.put(f"{self.prefix}/{_SPEED}", canonical_json(speed.model_dump(mode="json")))

    def speed(self) -> Speed | None:
        """How fast the last extraction was, if it was noted."""
        try:
            return Speed.model_validate_json(self.workspace.store.get(f"{self.prefix}/{_SPEED}") or b"")
        except ValidationError:
            return None

    def refresh(self) -> list[str]:
        """See which shards there are now.

        Returns:
            The keys of entries that are damaged, or whose vectors are not all there with their full size.
        """
        store = self.workspace.store
        # In this order: whoever's entry is seen has written its vectors before.
        entries = [info for info in store.list(f"{self.prefix}/rows/") if _ENTRY.fullmatch(info.key)]
        sizes = {info.key: info.size for info in store.list(f"{self.prefix}/vectors/")}
        with ThreadPoolExecutor(READERS) as pool:
            seen = list(pool.map(self._shard, entries))
        self.shards = {
            shard.key: shard
            for shard in seen
            if shard and all(sizes.get(file.key) == file.size for file in shard.files.values())
        }
        return [info.key for info in entries if info.key not in self.shards]

    def holding(self, part: Part) -> list[Shard]:
        """The shards that have a part, by key."""
        return [shard for shard in self.shards.values() if part in shard.files]

    def add(self, ids: pa.FixedSizeBinaryArray, vectors: Mapping[Part, Halves]) -> Shard:
        """Write a shard: the vectors (rows, width) of each part, and then the entry that makes them be seen."""
        files = {part: self._write(write_vectors(each), str(part.layer)) for part, each in vectors.items()}
        entry = write_entry(ids, files)
        key = f"{self.prefix}/rows/{sha256(entry)}.arrow"
        self.workspace.store.put(key, entry)
        self.shards[key] = Shard(key, ids, files)
        return self.shards[key]

    def drop(self, keys: Iterable[str]) -> None:
        """Remove the entries of shards, so that their rows count as missing."""
        for key in keys:
            self.workspace.store.delete(key)
            self.shards.pop(key, None)

    def _write(self, data: bytes, path: str) -> File:
        digest = sha256(data)
        file = File(path=path, sha256=digest, size=len(data), key=f"{self.prefix}/vectors/{digest}")
        self.workspace.store.put(file.key, data)  # also where it stands already: those bytes may be damaged
        return file

    def _shard(self, info: ObjectInfo) -> Shard | None:
        """The shard of an entry; None where the entry is damaged."""
        if info.key in self.shards:
            return self.shards[info.key]
        digest = Path(info.key).stem
        try:
            path = self.workspace.blobs.fetch(File(path="rows", sha256=digest, size=info.size, key=info.key))
            return read_entry(info.key, path)
        except GONE:
            return None
