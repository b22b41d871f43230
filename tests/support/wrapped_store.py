"""Stores around another store: everything passes through, and a test decides what happens on the way."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from headstart.store import Moved, ObjectInfo, Store, unheard

R = TypeVar("R")


class WrappedStore:
    """Passes every operation to ``inner``; a subclass overrides :meth:`around` to be there when it happens."""

    def __init__(self, inner: Store) -> None:
        self.inner = inner
        self.uri = inner.uri

    def around(self, operation: str, key: str, call: Callable[[], R]) -> R:
        return call()

    def get(self, key: str) -> bytes | None:
        return self.around("get", key, lambda: self.inner.get(key))

    @property
    def product(self) -> str:
        return self.inner.product

    def read(self, key: str, start: int, length: int) -> bytes | None:
        return self.around("read", key, lambda: self.inner.read(key, start, length))

    def put(self, key: str, data: bytes) -> None:
        self.around("put", key, lambda: self.inner.put(key, data))

    def create(self, key: str, data: bytes) -> bool:
        return self.around("create", key, lambda: self.inner.create(key, data))

    def stat(self, key: str) -> ObjectInfo | None:
        return self.around("stat", key, lambda: self.inner.stat(key))

    def list(self, prefix: str, after: str = "") -> Iterator[ObjectInfo]:
        return iter(self.around("list", prefix, lambda: [*self.inner.list(prefix, after)]))

    def delete(self, key: str) -> None:
        self.around("delete", key, lambda: self.inner.delete(key))

    def copy(self, source: str, target: str) -> bool:
        return self.around("copy", target, lambda: self.inner.copy(source, target))

    def upload(self, source: Path, key: str, moved: Moved = unheard, sha256: str = "") -> None:
        self.around("upload", key, lambda: self.inner.upload(source, key, moved, sha256))

    def download(self, key: str, target: Path) -> bool:
        return self.around("download", key, lambda: self.inner.download(key, target))

    def local_path(self, key: str) -> Path | None:
        return self.inner.local_path(key)

    def sweep(self, prefix: str, before: float) -> int:
        return self.around("sweep", prefix, lambda: self.inner.sweep(prefix, before))


class LoggedStore(WrappedStore):
    """Keeps a log of what was done: ``("put", "leases/tx.json")`` and so on."""

    def __init__(self, inner: Store) -> None:
        super().__init__(inner)
        self.log: list[tuple[str, str]] = []

    def around(self, operation: str, key: str, call: Callable[[], R]) -> R:
        self.log.append((operation, key))
        return call()

    def done(self, operation: str, prefix: str = "") -> list[str]:
        """The keys under a prefix that an operation was done on."""
        return [key for what, key in self.log if what == operation and key.startswith(prefix)]


class InterruptedStore(WrappedStore):
    """Lets something else happen right before the first operation of a kind on a key with a prefix."""

    def __init__(self, inner: Store, operation: str, prefix: str, meanwhile: Callable[[], object]) -> None:
        super().__init__(inner)
        self._when = (operation, prefix)
        self._meanwhile: Callable[[], object] | None = meanwhile

    def around(self, operation: str, key: str, call: Callable[[], R]) -> R:
        meanwhile = self._meanwhile
        if meanwhile and operation == self._when[0] and key.startswith(self._when[1]):
            self._meanwhile = None
            meanwhile()
        return call()


class InterruptedAt(WrappedStore):
    """Lets something else happen right before the n-th operation, counted from 1."""

    def __init__(self, inner: Store, count: int, meanwhile: Callable[[], object]) -> None:
        super().__init__(inner)
        self.left = count
        self._meanwhile = meanwhile

    def around(self, operation: str, key: str, call: Callable[[], R]) -> R:
        self.left -= 1
        if self.left == 0:
            self._meanwhile()
        return call()
