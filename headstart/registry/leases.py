"""Leases: who is writing. A collector spares what a lease names; a reader of the catalog looks twice at its model.

A writer drops its lease as its last act. The lease of one that died stays until it has expired by the store's own
clock; a writer that was only slow must have given up by then.
"""

import time
import uuid
from collections.abc import Iterator
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from headstart.digest import canonical_json
from headstart.errors import IntegrityError
from headstart.registry.record import parse
from headstart.store import Store

SECONDS = 7 * 24 * 3600
_PREFIX = "leases/"
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # goes on while the machine sleeps


class Lease(BaseModel):
    """A writer at work: its nonce, the blobs that it needs, the model, and what was its latest version before.

    ``attempt`` is another in each lease: a second attempt must not take the first one's lease for its own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    tx: str
    digests: tuple[str, ...]
    model: str = ""
    after: int = 0
    attempt: str = ""


class Held(NamedTuple):
    """A lease in the store, and when it was written by the store's clock, in seconds."""

    key: str
    lease: Lease
    written: float


def take(store: Store, lease: Lease) -> Lease:
    """Write a lease, or renew the one that an earlier attempt of the same writer left.

    Returns:
        The lease that holds: the first attempt's, where there was one.
    """
    key = key_of(lease.tx)
    mine = lease.model_copy(update={"attempt": uuid.uuid4().hex})
    while not store.create(key, _json(mine)):
        data = store.get(key)
        if data is not None:
            held = parse(Lease, data, f"{store.uri}/{key}")
            store.put(key, _json(held))
            return held
    return mine


def drop(store: Store, tx: str) -> None:
    """The writer has finished."""
    store.delete(key_of(tx))


def key_of(tx: str) -> str:
    """Where a lease is."""
    return f"{_PREFIX}{tx}.json"


def held(store: Store) -> Iterator[Held]:
    """All leases, expired ones too."""
    for info in store.list(_PREFIX):
        data = store.get(info.key) if info.key.endswith(".json") else None
        if data is not None:  # else it was dropped since it was listed, or is no lease
            yield Held(info.key, parse(Lease, data, f"{store.uri}/{info.key}"), info.modified)


class Timer:
    """How long a writer has had its lease, by this machine's clock, which nobody sets back."""

    def __init__(self) -> None:
        self._started = time.clock_gettime(_CLOCK)

    def check(self, where: str) -> None:
        """Go on only within half of the lease.

        Raises:
            IntegrityError: It is later than that: a collector may soon believe that the writer died.
        """
        if time.clock_gettime(_CLOCK) - self._started > SECONDS / 2:
            problem = "publishing took longer than half of its lease."
            raise IntegrityError("integrity/record", problem, remedy="Publish again.", where=where)


def _json(lease: Lease) -> bytes:
    return canonical_json(lease.model_dump(mode="json"))
