"""Collectors and publishers that meet: no version loses a byte, whoever stops where. A naive collector does lose some."""

import os
import random
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from headstart.blobs import Blobs
from headstart.errors import UsageError
from headstart.registry import Registry, Version, contents, publish, references
from headstart.store import Store
from headstart.stores.memory import MemoryStore
from tests.support.drafts import bytes_of, draft
from tests.support.quick_folder import quick_folder
from tests.support.wrapped_store import InterruptedAt

ROOT = Path(__file__).parents[2]
FILES = {"backbone": b"shared by all", "head": b"an orphan's bytes"}

Collector = Callable[[Registry], object]


def careful(registry: Registry) -> None:
    registry.collect(0, apply=True)


def naive(registry: Registry) -> None:
    """What one would write first: delete every blob that no version names."""
    there = contents.models(registry.store)
    needed = {file.blob for version in contents.versions(registry.store, there.versions) for file in version.files}
    for blob in list(contents.blobs(registry.store)):
        if blob.info.key not in needed:
            registry.store.delete(blob.info.key)


@pytest.fixture
def source() -> Blobs:
    return Blobs(MemoryStore())


def with_orphans(source: Blobs) -> Registry:
    """A registry with a version, and with blobs that only a version to come will need."""
    registry = Registry(f"memory://{uuid.uuid4().hex}")
    registry.publish(draft(source, {"backbone": FILES["backbone"]}), source, "first")
    for path, data in FILES.items():
        registry.blobs.add_bytes(data, path)
    return registry


def lost(store: Store, versions: list[Version]) -> int:
    return sum(store.get(file.blob) is None for version in versions for file in version.files)


def meetings(source: Blobs, collector: Collector) -> Iterator[tuple[Registry, list[Version]]]:
    """A publication right before each operation of a collector, and a collector before each of a publication."""
    for who in ("collector", "publisher"):
        point, met = 0, True
        while met:
            point += 1
            registry = with_orphans(source)
            plain, published = registry.store, []

            def publish_one(store: Store, to: list[Version] = published) -> None:
                to.append(publish.publish(store, draft(source, FILES), source, "tx"))

            if who == "collector":
                store = InterruptedAt(plain, point, lambda: publish_one(plain))  # noqa: B023
                registry.store = store
                collector(registry)
            else:
                other = Registry(plain.uri)
                store = InterruptedAt(plain, point, lambda: collector(other))  # noqa: B023
                publish_one(store)
            met = store.left <= 0
            registry.store = plain
            if met:
                yield registry, published


def test_a_publication_and_a_collection_that_meet_anywhere_lose_nothing(source: Blobs) -> None:
    count = 0
    for registry, published in meetings(source, careful):
        count += 1
        assert bytes_of(registry.store, published[0]) == FILES
        careful(registry)
        assert bytes_of(registry.store, published[0]) == FILES
    assert count >= 30


def test_the_control_a_naive_collector_loses_bytes(source: Blobs) -> None:
    assert sum(lost(registry.store, published) for registry, published in meetings(source, naive)) > 0


@pytest.fixture(params=["memory", "local", "s3"])
def place(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "s3":
        yield str(request.getfixturevalue("bucket"))
    elif request.param == "memory":
        yield f"memory://{uuid.uuid4().hex}"
    else:
        with quick_folder() as folder:
            yield str(folder)


def crowd(place: str, source: Blobs, collector: Collector, rounds: int) -> tuple[Registry, list[Version]]:
    """Publishers who need the same few blobs again and again and delete what they published, and two collectors."""
    registry = Registry(place)
    registry.publish(draft(source, {"backbone": b"0"}), source, "first")
    done = threading.Event()
    kept: list[Version] = []

    def publish_and_delete(seed: int) -> None:
        mine, chosen = Registry(place), random.Random(seed)
        for number in range(rounds):
            files = {path: str(chosen.randrange(4)).encode() for path in ("backbone", "head")}
            version = mine.publish(draft(source, files), source, f"tx-{seed}-{number}")
            if chosen.random() < 0.7:
                mine.delete("intents", [version.version], "")
            else:
                kept.append(version)

    def collect() -> None:
        mine = Registry(place)
        while not done.is_set():
            collector(mine)

    with ThreadPoolExecutor(6) as pool:
        collecting = [pool.submit(collect) for _ in range(2)]
        publishing = [pool.submit(publish_and_delete, seed) for seed in range(4)]
        for each in publishing:
            each.result()
        done.set()
        for each in collecting:
            each.result()
    return registry, kept


def test_a_crowd_of_publishers_and_two_collectors_without_grace_lose_nothing(place: str, source: Blobs) -> None:
    registry, kept = crowd(place, source, careful, 5 if place.startswith("s3") else 60)
    assert lost(registry.store, kept) == 0
    for version in kept:
        bytes_of(registry.store, version)
    careful(registry)
    referenced = {file.blob for version in [*kept, registry.get("intents", 1)] for file in version.files}
    assert {blob.info.key for blob in contents.blobs(registry.store)} == referenced
    assert registry.verify().findings == ()


COLLECTOR = """
import os, signal, sys
from headstart.registry import Registry
from tests.support.wrapped_store import InterruptedAt
uri, point = sys.argv[1], int(sys.argv[2])
registry = Registry(uri)
registry.store = InterruptedAt(registry.store, point, lambda: os.kill(os.getpid(), signal.SIGKILL))
registry.collect(0, apply=True)
"""


def test_a_collector_killed_anywhere_loses_nothing_and_the_next_one_finishes(source: Blobs) -> None:
    with quick_folder() as folder:
        point, killed = 12, True  # before that it only reads
        while killed:
            registry = Registry(folder / str(point))
            for number in (1, 2):
                registry.publish(draft(source, {**FILES, "own": str(number).encode()}), source, f"tx{number}")
            registry.delete("intents", [1], "")
            code = subprocess.run(
                [sys.executable, "-c", COLLECTOR, registry.uri, str(point)],
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                check=False,
            ).returncode
            assert code in (0, -signal.SIGKILL)
            killed = code != 0
            again = registry.publish(draft(source, {**FILES, "own": b"1"}), source, "tx3")
            for number in (2, again.version):
                bytes_of(registry.store, registry.get("intents", number))
            careful(registry)
            bytes_of(registry.store, again)
            with pytest.raises(UsageError):
                registry.get("intents", 1)
            point += 2


def test_after_publishers_that_were_killed_everywhere_only_what_versions_need_is_left(source: Blobs) -> None:
    """Once their leases have expired; until then nothing of theirs is touched."""
    from headstart.registry import leases
    from tests.support.skewed_store import SkewedStore

    class Killed(BaseException):
        pass

    def die() -> None:
        raise Killed

    point, killed = 0, True
    while killed:
        point += 1
        registry = with_orphans(source)
        store = SkewedStore(registry.store)
        registry.store = store
        try:
            publish.publish(InterruptedAt(store, point, die), draft(source, FILES), source, "tx")
            killed = False
        except Killed:
            careful(registry)
        store.skew = leases.SECONDS + 60
        careful(registry)
        there = [references.record(registry.store, "intents", number) for number in registry.versions("intents")]
        assert {blob.info.key for blob in contents.blobs(store)} == {
            file.blob for version in there for file in version.files
        }
        assert [info.key for info in store.list("leases/")] == []
        assert registry.verify().findings == ()
