"""The catalog misses no change, whenever it is read and whoever writes a snapshot at the same time."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from headstart.blobs import Blobs
from headstart.registry import Registry, catalog, leases
from headstart.stores.memory import MemoryStore
from tests.support.drafts import draft
from tests.support.wrapped_store import InterruptedStore


@pytest.fixture
def source() -> Blobs:
    return Blobs(MemoryStore())


@pytest.fixture
def registry(source: Blobs) -> Registry:
    """Two models, of which a snapshot knows; no other is written but by the test."""
    registry = Registry(f"memory://{uuid.uuid4().hex}")
    for name in ("intents", "topics"):
        registry.publish(draft(source, name=name), source, f"tx-{name}")
    catalog.snapshot(registry.store)
    return registry


def told(registry: Registry) -> dict[str, tuple[list[int], dict[str, int]]]:
    return {name: (held.versions, dict(held.aliases)) for name, held in registry.catalog().items()}


CHANGES: list[Callable[[Registry, Blobs], object]] = [
    lambda registry, source: registry.publish(draft(source, name="topics"), source, "another"),
    lambda registry, source: registry.publish(draft(source, name="fresh"), source, "another"),
    lambda registry, source: registry.move("topics", "champion", 1, ""),
    lambda registry, source: registry.delete("topics", [1], ""),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_told_at_once_and_still_after_a_snapshot(
    registry: Registry, source: Blobs, change: Callable[[Registry, Blobs], object]
) -> None:
    before = told(registry)
    change(registry, source)
    after = told(registry)
    assert after != before
    assert registry.catalog() == catalog.rebuild(registry.store)
    catalog.snapshot(registry.store)
    assert list(registry.store.list("catalog/changes/")) == []
    assert told(registry) == after


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("prefix", ["catalog/changes/", "catalog/snapshots/"])
@pytest.mark.parametrize("operation", ["list", "get"])
def test_a_snapshot_that_is_written_while_a_reader_reads_hides_no_change(
    registry: Registry, source: Blobs, change: Callable[[Registry, Blobs], object], prefix: str, operation: str
) -> None:
    change(registry, source)
    after, plain = told(registry), registry.store
    registry.store = InterruptedStore(plain, operation, prefix, lambda: catalog.snapshot(plain))
    assert told(registry) == after


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("point", [("list", "catalog/"), ("list", "models/"), ("create", "catalog/"), ("delete", "")])
def test_a_change_that_is_made_while_a_snapshot_is_written_is_not_lost(
    registry: Registry, source: Blobs, change: Callable[[Registry, Blobs], object], point: tuple[str, str]
) -> None:
    registry.publish(draft(source, name="intents"), source, "noted")
    plain = registry.store
    catalog.snapshot(InterruptedStore(plain, *point, lambda: change(Registry(plain.uri), source)))
    assert registry.catalog() == catalog.rebuild(plain)


def test_a_change_whose_writer_has_not_noted_it_yet_is_told_by_its_lease(registry: Registry, source: Blobs) -> None:
    version = registry.publish(draft(source, name="topics"), source, "killed")
    registry.store.delete("catalog/changes/topics/killed")
    digests = tuple(file.sha256 for file in version.files)
    leases.take(registry.store, leases.Lease(tx="killed", digests=digests, model="topics", after=1))
    assert told(registry)["topics"] == ([1, 2], {})


def test_of_two_who_write_a_snapshot_one_does(registry: Registry, source: Blobs) -> None:
    registry.publish(draft(source, name="topics"), source, "noted")
    plain = registry.store
    catalog.snapshot(InterruptedStore(plain, "create", "catalog/", lambda: catalog.snapshot(plain)))
    assert len(list(plain.list("catalog/snapshots/"))) == 2
    assert registry.catalog() == catalog.rebuild(plain)


def test_readers_writers_and_snapshots_at_once(registry: Registry, source: Blobs) -> None:
    done = threading.Event()
    wrong: list[object] = []

    def read() -> None:
        seen = 0
        while not done.is_set():
            latest = told(registry)["intents"][0][-1]
            if latest < seen:
                wrong.append((latest, seen))
            seen = latest

    def write(number: int) -> None:
        registry.publish(draft(source, {"model": str(number).encode()}), source, f"at-once-{number}")
        if number % 4 == 0:
            catalog.snapshot(registry.store)

    with ThreadPoolExecutor(6) as pool:
        reading = [pool.submit(read) for _ in range(2)]
        list(pool.map(write, range(40)))
        done.set()
        for each in reading:
            each.result()
    assert wrong == []
    assert registry.catalog() == catalog.rebuild(registry.store)
    assert told(registry)["intents"][0] == list(range(1, 42))


def test_a_registry_of_an_earlier_headstart_has_no_snapshot_and_is_listed(registry: Registry) -> None:
    for info in list(registry.store.list("catalog/")):
        registry.store.delete(info.key)
    assert registry.models() == ["intents", "topics"]
