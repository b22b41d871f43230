"""The object-store contract, and the stores that need no framework: memory and the local file system.

Everything Headstart keeps, in a workspace or a registry, goes through these nine operations. A commit is
one :meth:`Store.create`; everything else may be repeated. S3 is in :mod:`headstart.adapters.s3`.
"""

import contextlib
import errno
import os
import re
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from headstart.errors import StoreError

_KEY = re.compile(r"(?!.*(^|/)\.{1,2}(/|$))[^/\x00-\x1f\\][^\x00-\x1f\\]*(?<!/)")


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What a store says of one object: ``size`` in bytes, ``modified`` in seconds by the store's own clock."""

    key: str
    size: int
    modified: float


class Store(Protocol):
    """A flat map from keys (``a/b/c``) to bytes. Every operation raises StoreError when the store fails."""

    uri: str

    def get(self, key: str) -> bytes | None:
        """The object's bytes, or None where there is none."""

    def put(self, key: str, data: bytes) -> None:
        """Write the object whole, replacing what is there."""

    def create(self, key: str, data: bytes) -> bool:
        """Write the object only where there is none: the commit.

        Returns True when the object holds exactly ``data`` afterwards. A reply that was lost is settled by
        reading back, so a caller whose ``data`` must be told from an equal rival's puts a nonce into it.
        """

    def stat(self, key: str) -> ObjectInfo | None:
        """Size and time of the object, or None where there is none."""

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """The objects whose key starts with ``prefix``, by key."""

    def delete(self, key: str) -> None:
        """Remove the object; to remove what is not there is no error."""

    def upload(self, source: Path, key: str) -> None:
        """Write a file's bytes, replacing what is there, in constant memory."""

    def download(self, key: str, target: Path) -> bool:
        """Write the object's bytes to a file, in constant memory; False where there is no object."""

    def local_path(self, key: str) -> Path | None:
        """The file that holds the object, where the store is a local folder."""


def open_store(uri: str) -> Store:
    """The store at a URI: ``s3://bucket/prefix``, ``memory://name``, or a local folder.

    Raises:
        StoreError: The scheme is unknown.
    """
    scheme = urlsplit(uri).scheme if "://" in uri else "file"
    if scheme == "file":
        return LocalStore(Path(uri.removeprefix("file://")))
    if scheme == "memory":
        return MemoryStore.named(uri)
    if scheme == "s3":
        from headstart.adapters.s3 import S3Store

        return S3Store(uri)
    raise StoreError(
        "store/unsupported", f"no store for {scheme!r}.", remedy="Use a local folder or an s3:// URI.", where=uri
    )


def check_key(key: str) -> str:
    """The key itself, if it stays inside the store.

    Raises:
        StoreError: It is empty, absolute, has a ``..`` or a control character.
    """
    if not _KEY.fullmatch(key):
        raise StoreError("store/bad-key", f"{key!r} is no key.", remedy="Use names separated by single slashes, without '..'.")
    return key


class MemoryStore:
    """A store in this process's memory, for tests and short-lived work."""

    _named: dict[str, "MemoryStore"] = {}

    def __init__(self, uri: str = "memory://") -> None:
        self.uri = uri
        self._objects: dict[str, tuple[bytes, float]] = {}
        self._lock = threading.Lock()

    @classmethod
    def named(cls, uri: str) -> "MemoryStore":
        """The one store of this process that goes by ``uri``."""
        return cls._named.setdefault(uri, cls(uri))

    def get(self, key: str) -> bytes | None:
        found = self._objects.get(check_key(key))
        return found[0] if found else None

    def put(self, key: str, data: bytes) -> None:
        self._objects[check_key(key)] = (bytes(data), time.time())

    def create(self, key: str, data: bytes) -> bool:
        with self._lock:
            if check_key(key) not in self._objects:
                self.put(key, data)
        return self.get(key) == data

    def stat(self, key: str) -> ObjectInfo | None:
        found = self._objects.get(check_key(key))
        return ObjectInfo(key, len(found[0]), found[1]) if found else None

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        for key in sorted(self._objects):
            if key.startswith(prefix) and (info := self.stat(key)):
                yield info

    def delete(self, key: str) -> None:
        self._objects.pop(check_key(key), None)

    def upload(self, source: Path, key: str) -> None:
        self.put(key, source.read_bytes())

    def download(self, key: str, target: Path) -> bool:
        data = self.get(key)
        if data is not None:
            target.write_bytes(data)
        return data is not None

    def local_path(self, key: str) -> Path | None:
        return None


class LocalStore:
    """A store in a local folder. Writes are whole or absent, and durable when the call returns.

    A write goes to a temporary file, is synced, and takes its name by ``rename(2)`` (put) or ``link(2)``
    (create, which fails where the name is taken); then the folder is synced.
    """

    _TEMPORARY = ".tmp"

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.abspath(root.expanduser()))
        self.uri = str(self.root)

    def get(self, key: str) -> bytes | None:
        with self._failing(key):
            try:
                return self._path(key).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def put(self, key: str, data: bytes) -> None:
        with self._failing(key), self._temporary() as temporary:
            temporary.write_bytes(data)
            self._publish(temporary, key, os.replace)

    def create(self, key: str, data: bytes) -> bool:
        with self._failing(key), self._temporary() as temporary:
            temporary.write_bytes(data)
            try:
                self._publish(temporary, key, os.link)
            except FileExistsError:
                return self.get(key) == data
        return True

    def stat(self, key: str) -> ObjectInfo | None:
        with self._failing(key):
            try:
                status = self._path(key).stat()
            except (FileNotFoundError, NotADirectoryError):
                return None
        return ObjectInfo(key, status.st_size, status.st_mtime)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        folder = self.root / prefix.rpartition("/")[0]
        keys = []
        for parent, folders, names in os.walk(folder):
            if Path(parent) == self.root and self._TEMPORARY in folders:
                folders.remove(self._TEMPORARY)
            keys += [(Path(parent) / name).relative_to(self.root).as_posix() for name in names]
        for key in sorted(keys):
            if key.startswith(prefix) and (info := self.stat(key)):
                yield info

    def delete(self, key: str) -> None:
        with self._failing(key):
            self._path(key).unlink(missing_ok=True)

    def upload(self, source: Path, key: str) -> None:
        with self._failing(key), self._temporary() as temporary:
            shutil.copyfile(source, temporary)
            self._publish(temporary, key, os.replace)

    def download(self, key: str, target: Path) -> bool:
        with self._failing(key):
            try:
                shutil.copyfile(self._path(key), target)
            except FileNotFoundError:
                if not self._path(key).exists():
                    return False
                raise
        return True

    def local_path(self, key: str) -> Path | None:
        return self._path(key)

    def _path(self, key: str) -> Path:
        return self.root / check_key(key)

    @contextlib.contextmanager
    def _temporary(self) -> Iterator[Path]:
        folder = self.root / self._TEMPORARY
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / uuid.uuid4().hex
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _publish(self, temporary: Path, key: str, give_name: Callable[[Path, Path], None]) -> None:
        target = self._path(key)
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        target.parent.mkdir(parents=True, exist_ok=True)
        give_name(temporary, target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextlib.contextmanager
    def _failing(self, key: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            remedy = "Free space or choose another folder." if error.errno == errno.ENOSPC else "Check the folder and its permissions."
            if error.errno in (errno.EPERM, errno.ENOTSUP, errno.EMLINK):
                remedy = "The file system must support hard links; choose another folder."
            raise StoreError("store/unreachable", f"{error.strerror}.", remedy=remedy, where=f"{self.uri}/{key}") from error
