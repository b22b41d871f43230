"""A store in this process's memory."""

import bisect
import functools
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from headstart import digest
from headstart.store import Moved, ObjectInfo, check_key, unheard


class MemoryStore:
    """A store in this process's memory, for tests and short-lived work."""

    def __init__(self, uri: str = "memory://") -> None:
        self.uri = uri
        self._objects: dict[str, tuple[bytes, float]] = {}
        self._keys: list[str] = []  # in order
        self._lock = threading.RLock()

    @property
    def product(self) -> str:
        return "this process's memory"

    def get(self, key: str) -> bytes | None:
        found = self._objects.get(check_key(key))
        return found[0] if found else None

    def read(self, key: str, start: int, length: int) -> bytes | None:
        data = self.get(key)
        return None if data is None else data[start : start + length]

    def put(self, key: str, data: bytes) -> None:
        with self._lock:
            if check_key(key) not in self._objects:
                bisect.insort(self._keys, key)
            self._objects[key] = (bytes(data), time.time())

    def create(self, key: str, data: bytes) -> bool:
        with self._lock:
            if check_key(key) not in self._objects:
                self.put(key, data)
        return self.get(key) == data

    def stat(self, key: str) -> ObjectInfo | None:
        found = self._objects.get(check_key(key))
        return ObjectInfo(key, len(found[0]), found[1]) if found else None

    def list(self, prefix: str, after: str = "") -> Iterator[ObjectInfo]:
        key = after
        while True:
            with self._lock:
                place = (
                    bisect.bisect_right(self._keys, key) if key >= prefix else bisect.bisect_left(self._keys, prefix)
                )
                key = self._keys[place] if place < len(self._keys) else ""
            if not key or not key.startswith(prefix):
                return
            if info := self.stat(key):
                yield info

    def delete(self, key: str) -> None:
        with self._lock:
            if self._objects.pop(check_key(key), None):
                del self._keys[bisect.bisect_left(self._keys, key)]

    def copy(self, source: str, target: str) -> bool:
        data = self.get(source)
        if data is not None:
            self.put(target, data)
        return data is not None

    def upload(self, source: Path, key: str, moved: Moved = unheard, sha256: str = "") -> None:
        data = source.read_bytes()
        if sha256:
            digest.verify(digest.sha256(data), sha256, str(source))
        self.put(key, data)
        moved(len(data))

    def download(self, key: str, target: Path) -> bool:
        data = self.get(key)
        if data is not None:
            target.write_bytes(data)
        return data is not None

    def local_path(self, key: str) -> Path | None:
        return None

    def sweep(self, prefix: str, before: float) -> int:
        return 0


@functools.cache
def named(uri: str) -> MemoryStore:
    """The one store of this process that goes by ``uri``."""
    return MemoryStore(uri)
