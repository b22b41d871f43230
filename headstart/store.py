"""The object-store contract.

Everything Headstart keeps, in a workspace or a registry, goes through these operations. A commit is
one :meth:`Store.create`; everything else may be repeated. S3, Google Cloud Storage and Azure are in
:mod:`headstart.adapters`; memory and local folders are in :mod:`headstart.stores`.
"""

import re
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from headstart.errors import StoreError, UsageError

_SEGMENT = r"(?!\.{1,2}(?:/|$))[^/\x00-\x1f\\\ud800-\udfff]+"
_KEY = re.compile(f"{_SEGMENT}(?:/{_SEGMENT})*")


Moved = Callable[[int], None]
"""Hears of bytes that were moved, as they are; may be called from several threads."""


def unheard(moved: int) -> None:
    """A :data:`Moved` that nobody listens to."""


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What a store says of one object: ``size`` in bytes, ``modified`` in seconds by the store's own clock."""

    key: str
    size: int
    modified: float


class Store(Protocol):
    """A flat map from keys (``a/b/c``) to bytes. Every operation raises StoreError when the store fails."""

    uri: str

    @property
    def product(self) -> str:
        """What keeps the objects, for people: a local folder, or the server by the name that it gives itself."""

    def get(self, key: str) -> bytes | None:
        """The object's bytes, or None where there is none."""

    def read(self, key: str, start: int, length: int) -> bytes | None:
        """``length`` bytes of the object from ``start``, fewer where it ends before; None where there is none."""

    def put(self, key: str, data: bytes) -> None:
        """Write the object whole, replacing what is there."""

    def create(self, key: str, data: bytes) -> bool:
        """Write the object only where there is none: the commit.

        Returns True when the object holds exactly ``data`` afterwards. A reply that was lost is settled by
        reading back, so a caller whose ``data`` must be told from an equal rival's puts a nonce into it.
        """

    def stat(self, key: str) -> ObjectInfo | None:
        """Size and time of the object, or None where there is none."""

    def list(self, prefix: str, after: str = "") -> Iterator[ObjectInfo]:
        """The objects whose key starts with ``prefix`` and is above ``after``, by key; found as they are taken."""

    def delete(self, key: str) -> None:
        """Remove the object; to remove what is not there is no error."""

    def copy(self, source: str, target: str) -> bool:
        """Write one object's bytes to another key, inside the store; False where there is no such object."""

    def upload(self, source: Path, key: str, moved: Moved = unheard, sha256: str = "") -> None:
        """Write a file's bytes, replacing what is there, in constant memory.

        Where ``sha256`` is given, the file is hashed, if that can be while it is sent; where its digest is another,
        nothing is written, and an IntegrityError names the file.
        """

    def download(self, key: str, target: Path) -> bool:
        """Write the object's bytes to a file, in constant memory; False where there is no object."""

    def local_path(self, key: str) -> Path | None:
        """The file that holds the object, where the store is a local folder."""

    def sweep(self, prefix: str, before: float) -> int:
        """Remove what writers of keys with a prefix left half written before a time, by the store's clock; how many."""


def open_store(uri: str) -> Store:
    """The store at a URI: ``s3://``, ``gs://`` or ``az://bucket/prefix``, ``memory://name``, or a local folder.

    Raises:
        UsageError: The scheme is unknown, or the URI names no place or carries credentials.
    """
    scheme, slashes, rest = uri.partition("://")
    uri, scheme = (f"{scheme.lower()}://{rest}", scheme.lower()) if slashes else (uri, "file")
    if not slashes and re.match(r"(s3|gs|az|memory):/", uri, re.IGNORECASE):
        remedy = f"Write {uri.replace(':/', '://', 1)}, or ./{uri} for a folder of that name."
        raise UsageError("store/bad-uri", f"{uri!r} has one slash where two are meant.", remedy=remedy)
    if "@" in rest.partition("/")[0]:
        raise UsageError(
            "store/bad-uri",
            "a URI must not carry credentials.",
            remedy="Use the environment or a credentials file.",
            where=f"{scheme}://***",
        )
    if not uri or (scheme in ("s3", "gs", "az") and not rest.partition("/")[0]):
        remedy = "Name a folder, or a bucket such as s3://bucket/prefix."
        raise UsageError("store/bad-uri", f"{uri!r} names no place.", remedy=remedy)
    if scheme == "file":
        from headstart.stores.local import LocalStore

        return LocalStore(Path(uri.removeprefix("file://")))
    if scheme == "memory":
        from headstart.stores.memory import named

        return named(uri)
    if scheme == "s3":
        from headstart.adapters.s3 import S3Store

        return S3Store(uri)
    if scheme in ("gs", "az"):
        from headstart.adapters.clouds import cloud_store

        return cloud_store(uri)
    remedy = "Use a local folder, or an s3://, gs:// or az:// URI."
    raise UsageError("store/bad-uri", f"no store for {scheme!r}.", remedy=remedy, where=uri)


def is_key(key: str) -> bool:
    """Whether ``key`` stays inside the store."""
    return _KEY.fullmatch(key) is not None


def check_key(key: str) -> str:
    """The key itself, if it stays inside the store.

    Raises:
        StoreError: It is empty, absolute, has a ``..`` or a control character.
    """
    if not is_key(key):
        raise StoreError(
            "store/bad-key", f"{key!r} is no key.", remedy="Use names separated by single slashes, without '..'."
        )
    return key


def store_time(store: Store) -> float:
    """Now, by the store's own clock, in seconds: what the ages of its objects are compared with.

    From a listing, as those are: elsewhere HTTP cuts the time to whole seconds.
    """
    key = f"probe/{uuid.uuid4().hex}"
    store.put(key, b"")
    try:
        info = next(store.list(key), None)
    finally:
        store.delete(key)
    return info.modified if info else time.time()
