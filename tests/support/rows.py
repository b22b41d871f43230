"""Rows of texts, named by their digests as imported ones are."""

from collections.abc import Sequence

import numpy as np

from headstart.dataset import Rows
from headstart.digest import sha256


def rows_of(texts: Sequence[str]) -> Rows:
    """One unlabeled row a text."""
    ids = tuple(sha256(text.encode()) for text in texts)
    return Rows(ids, tuple(texts), np.zeros(len(texts), dtype=np.int64), ids)


class Told:
    """A report that remembers: ``rows`` are the totals it was told of while rows were computed; ``notes`` the rest."""

    def __init__(self) -> None:
        self.rows: list[float] = []
        self.notes: list[str] = []

    def __call__(self, done: float, total: float, note: str) -> None:
        """See :data:`headstart.compute.Report`."""
        assert 0 <= done <= total
        if note == "features":
            self.rows.append(total)
        else:
            self.notes.append(note)
