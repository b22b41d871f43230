"""Logs: records that follow each other, each by one conditional write. The newest says what is; all say how it came.

Keys count down, so that a listing meets the newest first and its first key is all that a reader needs.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from headstart.digest import canonical_json
from headstart.errors import HeadstartError
from headstart.registry.record import parse
from headstart.store import Store
from headstart.user import user

_LAST = 99_999_999
ATTEMPTS = 1000


class Entry(BaseModel):
    """A record of a log: its number, who wrote it, when (ISO 8601, UTC) and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sequence: int
    by: str
    at: str
    reason: str
    nonce: str


E = TypeVar("E", bound=Entry)


class Log(Generic[E]):
    """The entries under a prefix.

    Args:
        store: Where they are.
        prefix: What their keys begin with; ends with a slash.
        kind: What they are.
    """

    def __init__(self, store: Store, prefix: str, kind: type[E]) -> None:
        self._store = store
        self._prefix = prefix
        self._kind = kind

    def __iter__(self) -> Iterator[E]:
        """The entries, newest first."""
        for info in self._store.list(self._prefix):
            if re.fullmatch(r"[0-9]{8}\.json", info.key.removeprefix(self._prefix)):
                yield parse(self._kind, self._store.get(info.key) or b"", f"{self._store.uri}/{info.key}")

    def newest(self) -> E | None:
        """The newest entry, or None where there is none."""
        return next(iter(self), None)

    def at(self, sequence: int) -> E | None:
        """The entry of a number, from one small read, or None where there is none yet.

        Raises:
            IntegrityError: It is damaged.
        """
        key = self._prefix + entry_name(sequence)
        data = self._store.get(key)
        return None if data is None else parse(self._kind, data, f"{self._store.uri}/{key}")

    def append(self, following: Callable[[E | None, Entry], E | None], where: str) -> E | None:
        """Write the entry that follows the newest, again and again until no other writer is first.

        Args:
            following: Gives the entry to write after one, from what all entries have; None where there is nothing
                to write after it.
            where: What is written to, for an error.

        Returns:
            The entry, or None where ``following`` gave none.

        Raises:
            HeadstartError: Others kept writing first.
        """
        for _ in range(ATTEMPTS):
            newest = self.newest()
            entry = following(newest, _signed(newest.sequence + 1 if newest else 1))
            if entry is None:
                return None
            key = self._prefix + entry_name(entry.sequence)
            if self._store.create(key, canonical_json(entry.model_dump(mode="json"))):
                return entry
        problem = f"{ATTEMPTS} moves were made by others first."
        raise HeadstartError("registry/contended", problem, remedy="Move it again.", where=where)


def entry_name(sequence: int) -> str:
    """The last part of an entry's key; counted down, so that the newest is listed first."""
    return f"{_LAST - sequence:08d}.json"


def _signed(sequence: int) -> Entry:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return Entry(sequence=sequence, by=user(), at=at, reason="", nonce=uuid.uuid4().hex)
