"""Collecting: nothing that a version or a writer needs, and everything else, by the store's clock."""

import json
import uuid
from collections.abc import Callable

import pytest

from headstart.blobs import Blobs, blob_key
from headstart.digest import canonical_json
from headstart.errors import IntegrityError
from headstart.registry import Draft, Registry, catalog, leases
from headstart.stores.memory import MemoryStore
from tests.support.drafts import bytes_of, draft
from tests.support.skewed_store import SkewedStore
from tests.support.wrapped_store import InterruptedStore, LoggedStore

DAY = 24 * 3600.0


@pytest.fixture
def source() -> Blobs:
    return Blobs(MemoryStore())


@pytest.fixture
def registry(source: Blobs) -> Registry:
    """Two versions that share a file, on a store whose clock a test can move."""
    registry = Registry(f"memory://{uuid.uuid4().hex}")
    registry.store = SkewedStore(registry.store)
    registry.blobs = Blobs(registry.store)
    for number in (1, 2):
        registry.publish(content(source, number), source, f"tx{number}")
    return registry


def content(source: Blobs, number: int) -> Draft:
    return draft(source, {"backbone": b"shared", "head": f"head {number}".encode()})


def head(number: int) -> str:
    return Blobs(MemoryStore()).add_bytes(f"head {number}".encode(), "head").blob


def blobs(registry: Registry) -> set[str]:
    return {info.key for info in registry.store.list("blobs/")}


def later(registry: Registry, seconds: float) -> None:
    assert isinstance(registry.store, SkewedStore)
    registry.store.skew += seconds


def test_what_versions_need_stays(registry: Registry) -> None:
    before = blobs(registry)
    assert registry.collect(0, apply=True).blobs == ()
    assert blobs(registry) == before


def test_what_only_a_deleted_version_needs_goes_and_what_others_share_stays(registry: Registry) -> None:
    registry.delete("intents", [1], "")
    assert registry.collect(0, apply=True).blobs == (head(1),)
    assert bytes_of(registry.store, registry.get("intents", 2)) == {"backbone": b"shared", "head": b"head 2"}


def test_without_apply_nothing_changes(registry: Registry) -> None:
    registry.delete("intents", [1], "")
    before = {info.key for info in registry.store.list("")}
    result = registry.collect(0, apply=False)
    assert (result.blobs, result.bytes, result.applied) == ((head(1),), len(b"head 1"), False)
    assert {info.key for info in registry.store.list("")} == before


@pytest.mark.parametrize("skew", [-DAY, 0.0, DAY])
def test_ages_are_by_the_clock_of_the_store_whatever_this_machine_believes(source: Blobs, skew: float) -> None:
    registry = Registry(f"memory://{uuid.uuid4().hex}")
    registry.store = SkewedStore(registry.store, skew)
    registry.blobs = Blobs(registry.store)
    registry.publish(content(source, 1), source, "tx1")
    registry.blobs.add_bytes(b"orphan", "x")
    registry.delete("intents", [1], "")
    assert registry.collect(3600, apply=True).blobs == ()
    later(registry, 3599)
    assert registry.collect(3600, apply=True).blobs == ()
    later(registry, 2)
    assert len(registry.collect(3600, apply=True).blobs) == 3


def test_a_deletion_can_be_taken_back_until_its_grace_is_over_however_old_the_files_are(registry: Registry) -> None:
    later(registry, 30 * DAY)
    registry.delete("intents", [1], "")
    later(registry, 6 * DAY)
    assert registry.collect(7 * DAY, apply=True).blobs == ()
    registry.restore("intents", 1, "")
    registry.delete("intents", [1], "")
    later(registry, 6 * DAY)
    assert registry.collect(7 * DAY, apply=True).blobs == ()
    later(registry, 2 * DAY)
    assert registry.collect(7 * DAY, apply=True).blobs == (head(1),)


def test_what_a_lease_names_stays_until_the_lease_has_expired(registry: Registry) -> None:
    orphan = registry.blobs.add_bytes(b"orphan", "x")
    aside = f"{orphan.blob}~tx"
    registry.store.put(aside, b"orphan")
    leases.take(registry.store, leases.Lease(tx="tx", digests=(orphan.sha256,), model="intents", after=2))
    assert registry.collect(0, apply=True).blobs == ()
    later(registry, leases.SECONDS - 60)
    assert registry.collect(0, apply=True).blobs == ()
    later(registry, 120)
    result = registry.collect(0, apply=True)
    assert result.blobs == (orphan.blob, aside)
    assert result.leases == ("leases/tx.json",)
    assert list(registry.store.list("leases/")) == []


