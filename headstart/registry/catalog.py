"""The catalog: what every model has, in a number of requests that does not grow with the models.

A snapshot of all models is written now and then. Every writer holds a lease until it has noted that its model changed;
a reader looks at the leases, at the notes and then at the snapshot, and asks anew about the models that the first two
name. In this order it misses nothing: a lease is dropped after its note is there, a note after a snapshot has it.
"""

import contextlib
import random
import uuid
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from pydantic import BaseModel, ConfigDict

from headstart.digest import canonical_json
from headstart.registry import aliases, leases, marks, numbers
from headstart.registry.log import entry_name
from headstart.registry.ranges import Ranges, numbers_in, ranges_of
from headstart.registry.record import parse, version_number
from headstart.store import Store

SHARE = 1 / 32
"""One writer of so many writes a snapshot; so many notes are there on average."""
_NOTES, _SNAPSHOTS = "catalog/changes/", "catalog/snapshots/"
_AT_ONCE = 16


class Held(BaseModel):
    """What a model has: its versions as pairs of first and last, without deleted ones, and its aliases."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    numbers: Ranges
    aliases: Mapping[str, int]

    @property
    def versions(self) -> list[int]:
        """The versions' numbers, oldest first."""
        return numbers_in(self.numbers)


class _Snapshot(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    sequence: int
    models: Mapping[str, Held]


def read(store: Store) -> dict[str, Held]:
    """What every model has that has a version, by name.

    Raises:
        IntegrityError: The snapshot, or a record of a model that changed since, is damaged.
    """
    changed = {held.lease.model for held in leases.held(store)} | set(_notes(store).values())
    return _with(store, _newest(store), changed)


def note(store: Store, name: str, nonce: str) -> None:
    """Write down that a model changed; called by who holds a lease that names the model."""
    store.put(f"{_NOTES}{name}/{nonce}", b"")
    if random.random() < SHARE:  # noqa: S311 (nobody gains by guessing who writes the snapshot)
        snapshot(store)


@contextlib.contextmanager
def changing(store: Store, name: str) -> Iterator[None]:
    """Within, a model may change otherwise than by a publication; the catalog knows of it at every moment."""
    nonce = uuid.uuid4().hex
    leases.take(store, leases.Lease(tx=nonce, digests=(), model=name))
    try:
        yield
    finally:  # a change whose reply was lost may have been made
        note(store, name, nonce)
        leases.drop(store, nonce)


def snapshot(store: Store) -> None:
    """Write a snapshot and remove the notes that it makes needless, unless another does so at the same time."""
    notes = _notes(store)
    base = _newest(store)
    models = _with(store, base, set(notes.values()))
    following = _Snapshot(sequence=base.sequence + 1 if base else 1, models=models)
    data = canonical_json(following.model_dump(mode="json"))
    if not store.create(_SNAPSHOTS + entry_name(following.sequence), data):
        return
    for key in notes:
        store.delete(key)
    for info in store.list(_SNAPSHOTS, _SNAPSHOTS + entry_name(following.sequence - 1)):
        store.delete(info.key)


def rebuild(store: Store) -> dict[str, Held]:
    """What every model has, from its own records alone."""
    return _fresh(store, {info.key.split("/")[1] for info in store.list("models/") if version_number(info.key)})


def _with(store: Store, base: "_Snapshot | None", changed: set[str]) -> dict[str, Held]:
    if base is None:
        return rebuild(store)
    fresh = _fresh(store, changed - {""})
    models = {name: held for name, held in base.models.items() if name not in changed} | fresh
    return dict(sorted(models.items()))


def _fresh(store: Store, names: Iterable[str]) -> dict[str, Held]:
    wanted = sorted(names)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = zip(wanted, pool.map(lambda name: held(store, name), wanted), strict=True)
        return {name: each for name, each in found if each.numbers}


def held(store: Store, name: str) -> Held:
    """What one model has, from its own records."""
    gone = marks.deleted(store, name)
    there = [number for number in numbers.numbers(store, name) if number not in gone]
    return Held(numbers=ranges_of(there), aliases=aliases.pointing(store, name) if there else {})


def _notes(store: Store) -> dict[str, str]:
    """The key of each note, and the model that it names."""
    parts = {info.key: info.key.removeprefix(_NOTES).partition("/") for info in store.list(_NOTES)}
    return {key: name for key, (name, slash, _) in parts.items() if slash}  # a file beside them is somebody else's


def _newest(store: Store) -> "_Snapshot | None":
    behind_hidden_files = f"{_SNAPSHOTS}/"  # "/" is behind the dot, and before all digits
    for info in store.list(_SNAPSHOTS, behind_hidden_files):
        data = store.get(info.key)
        if data is not None:  # removed since it was listed, because there is a newer one
            return parse(_Snapshot, data, f"{store.uri}/{info.key}")
        return _newest(store)
    return None
