"""All that a registry holds, for those who must look at everything: the collector and the inspector."""

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from headstart.registry import aliases, marks
from headstart.registry.publish import read
from headstart.registry.ranges import numbers_in
from headstart.registry.record import Version, parse, version_number
from headstart.store import ObjectInfo, Store

AT_ONCE = 16
Key = tuple[str, int]
"""A version: its model and its number."""
_BLOB = re.compile(r"blobs/sha256/([0-9a-f]{2})/(\1[0-9a-f]{62})(?:~(.+))?")
_SERVED = re.compile(r"serve/([^/]+)/([0-9]{8,})/.+")
_MARK = re.compile(r"models/([^/]+)/marks/[0-9]{8}\.json")


class Blob(NamedTuple):
    """A stored blob: its sha256, and the nonce of the publisher that had to step aside to store it, or ""."""

    info: ObjectInfo
    digest: str
    tx: str


class Models(NamedTuple):
    """What one listing of all models shows: where the records of versions and marks are, marks newest first."""

    versions: Mapping[Key, ObjectInfo]
    marks: Mapping[str, list[ObjectInfo]]


def models(store: Store) -> Models:
    """The records of all models, those of deleted versions too."""
    versions: dict[Key, ObjectInfo] = {}
    found: dict[str, list[ObjectInfo]] = {}
    for info in store.list("models/"):
        if number := version_number(info.key):
            versions[info.key.split("/")[1], number] = info
        elif marked := _MARK.fullmatch(info.key):
            found.setdefault(marked[1], []).append(info)
    return Models(versions, found)


def versions(store: Store, which: Iterable[Key]) -> Iterator[Version]:
    """The records themselves.

    Raises:
        IntegrityError: One is damaged, or of a newer format.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(lambda each: read(store, *each), which)


def blobs(store: Store) -> Iterator[Blob]:
    """Every blob; an object of another kind among them is none."""
    for info in store.list("blobs/"):
        if found := _BLOB.fullmatch(info.key):
            yield Blob(info, found[2], found[3] or "")


def served(store: Store) -> Iterator[tuple[Key, ObjectInfo]]:
    """Every file of a version's plain folder, with the version."""
    for info in store.list("serve/"):
        if found := _SERVED.fullmatch(info.key):
            yield (found[1], int(found[2])), info


def wanted(store: Store, there: Models, before: float) -> set[Key]:
    """The versions whose files must stay: all but those that were deleted before a time, by the store's clock.

    A version that an alias points at stays, whatever its marks say.
    """
    gone = {(name, number) for name, infos in there.marks.items() for number in _gone(store, name, infos, before)}
    return set(there.versions) - gone


def _gone(store: Store, name: str, infos: Iterable[ObjectInfo], before: float) -> set[int]:
    gone: set[int] | None = None
    for info in infos:
        recent = info.modified > before
        if gone is not None and not recent:
            break
        mark = parse(marks.Mark, store.get(info.key) or b"", f"{store.uri}/{info.key}")
        gone = set(numbers_in(mark.deleted)) if gone is None else gone
        if recent and mark.action == "delete":
            gone -= set(numbers_in(mark.versions))
    return gone - set(aliases.pointing(store, name).values()) if gone else set()
