"""A store whose clock is not this machine's."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from headstart.store import Moved, ObjectInfo, Store, unheard
from tests.support.wrapped_store import WrappedStore


class SkewedStore(WrappedStore):
    """Says of every object that it was written ``skew`` seconds later than it was; a test may move the clock."""

    def __init__(self, inner: Store, skew: float = 0.0) -> None:
        super().__init__(inner)
        self.skew = skew
        self._written: dict[str, float] = {}

    def put(self, key: str, data: bytes) -> None:
        super().put(key, data)
        self._written[key] = self.skew

    def create(self, key: str, data: bytes) -> bool:
        made = super().create(key, data)
        self._written.setdefault(key, self.skew)
        return made

    def upload(self, source: Path, key: str, moved: Moved = unheard, sha256: str = "") -> None:
        super().upload(source, key, moved, sha256)
        self._written[key] = self.skew

    def stat(self, key: str) -> ObjectInfo | None:
        info = super().stat(key)
        return info and self._skewed(info)

    def list(self, prefix: str, after: str = "") -> Iterator[ObjectInfo]:
        return map(self._skewed, super().list(prefix, after))

    def _skewed(self, info: ObjectInfo) -> ObjectInfo:
        return dataclasses.replace(info, modified=info.modified + self._written.get(info.key, 0.0))
