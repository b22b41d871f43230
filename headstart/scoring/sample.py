"""Some of very many texts, each different text with the same chance, in one pass and in little memory."""

import hashlib
import heapq
from collections.abc import Iterable

from headstart.labels.reconciling.normal import normalise


class Sample:
    """At most ``size`` different texts of all that were added: those with the least digests.

    Texts that an import would merge into one row count once, as there: so they can be compared with a dataset's rows.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: dict[bytes, str] = {}

    def add(self, texts: Iterable[str]) -> None:
        """Look at more texts."""
        for text in texts:
            digest = hashlib.sha256(normalise(text).encode()).digest()
            self._kept.setdefault(digest, text)
            if len(self._kept) >= 2 * self._size:
                self._kept = self._least()

    def texts(self) -> tuple[str, ...]:
        """The sample."""
        return tuple(self._least().values())

    def _least(self) -> dict[bytes, str]:
        return {digest: self._kept[digest] for digest in heapq.nsmallest(self._size, self._kept)}
