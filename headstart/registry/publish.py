"""Publishing: all the data first, then one conditional write that makes it visible.

The publisher leases its digests before it looks for condemned blobs; a collector condemns before it looks
for leases. So at least one of the two sees the other, and no blob is deleted that a version needs.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from pydantic import TypeAdapter, ValidationError

from headstart.blobs import Blobs, File
from headstart.digest import canonical_json
from headstart.errors import HeadstartError, IntegrityError
from headstart.registry import catalog, leases, numbers
from headstart.registry.record import Draft, Version, check_name, parse_version, version_key
from headstart.store import Moved, Store, unheard

_ATTEMPTS = 1000
_AT_ONCE = 8
_KEYS = TypeAdapter(list[str])


def publish(
    store: Store, draft: Draft, source: Blobs, tx: str, after: int | None = None, moved: Moved = unheard
) -> Version:
    """Publish a draft as the next version, once.

    Args:
        store: The registry's store.
        draft: The version but for its number.
        source: Where the draft's files are.
        tx: Names this publication: a second call with the same ``tx`` finds the version of the first.
        after: A version number that was the latest before this publication was first tried, where the caller knows.
        moved: Hears of the bytes of the draft's files as they are in the registry, each byte once.

    Raises:
        IntegrityError: A file of the source is missing or damaged.
        HeadstartError: Others kept winning the next number.
    """
    check_name(draft.name)
    timer = leases.Timer()
    before = numbers.latest(store, draft.name)
    digests = tuple(sorted({file.sha256 for file in draft.files}))
    lease = leases.take(store, leases.Lease(tx=tx, digests=digests, model=draft.name, after=before))
    version, seen = _find(store, draft.name, tx, min(lease.after, before if after is None else after))
    if version is None:
        doomed = condemned(store)
        files = tuple(_placed(file, doomed, tx) for file in draft.files)
        _upload(files, draft.files, source, store, moved)
        timer.check(store.uri)
        version = _commit(store, draft.model_copy(update={"files": files}), tx, max(seen, before, after or 0))
    _upload(version.files, draft.files, source, store, unheard)  # what a collector took all the same is brought back
    settle(store, version)
    leases.drop(store, tx)
    return version


def settle(store: Store, version: Version) -> None:
    """Note what a committed version makes true, for those who will not look at all records."""
    store.put(_receipt(version.name, version.tx), str(version.version).encode())
    numbers.take(store, version.name, version.version)
    catalog.note(store, version.name, version.tx)


def find(store: Store, lease: leases.Lease) -> Version | None:
    """The version that the holder of a lease has published, if it has."""
    return _find(store, lease.model, lease.tx, lease.after)[0]


def _find(store: Store, name: str, tx: str, after: int) -> tuple[Version | None, int]:
    """The version that a call with the same nonce has published, and the highest number that was looked at."""
    receipt = store.get(_receipt(name, tx))
    if receipt is not None and receipt.isdigit():
        return read(store, name, int(receipt)), after
    for number in numbers.listed(store, name, after):
        version, after = read(store, name, number), number
        if version.tx == tx:
            return version, number
    return None, after


def _receipt(name: str, tx: str) -> str:
    return f"models/{check_name(name)}/published/{tx}"


def read(store: Store, name: str, number: int) -> Version:
    """A version's record, deleted or not.

    Raises:
        IntegrityError: It is missing or damaged.
    """
    key = version_key(name, number)
    return parse_version(name, number, store.get(key) or b"", f"{store.uri}/{key}")


def condemned(store: Store) -> set[str]:
    """The keys of the blobs that a collector may delete at any moment."""
    return {key for info in store.list("gc/condemned/") for key in condemned_by(store, info.key)}


def condemned_by(store: Store, record: str) -> list[str]:
    """The keys that a collector's record condemns; none where it has finished.

    Raises:
        IntegrityError: The record is damaged.
    """
    data = store.get(record)
    if data is None:
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


def _upload(files: Iterable[File], drafted: Iterable[File], source: Blobs, store: Store, moved: Moved) -> None:
    """Bring each file's bytes to its blob from where the draft has them, unless they are there."""
    origins = {file.sha256: file for file in drafted}
    there = Blobs(store)

    def bring(file: File) -> None:
        if there.holds(file):
            moved(file.size)
        else:
            source.send(origins.get(file.sha256, file), store, file.blob, moved)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(bring, {file.blob: file for file in files}.values()))


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
        taken = read(store, draft.name, number)
        if taken.tx == tx:  # a twin of ours, or ourselves before a lost reply, was first
            return taken
    raise HeadstartError(
        "registry/contended",
        f"{_ATTEMPTS} version numbers were taken by others.",
        remedy="Publish again.",
        where=store.uri,
    )
