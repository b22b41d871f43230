"""Copying models from one registry to another: numbers, bytes, digests, signatures and history stay as they are.

What is copied is verified on the way. What is there already is left, so that a transfer that was interrupted goes on
when it is started again, and one that is done does nothing. Nothing of the target is ever replaced: where it has
another version or another move under the same number, the transfer stops before it changes anything of that model.

A version is copied as it is published: a lease, the blobs, the record. Logs are copied entry by entry, and marks before
records, so that a deleted version is never met alive.
"""

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from headstart.blobs import File
from headstart.errors import HeadstartError, UsageError
from headstart.registry import aliases, catalog, leases, marks, numbers, outbox, publish
from headstart.registry.aliases import AliasMove
from headstart.registry.record import Version, check_name, parse, parse_version, version_key
from headstart.registry.registry import Registry
from headstart.store import Moved, Store, unheard

_AT_ONCE = 8
_ENTRY = re.compile(r"[0-9]{8}\.json")
_BESIDE = ("provenance", "signatures")  # what lies beside records, and is nothing without them


class Transferred(BaseModel):
    """What a transfer has copied: versions as ``name@number``, and entries of logs; ``there`` versions were before."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    versions: tuple[str, ...]
    entries: int
    there: int


class _Model(NamedTuple):
    """A model as the source has it: its records, its logs by prefix, newest entry first, and its deleted versions."""

    name: str
    records: Mapping[int, bytes]
    marks: Mapping[str, list[str]]
    moves: Mapping[str, list[str]]
    deleted: set[int]


def transfer(
    source: Registry, target: Registry, names: Iterable[str] = (), with_aliases: bool = True, moved: Moved = unheard
) -> Transferred:
    """Copy models from one registry to another.

    Args:
        source: Where they are; it is only read.
        target: Where they come to; it is made if there is none.
        names: The models; all of them where none is named.
        with_aliases: Whether aliases come along, with their whole history.
        moved: Hears of the bytes of files as they are in the target.

    Raises:
        UsageError: There is no such model; or the target has other versions or moves under the same numbers.
        IntegrityError: A record or a file of the source is damaged; or an alias would point at a version without a
            signature that counts, where the target's policy asks for one.
        HeadstartError: A collector is at work in the target.
    """
    there = source.models()
    wanted = sorted({check_name(name) for name in names}) or there
    unknown = [name for name in wanted if name not in there]
    if unknown or not there:
        problem = f"there is no model {unknown[0]!r}." if unknown else "there are no models."
        remedy = f"Models there: {', '.join(there[:10]) or 'none'}."
        raise UsageError("registry/not-found", problem, remedy=remedy, where=source.uri)
    target.prepare()
    outbox.enlist(target.store, target.policy.hooks)
    done = [_copy(_read(source.store, name, with_aliases), source, target, moved) for name in wanted]
    return Transferred(
        versions=tuple(version for each in done for version in each.versions),
        entries=sum(each.entries for each in done),
        there=sum(each.there for each in done),
    )


def _read(store: Store, name: str, with_aliases: bool) -> _Model:
    # Aliases first, then numbers, then marks: what an alias points at is among the numbers.
    prefixes = [aliases.prefix(name, alias) for alias in aliases.names(store, name)] if with_aliases else []
    moves = {prefix: _entries(store, prefix) for prefix in prefixes}
    found = numbers.numbers(store, name)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        records = dict(zip(found, pool.map(lambda number: _record(store, name, number), found), strict=True))
    marked = {marks.prefix(name): _entries(store, marks.prefix(name))}
    return _Model(name, records, marked, moves, marks.deleted(store, name))


def _copy(model: _Model, source: Registry, target: Registry, moved: Moved) -> Transferred:
    new = _new(model, target.store)
    missing = {prefix: _missing(prefix, keys, source.store, target.store) for prefix, keys in model.marks.items()}
    moves = {prefix: _missing(prefix, keys, source.store, target.store) for prefix, keys in model.moves.items()}
    for kind in _BESIDE:
        _copy_beside(f"models/{model.name}/{kind}/", source.store, target.store)
    with catalog.changing(target.store, model.name):
        for keys in missing.values():
            _append(keys, source.store, target.store)
    for number in new:
        _publish(model, number, source, target, moved)
    target.policy.tell(target.store, outbox.Log(model.name))
    for prefix, keys in moves.items():
        if keys:
            _move(model.name, prefix.split("/")[3], keys, source, target)
    return Transferred(
        versions=tuple(f"{model.name}@{number}" for number in new),
        entries=sum(map(len, [*missing.values(), *moves.values()])),
        there=len(model.records) - len(new),
    )


def _record(store: Store, name: str, number: int) -> bytes:
    """A version's record as it is stored, once it has shown to be one."""
    key = version_key(name, number)
    data = store.get(key) or b""
    parse_version(name, number, data, f"{store.uri}/{key}")
    return data


