"""Publishing: all the data first, then one conditional write that makes it visible.

The publisher leases its digests before it looks for condemned blobs; a collector condemns before it looks
for leases. So at least one of the two sees the other, and no blob is deleted that a version needs.
"""

import json
import re
import time
from datetime import UTC, datetime

from headstart.blobs import Blobs, File
from headstart.digest import canonical_json
from headstart.errors import HeadstartError, IntegrityError
from headstart.registry.record import Draft, Version, parse, version_key
from headstart.store import Store

LEASE_SECONDS = 7 * 24 * 3600
_ATTEMPTS = 1000
_RECORD = re.compile(r"([0-9]{8,})\.json")


def publish(store: Store, draft: Draft, source: Blobs, tx: str, after: int) -> Version:
    """Publish a draft as the next version, once.

    Args:
        store: The registry's store.
        draft: The version but for its number.
        source: Where the draft's files are.
        tx: Names this publication: a second call with the same ``tx`` finds the version of the first.
        after: A version number that was the latest before this publication was first tried.

    Raises:
        IntegrityError: A file is missing or damaged, or was collected while we published.
        HeadstartError: Others kept winning the next number.
    """
    if (published := _find(store, draft.name, tx, after)) is not None:
        return published
    started = time.monotonic()
    lease = f"leases/{tx}.json"
    store.put(lease, canonical_json({"tx": tx, "digests": sorted({file.sha256 for file in draft.files})}))
    condemned = _condemned(store)
    files = tuple(_store(file, source, store, condemned, tx) for file in draft.files)
    if time.monotonic() - started > LEASE_SECONDS / 2:
        raise IntegrityError(
            "integrity/record",
            "publishing took longer than half of its lease.",
            remedy="Publish again.",
            where=store.uri,
        )
    version = _commit(store, draft.model_copy(update={"files": files}), tx, after)
    for file in version.files:
        if not Blobs(store).holds(file):
            raise IntegrityError(
                "integrity/digest",
                "a blob vanished while publishing.",
                remedy="Publish again.",
                where=f"{store.uri}/{file.blob}",
            )
    store.delete(lease)
    return version


def numbers(store: Store, name: str) -> list[int]:
    """The version numbers of a model, lowest first; an object that is no version's record does not count."""
    prefix = version_key(name, 0).rpartition("/")[0] + "/"
    found = (_RECORD.fullmatch(info.key.removeprefix(prefix)) for info in store.list(prefix))
    return sorted(int(match[1]) for match in found if match)


def latest(store: Store, name: str) -> int:
    """The highest version number of a model, 0 where there is none."""
    return max(numbers(store, name), default=0)


def _find(store: Store, name: str, tx: str, after: int) -> Version | None:
    """The version that an earlier, interrupted call with the same nonce has published."""
    for number in numbers(store, name):
        if number > after:
            key = version_key(name, number)
            version = parse(Version, store.get(key) or b"", f"{store.uri}/{key}")
            if version.tx == tx:
                return version
    return None


def _condemned(store: Store) -> set[str]:
    return {key for info in store.list("gc/condemned/") for key in json.loads(store.get(info.key) or b"[]")}


def _store(file: File, source: Blobs, store: Store, condemned: set[str], tx: str) -> File:
    plain = file.model_copy(update={"key": ""})
    if plain.blob in condemned:
        # A collector may delete that blob at any moment: bring our own under a name of our own.
        plain = plain.model_copy(update={"key": f"{plain.blob}~{tx}"})
    if not Blobs(store).holds(plain):
        store.upload(source.fetch(file), plain.blob)
    return plain


def _commit(store: Store, draft: Draft, tx: str, after: int) -> Version:
    number = max(latest(store, draft.name), after)
    for _ in range(_ATTEMPTS):
        number += 1
        created = datetime.now(UTC).isoformat(timespec="seconds")
        version = Version(version=number, tx=tx, created=created, **dict(draft))
        key = version_key(draft.name, number)
        if store.create(key, canonical_json(version.said())):
            return version
        taken = parse(Version, store.get(key) or b"", f"{store.uri}/{key}")
        if taken.tx == tx:  # a twin of ours, or ourselves before a lost reply, was first
            return taken
    raise HeadstartError(
        "registry/contended",
        f"{_ATTEMPTS} version numbers were taken by others.",
        remedy="Publish again.",
        where=store.uri,
    )