def test_a_publisher_that_was_seen_after_the_condemning_keeps_its_blobs(registry: Registry, source: Blobs) -> None:
    orphan = registry.blobs.add_bytes(b"orphan", "x")
    lease = leases.Lease(tx="late", digests=(orphan.sha256,))
    store = InterruptedStore(registry.store, "put", "gc/condemned/", lambda: leases.take(registry.store, lease))
    plain, registry.store = registry.store, store
    assert registry.collect(0, apply=True).blobs == ()
    assert orphan.blob in {info.key for info in plain.list("blobs/")}


def test_a_version_that_came_after_the_condemning_keeps_its_blobs(registry: Registry, source: Blobs) -> None:
    # Its publisher looked for condemned blobs before there were any, and has dropped its lease again.
    plain, brought = registry.store, draft(source, {"head": b"orphan"})
    registry.blobs.add_bytes(b"orphan", "head")
    other = Registry(plain.uri)
    registry.store = InterruptedStore(plain, "put", "gc/condemned/", lambda: other.publish(brought, source, "quick"))
    assert registry.collect(0, apply=True).blobs == ()
    assert bytes_of(plain, other.get("intents", 3)) == {"head": b"orphan"}


def test_what_is_condemned_is_written_before_anything_is_deleted_and_removed_after(registry: Registry) -> None:
    registry.delete("intents", [1], "")
    plain = registry.store
    store = LoggedStore(plain)
    registry.store = store
    registry.collect(0, apply=True)
    condemned = next(key for operation, key in store.log if operation == "put" and key.startswith("gc/"))
    deletions = [key for operation, key in store.log if operation == "delete" and not key.startswith("probe/")]
    assert store.log.index(("put", condemned)) < store.log.index(("delete", head(1)))
    assert deletions == [head(1), condemned]


def test_the_record_of_a_collector_that_died_is_removed_when_it_must_have_given_up(registry: Registry) -> None:
    registry.store.put("gc/condemned/dead.json", canonical_json([head(1)]))
    later(registry, leases.SECONDS - 60)
    registry.collect(0, apply=True)
    assert registry.store.get("gc/condemned/dead.json") is not None
    later(registry, 120)
    registry.collect(0, apply=True)
    assert list(registry.store.list("gc/")) == []


def test_a_collector_that_was_paused_too_long_deletes_nothing(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.delete("intents", [1], "")
    plain = registry.store
    registry.store = InterruptedStore(
        plain, "put", "gc/condemned/", lambda: monkeypatch.setattr(leases.time, "clock_gettime", lambda clock: 1e12)
    )
    with pytest.raises(IntegrityError, match="half of its lease"):
        registry.collect(0, apply=True)
    assert plain.get(head(1)) is not None


def test_a_version_whose_publisher_died_after_the_commit_is_noted_before_its_lease_is_dropped(
    registry: Registry, source: Blobs
) -> None:
    catalog.snapshot(registry.store)
    version = registry.publish(content(source, 3), source, "tx3")
    for key in ("models/intents/published/tx3", "catalog/changes/intents/tx3"):
        registry.store.delete(key)
    digests = tuple(file.sha256 for file in version.files)
    leases.take(registry.store, leases.Lease(tx="tx3", digests=digests, model="intents", after=2))
    later(registry, leases.SECONDS + 60)
    registry.collect(0, apply=True)
    assert list(registry.store.list("leases/")) == []
    assert registry.catalog()["intents"].versions == [1, 2, 3]
    assert registry.publish(content(source, 3), source, "tx3").version == 3


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("models/intents/versions/00000001.json", lambda data: data[:-1]),
        ("models/intents/versions/00000001.json", lambda data: canonical_json(json.loads(data) | {"format": 2})),
        ("leases/x.json", lambda data: b"{"),
        ("models/intents/marks/99999998.json", lambda data: b"{"),
    ],
)
def test_where_a_record_cannot_be_read_nothing_is_deleted(
    registry: Registry, key: str, change: Callable[[bytes], bytes]
) -> None:
    registry.blobs.add_bytes(b"orphan", "x")
    registry.store.put(key, change(registry.store.get(key) or b""))
    before = blobs(registry)
    with pytest.raises(IntegrityError) as caught:
        registry.collect(0, apply=True)
    assert caught.value.where.endswith(key)
    assert blobs(registry) == before


def test_a_strangers_object_among_the_blobs_is_left_alone(registry: Registry) -> None:
    for key in ("blobs/README", "blobs/sha256/ab/notes.txt", f"{blob_key('a' * 64)}.bak"):
        registry.store.put(key, b"not ours")
    assert registry.collect(0, apply=True).blobs == ()


def test_the_plain_folder_of_a_deleted_version_goes_with_it(registry: Registry) -> None:
    for number in (1, 2):
        registry.folder(f"intents@{number}")
    registry.delete("intents", [1], "")
    assert registry.collect(0, apply=True).served == (
        "serve/intents/00000001/backbone",
        "serve/intents/00000001/head",
    )
    assert registry.store.get("serve/intents/00000002/head") == b"head 2"