def _new(model: _Model, target: Store) -> list[int]:
    """The versions that the target lacks.

    Raises:
        UsageError: It has another version under the number of one.
    """

    def is_new(number: int) -> bool:
        key = version_key(model.name, number)
        there = target.get(key)
        if there not in (None, model.records[number]):
            raise _diverged(f"{model.name} version {number} is another one there.", f"{target.uri}/{key}")
        return there is None

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [number for number, new in zip(model.records, pool.map(is_new, model.records), strict=True) if new]


def _publish(model: _Model, number: int, source: Registry, target: Registry, moved: Moved) -> None:
    """Copy one version, as :func:`headstart.registry.publish.publish` makes one.

    Its blobs keep their keys, which its record names. So one that a collector has condemned cannot be stepped aside
    from; the collector is waited for, by the user.
    """
    store, key = target.store, version_key(model.name, number)
    version = parse_version(model.name, number, model.records[number], f"{source.uri}/{key}")
    timer = leases.Timer()
    digests = tuple(sorted({file.sha256 for file in version.files}))
    leases.take(store, leases.Lease(tx=version.tx, digests=digests, model=model.name, after=number - 1))
    condemned = publish.condemned(store)
    if any(file.blob in condemned for file in version.files):
        remedy = "Import again when no collector (headstart models gc) is at work."
        raise HeadstartError(
            "registry/contended", "a collector is deleting the same file.", remedy=remedy, where=store.uri
        )
    _bring(version, number in model.deleted, source, target, moved)
    timer.check(store.uri)
    if not store.create(key, model.records[number]):
        raise _diverged(f"{model.name} version {number} was published there meanwhile.", f"{store.uri}/{key}")
    publish.settle(store, version)
    leases.drop(store, version.tx)


def _bring(version: Version, deleted: bool, source: Registry, target: Registry, moved: Moved) -> None:
    """Copy a version's files, each byte verified; of a deleted version those that a collector has left."""

    def bring(file: File) -> None:
        if target.blobs.holds(file):
            moved(file.size)
        elif not deleted or source.blobs.holds(file):
            source.blobs.send(file, target.store, file.blob, moved)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(bring, {file.blob: file for file in version.files}.values()))


def _move(name: str, alias: str, keys: list[str], source: Registry, target: Registry) -> None:
    """Copy an alias's moves, if where it comes to point may be used."""
    store = target.store
    newest = parse(AliasMove, source.store.get(keys[-1]) or b"", f"{source.uri}/{keys[-1]}")
    target.policy.admit(store, publish.read(store, name, newest.version))
    with catalog.changing(store, name):
        _append(keys, source.store, store)
    target.policy.tell(store, outbox.Log(name, alias))


def _entries(store: Store, prefix: str) -> list[str]:
    """The keys of a log's entries, newest first."""
    return [info.key for info in store.list(prefix) if _ENTRY.fullmatch(info.key.removeprefix(prefix))]


def _missing(prefix: str, keys: list[str], source: Store, target: Store) -> list[str]:
    """The keys of the entries that the target's log lacks, oldest first.

    An entry follows all that were there when it was made and never changes. So where the newest entry that both have
    is the same one, so are those before it.

    Raises:
        UsageError: The two logs have different entries under one number.
    """
    there = set(_entries(target, prefix))
    common = next((key for key in keys if key in there), None)
    missing = [key for key in keys if key not in there]
    if common and source.get(common) != target.get(common):
        raise _diverged("the entry of this number is another one there.", f"{target.uri}/{common}")
    if missing and len(there) + len(missing) != len(keys):
        raise _diverged("each of the two logs has entries that the other lacks.", f"{target.uri}/{prefix}")
    return missing[::-1]


def _append(keys: list[str], source: Store, target: Store) -> None:
    for key in keys:
        if not target.create(key, source.get(key) or b""):
            raise _diverged("another entry was made there meanwhile.", f"{target.uri}/{key}")


def _copy_beside(prefix: str, source: Store, target: Store) -> None:
    there = {info.key for info in target.list(prefix)}
    for info in source.list(prefix):
        data = source.get(info.key) if info.key not in there else None
        if data is not None:
            target.put(info.key, data)


def _diverged(problem: str, where: str) -> UsageError:
    remedy = "Import into another registry, or without what differs; see --model and --no-aliases."
    return UsageError("registry/diverged", problem, remedy=remedy, where=where)
