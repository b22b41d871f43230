"""Collecting: what no version and no publisher needs is deleted, in an order that cannot meet a publisher unseen.

Age alone would be unsafe: a backbone that the next version shares is old. So a blob is condemned first, for all
publishers to read, then leases and after them versions are read once more, and only what is still needless is deleted.
A publisher does the reverse: it writes its lease and then reads what is condemned.
"""

import uuid

from pydantic import BaseModel, ConfigDict

from headstart.digest import canonical_json
from headstart.registry import catalog, contents, leases
from headstart.registry.publish import find, settle
from headstart.store import Store, store_time

_CONDEMNED = "gc/condemned/"


class Collected(BaseModel):
    """What a collector took, or would take: keys and bytes.

    ``blobs`` no version needs, ``served`` are files of deleted versions' plain folders, ``leases`` are of writers that
    died, and ``unfinished`` says how many uploads that nobody continued were given up.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    blobs: tuple[str, ...]
    bytes: int
    served: tuple[str, ...]
    leases: tuple[str, ...]
    unfinished: int
    applied: bool


def collect(store: Store, grace: float, apply: bool) -> Collected:
    """Delete what is needless and older than a grace period.

    Args:
        store: The registry's store.
        grace: Seconds for which a blob and a deleted version's files are left alone, by the store's own clock.
        apply: Whether to delete; else nothing changes.

    Raises:
        IntegrityError: A record cannot be read, so that what it needs is not known: nothing is deleted.
    """
    timer = leases.Timer()
    now = store_time(store)
    expired = [held for held in leases.held(store) if now - held.written > leases.SECONDS]
    for held in expired if apply else ():
        _settle(store, held)
    needs = _Needs(store, now, now - grace)
    needed = needs.keys()
    old = [blob.info for blob in contents.blobs(store) if blob.info.modified <= now - grace]
    dead = [info.key for info in store.list(_CONDEMNED) if now - info.modified > leases.SECONDS]
    sizes = {info.key: info.size for info in old if info.key not in needed}
    served = [info.key for version, info in contents.served(store) if version not in needs.versions]
    taken, unfinished = sorted(sizes), 0
    if apply:
        run = f"{_CONDEMNED}{uuid.uuid4().hex}.json"
        store.put(run, canonical_json(taken))
        needed = needs.keys()
        taken = [key for key in taken if key not in needed]
        for key in (*taken, *served, run, *dead):
            timer.check(store.uri)  # who finds us dead may by then have dropped what we condemned
            store.delete(key)
        unfinished = store.sweep("blobs/", now - leases.SECONDS)
    return Collected(
        blobs=tuple(taken),
        bytes=sum(sizes[key] for key in taken),
        served=tuple(served),
        leases=tuple(held.key for held in expired),
        unfinished=unfinished,
        applied=apply,
    )


class _Needs:
    """What writers and versions need; a record is read once, for it never changes.

    Args:
        store: The registry's store.
        now: Now, by its clock.
        before: When a version must have been deleted for its files not to be needed.
    """

    def __init__(self, store: Store, now: float, before: float) -> None:
        self._store = store
        self._now = now
        self._before = before
        self._blobs: dict[contents.Key, set[str]] = {}
        self.versions: set[contents.Key] = set()

    def keys(self) -> set[str]:
        """The keys of all blobs that are needed; leases are read first, for a writer drops its own last."""
        held = [each.lease for each in leases.held(self._store) if self._now - each.written <= leases.SECONDS]
        leased = {digest for lease in held for digest in lease.digests}
        writers = {lease.tx for lease in held}
        self.versions = contents.wanted(self._store, contents.models(self._store), self._before)
        for version in contents.versions(self._store, sorted(self.versions - self._blobs.keys())):
            self._blobs[version.name, version.version] = {file.blob for file in version.files}
        referenced = {key for version in self.versions for key in self._blobs[version]}
        there = contents.blobs(self._store) if held else ()
        return referenced | {each.info.key for each in there if each.digest in leased or each.tx in writers}


def _settle(store: Store, held: leases.Held) -> None:
    """Drop the lease of a writer that died; what it committed is noted first, as it would have done."""
    lease = held.lease
    version = find(store, lease) if lease.model and lease.digests else None
    if version is not None:
        settle(store, version)
    elif lease.model:
        catalog.note(store, lease.model, lease.tx)
    now = store.stat(held.key)
    if now is not None and now.modified == held.written:  # else it lives, and has renewed its lease
        store.delete(held.key)
