"""Ten thousand versions, ten thousand models: what a reader asks is counted, for time would tell of this machine only."""

import json
import uuid
from collections.abc import Callable

import pytest

from headstart.blobs import Blobs
from headstart.digest import canonical_json
from headstart.registry import Registry, catalog, numbers
from headstart.registry.record import version_key
from headstart.store import Store
from headstart.stores.memory import MemoryStore
from tests.support.drafts import draft
from tests.support.wrapped_store import LoggedStore

MANY = 10_000
PAGE = 1000  # keys that S3 lists in one request


class Counted(LoggedStore):
    """Counts requests as S3 has them: a listing is one for each thousand keys, and one that finds none."""

    def requests(self) -> int:
        return len(self.log) + self.pages

    def __init__(self, inner: Store) -> None:
        super().__init__(inner)
        self.pages = 0

    def list(self, prefix: str, after: str = ""):  # type: ignore[no-untyped-def]
        self.log.append(("list", prefix))
        for taken, info in enumerate(self.inner.list(prefix, after), start=1):
            self.pages += taken % PAGE == 0
            yield info


def counted(uri: str, call: Callable[[Registry], object]) -> tuple[object, int]:
    registry = Registry(uri)
    store = Counted(registry.store)
    registry.store, registry.blobs = store, Blobs(store)
    return call(registry), store.requests()


@pytest.fixture(scope="module")
def tall() -> str:
    """A model of ten thousand versions and four, as its publishers leave it."""
    uri = f"memory://{uuid.uuid4().hex}"
    registry, source = Registry(uri), Blobs(MemoryStore())
    registry.publish(draft(source), source, "tx")
    record = json.loads(registry.store.get(version_key("intents", 1)) or b"")
    for number in range(2, MANY + 5):
        copy = record | {"version": number, "tx": f"tx{number}"}
        registry.store.put(version_key("intents", number), canonical_json(copy))
        numbers.take(registry.store, "intents", number)
    registry.move("intents", "champion", MANY // 2, "")
    registry.delete("intents", range(1, 1000), "old")
    catalog.snapshot(registry.store)
    return uri


@pytest.fixture(scope="module")
def wide() -> str:
    """Ten thousand models, and three that came after the snapshot."""
    uri = f"memory://{uuid.uuid4().hex}"
    registry, source = Registry(uri), Blobs(MemoryStore())
    registry.publish(draft(source, name="m0"), source, "tx")
    record = json.loads(registry.store.get(version_key("m0", 1)) or b"")
    for model in range(1, MANY):
        registry.store.put(version_key(f"m{model}", 1), canonical_json(record | {"name": f"m{model}"}))
    catalog.snapshot(registry.store)
    for model in range(3):
        registry.publish(draft(source, name=f"new{model}"), source, f"tx{model}")
    return uri


@pytest.mark.parametrize(
    ("call", "most"),
    [
        (lambda registry: registry.resolve("intents").version == MANY + 4, 7),
        (lambda registry: registry.resolve("intents@champion").version == MANY // 2, 3),
        (lambda registry: registry.resolve("intents@9999").version == 9999, 3),
        (lambda registry: registry.versions("intents") == list(range(1000, MANY + 5)), 6),
        (lambda registry: registry.aliases("intents") == {"champion": MANY // 2}, 5),
        (lambda registry: len(registry.history("intents", "champion")) == 1, 3),
        (lambda registry: registry.catalog()["intents"].versions == list(range(1000, MANY + 5)), 8),
    ],
)
def test_a_model_of_ten_thousand_versions_is_read_in_a_few_requests(
    tall: str, call: Callable[[Registry], object], most: int
) -> None:
    right, requests = counted(tall, call)
    assert right
    assert requests <= most


def test_a_publication_takes_as_many_requests_after_ten_thousand_versions_as_at_first(tall: str) -> None:
    source = Blobs(MemoryStore())

    def publish(registry: Registry) -> int:
        return registry.publish(draft(source), source, uuid.uuid4().hex).version

    empty = Registry(f"memory://{uuid.uuid4().hex}")
    empty.publish(draft(source), source, "first")
    _, at_first = counted(empty.uri, publish)
    version, after_many = counted(tall, publish)
    assert version == MANY + 5
    assert after_many <= at_first + 3


def test_ten_thousand_models_are_listed_in_a_few_requests(wide: str) -> None:
    found, requests = counted(wide, lambda registry: registry.catalog())
    assert isinstance(found, dict)
    assert len(found) == MANY + 3
    assert requests <= 5 + 3 * 8  # the three that changed since are asked one by one


def test_what_a_listing_says_is_what_the_snapshots_say(tall: str) -> None:
    store = Registry(tall).store
    assert numbers.numbers(store, "intents") == numbers.listed(store, "intents")
    assert catalog.read(store) == catalog.rebuild(store)


def test_a_snapshot_of_numbers_that_is_damaged_costs_time_only(tall: str) -> None:
    copy = MemoryStore()
    for info in Registry(tall).store.list("models/intents/"):
        copy.put(info.key, Registry(tall).store.get(info.key) or b"")
    for info in list(copy.list(numbers.snapshots("intents"))):
        copy.put(info.key, b"{")
    assert numbers.numbers(copy, "intents")[:3] == [1, 2, 3]
    assert numbers.latest(copy, "intents") >= MANY + 4
