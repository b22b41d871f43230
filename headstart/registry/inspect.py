"""Verifying a whole registry: every record is read, every byte is hashed, every promise that can be checked is."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from pydantic import BaseModel, ConfigDict

from headstart.blobs import File
from headstart.errors import HeadstartError
from headstart.registry import aliases, catalog, contents, marks, numbers
from headstart.registry.folder import folder_of
from headstart.registry.log import E, Log
from headstart.registry.publish import read
from headstart.registry.record import Version
from headstart.store import Moved, Store, unheard

_CHUNK = 8 * 2**20
_AT_ONCE = 4


class Finding(BaseModel):
    """Something that is not as it should be: where, what, and what to do."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    where: str
    problem: str
    remedy: str


class Verified(BaseModel):
    """What was looked at, and what was found; ``bytes`` were hashed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    models: int
    versions: int
    blobs: int
    bytes: int
    findings: tuple[Finding, ...]


def verify(store: Store, moved: Moved = unheard) -> Verified:
    """Read all of a registry; nothing is changed.

    Args:
        store: The registry's store.
        moved: Hears of the bytes that were hashed.
    """
    findings: list[Finding] = []
    there = contents.models(store)
    versions = list(_readable(store, there, findings))
    by_key = {(version.name, version.version) for version in versions}
    # What a collector may have taken, it has taken.
    wanted = by_key & contents.wanted(store, there, float("inf")) if not findings else by_key
    files = {file.blob: file for each in versions if (each.name, each.version) in wanted for file in each.files}
    files |= _laid_out(store, versions)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        findings += [each for each in pool.map(lambda file: _damage(store, file, moved), files.values()) if each]
    for name in sorted({name for name, _ in there.versions}):
        findings += _of_model(store, name, {number for model, number in there.versions if model == name})
    findings += _of_catalog(store)
    return Verified(
        models=len({name for name, _ in there.versions}),
        versions=len(there.versions),
        blobs=len(files),
        bytes=sum(file.size for file in files.values()),
        findings=tuple(findings),
    )


def _readable(store: Store, there: contents.Models, findings: list[Finding]) -> Iterator[Version]:
    def one(key: contents.Key) -> Version | Finding:
        try:
            return read(store, *key)
        except HeadstartError as error:
            return _found(error)

    with ThreadPoolExecutor(contents.AT_ONCE) as pool:
        for each in pool.map(one, there.versions):
            if isinstance(each, Finding):
                findings.append(each)
            else:
                yield each


def _laid_out(store: Store, versions: list[Version]) -> dict[str, File]:
    """The files of plain folders, by their keys; what no version has there is not ours to judge."""
    paths = {folder_of(version.name, version.version): version.files for version in versions}
    served = {f"{folder}/{file.path}": file for folder, files in paths.items() for file in files}
    keys = [info.key for _, info in contents.served(store) if info.key in served]
    return {key: served[key].model_copy(update={"key": key}) for key in keys}


def _damage(store: Store, file: File, moved: Moved) -> Finding | None:
    """What is wrong with a blob, read in constant memory."""
    where = f"{store.uri}/{file.blob}"
    state, start = hashlib.sha256(), 0
    while True:
        data = store.read(file.blob, start, _CHUNK)
        if data is None:
            return Finding(where=where, problem="the bytes are gone.", remedy="Restore them from a copy.")
        state.update(data)
        moved(len(data))
        start += len(data)
        if len(data) < _CHUNK:
            break
    if state.hexdigest() == file.sha256:
        return None
    problem = f"sha256 is {state.hexdigest()}, expected {file.sha256}."
    return Finding(where=where, problem=problem, remedy="Restore it from a copy.")


def _of_model(store: Store, name: str, there: set[int]) -> Iterator[Finding]:
    try:
        listed = numbers.numbers(store, name)
        if set(listed) != there:
            remedy = f"Delete {numbers.snapshots(name)}: it is made anew."
            problem = "the snapshot of version numbers is not what a listing shows."
            yield Finding(where=f"{store.uri}/{numbers.snapshots(name)}", problem=problem, remedy=remedy)
        yield from _of_log(marks.log(store, name), f"{store.uri}/{marks.prefix(name)}")
        for alias in aliases.names(store, name):
            where = f"{store.uri}/models/{name}/aliases/{alias}/"
            yield from _of_log(aliases.log(store, name, alias), where)
            for move in aliases.history(store, name, alias):
                if move.version not in there:
                    problem = f"move {move.sequence} leads to version {move.version}, which is not there."
                    yield Finding(where=where, problem=problem, remedy="Restore the version, or move the alias.")
    except HeadstartError as error:
        yield _found(error)


def _of_log(log: Log[E], where: str) -> Iterator[Finding]:
    sequences = [entry.sequence for entry in log]
    if sequences != list(range(len(sequences), 0, -1)):
        problem = f"its entries are {', '.join(map(str, sequences[::-1]))}: one is missing or at another's place."
        yield Finding(where=where, problem=problem, remedy="Restore it from a copy.")


def _of_catalog(store: Store) -> Iterator[Finding]:
    try:
        if catalog.read(store) != catalog.rebuild(store):
            where = f"{store.uri}/catalog/"
            yield Finding(where=where, problem="it is not what the models say.", remedy="Delete it: it is made anew.")
    except HeadstartError as error:
        yield _found(error)


def _found(error: HeadstartError) -> Finding:
    return Finding(where=error.where, problem=error.problem, remedy=error.remedy)
