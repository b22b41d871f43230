"""Publishing: all the data first, then one conditional write that makes it visible.

The publisher leases its digests before it looks for condemned blobs; a collector condemns before it looks
for leases. So at least one of the two sees the other, and no blob is deleted that a version needs.
"""

import time
from collections.abc import Iterable
from datetime import UTC, datetime

from pydantic import TypeAdapter, ValidationError

from headstart.blobs import Blobs, File
from headstart.digest import canonical_json
from headstart.errors import HeadstartError, IntegrityError
from headstart.registry.record import Draft, Version, parse_version, version_key, version_number
from headstart.store import Store

LEASE_SECONDS = 7 * 24 * 3600
_ATTEMPTS = 1000
_KEYS = TypeAdapter(list[str])


def publish(store: Store, draft: Draft, source: Blobs, tx: str, after: int) -> Version:
    """Publish a draft as the next version, once.

    Args:
        store: The registry's store.
        draft: The version but for its number.
        source: Where the draft's files are.
        tx: Names this publication: a second call with the same ``tx`` finds the version of the first.
        after: A version number that was the latest before this publication was first tried.

    Raises:
        IntegrityError: A file of the source is missing or damaged.
        HeadstartError: Others kept winning the next number.
    """
    version, seen = _find(store, draft.name, tx, after)
    started = time.monotonic()
    lease = f"leases/{tx}.json"
    store.put(lease, canonical_json({"tx": tx, "digests": sorted({file.sha256 for file in draft.files})}))
    if version is None:
        condemned = _condemned(store)
        files = tuple(_placed(file, condemned, tx) for file in draft.files)
        _upload(files, draft.files, source, store)
        if time.monotonic() - started > LEASE_SECONDS / 2:
            problem = "publishing took longer than half of its lease."
            raise IntegrityError("integrity/record", problem, remedy="Publish again.", where=store.uri)
        version = _commit(store, draft.model_copy(update={"files": files}), tx, seen)
    _upload(version.files, draft.files, source, store)  # what a collector took all the same is brought back
    store.delete(lease)
    return version


def numbers(store: Store, name: str) -> list[int]:
    """The version numbers of a model, lowest first; an object that is no version's record does not count."""
    found = (version_number(info.key) for info in store.list(version_key(name, 0).rpartition("/")[0] + "/"))
    return sorted(number for number in found if number)


def latest(store: Store, name: str) -> int:
    """The highest version number of a model, 0 where there is none."""
    return max(numbers(store, name), default=0)


def _find(store: Store, name: str, tx: str, after: int) -> tuple[Version | None, int]:
    """The version that a call with the same nonce has published, and the highest number that was looked at."""
    for number in numbers(store, name):
        if number > after:
            version, after = _read(store, name, number), number
            if version.tx == tx:
                return version, number
    return None, after


def _read(store: Store, name: str, number: int) -> Version:
    key = version_key(name, number)
    return parse_version(name, number, store.get(key) or b"", f"{store.uri}/{key}")


def _condemned(store: Store) -> set[str]:
    return {key for info in store.list("gc/condemned/") for key in _keys(store, info.key)}


def _keys(store: Store, record: str) -> list[str]:
    data = store.get(record)
    if data is None:  # the collector has finished
        return []
    try:
        return _KEYS.validate_json(data)
    except ValidationError:
        remedy = "Delete it when no collector runs."
        where = f"{store.uri}/{record}"
        raise IntegrityError("integrity/record", "not a list of blobs.", remedy=remedy, where=where) from None


def _placed(file: File, condemned: set[str], tx: str) -> File:
    """Where a file's blob goes: aside, under a name of our own, from one that a collector may delete at any moment."""
    plain = file.model_copy(update={"key": ""})
    return plain.model_copy(update={"key": f"{plain.blob}~{tx}"}) if plain.blob in condemned else plain


def _upload(files: Iterable[File], drafted: Iterable[File], source: Blobs, store: Store) -> None:
    """Bring each file's bytes to its blob from where the draft has them, unless they are there."""
    origins = {file.sha256: file for file in drafted}
    for file in files:
        if not Blobs(store).holds(file):
            store.upload(source.fetch(origins.get(file.sha256, file)), file.blob)


def _commit(store: Store, draft: Draft, tx: str, seen: int) -> Version:
    # Every number above those that were searched for a twin: to skip one might be to publish twice.
    number = seen
    for _ in range(_ATTEMPTS):
        number += 1
        created = datetime.now(UTC).isoformat(timespec="seconds")
        version = Version(version=number, tx=tx, created=created, **dict(draft))
        key = version_key(draft.name, number)
        if store.create(key, canonical_json(version.said())):
            return version
        taken = _read(store, draft.name, number)
        if taken.tx == tx:  # a twin of ours, or ourselves before a lost reply, was first
            return taken
    raise HeadstartError(
        "registry/contended",
        f"{_ATTEMPTS} version numbers were taken by others.",
        remedy="Publish again.",
        where=store.uri,
    )
