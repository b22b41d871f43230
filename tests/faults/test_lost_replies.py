"""Writes that succeed while their reply is lost: publications and moves of aliases stay exactly-once."""

import random
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest

from headstart.blobs import Blobs
from headstart.errors import HeadstartError, StoreError
from headstart.registry import AliasMove, Registry, Version, aliases
from headstart.registry.publish import publish
from headstart.store import Store, open_store
from headstart.stores.local import LocalStore
from headstart.stores.memory import MemoryStore
from tests.support.drafts import CONTENTS, bytes_of, draft
from tests.support.endpoint import endpoint
from tests.support.faulty_proxy import Fault, Request, faulty_proxy
from tests.support.quick_folder import quick_folder
from tests.support.servers import S3Server
from tests.support.wrapped_store import WrappedStore

R = TypeVar("R")
SHARE = 0.3
PUBLICATIONS = 20


class LosingStore(WrappedStore):
    """Does every write, and then loses the reply to some: the caller cannot know."""

    def __init__(self, inner: Store, operations: tuple[str, ...], seed: int, share: float = SHARE) -> None:
        super().__init__(inner)
        self.lost = 0
        self._share = share
        self._operations = operations
        self._random = random.Random(seed)
        self._lock = threading.Lock()

    def around(self, operation: str, key: str, call: Callable[[], R]) -> R:
        result = call()
        with self._lock:
            lose = operation in self._operations and self._random.random() < self._share
            self.lost += lose
        if lose:
            raise StoreError("store/unreachable", "the reply was lost.", remedy="Try again.", where=key)
        return result


def until_acknowledged(call: Callable[[], R]) -> R:
    """The result of a call that is repeated until it is heard of: what a user does, or a workflow engine."""
    for _ in range(200):
        try:
            return call()
        except StoreError:
            continue
    raise AssertionError("never acknowledged")


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder


@pytest.fixture
def source(folder: Path) -> Blobs:
    return Blobs(LocalStore(folder / "workspace"))


@pytest.fixture(params=["memory", "local"])
def plain(request: pytest.FixtureRequest, folder: Path) -> Store:
    return MemoryStore() if request.param == "memory" else LocalStore(folder / "registry")


def versions_in(store: Store) -> list[Version]:
    found = [store.get(info.key) for info in store.list("models/intents/versions/")]
    return [Version.model_validate_json(data or b"") for data in found]


def check_exactly_once(store: Store, acknowledged: list[Version]) -> None:
    there = versions_in(store)
    assert [version.version for version in there] == list(range(1, len(acknowledged) + 1))
    assert sorted(acknowledged, key=lambda version: version.version) == there
    for version in there:
        assert bytes_of(store, version) == {"model": version.tx.encode()}


@pytest.mark.parametrize("seed", range(3))
def test_publications_whose_commit_was_not_heard_of_are_made_once(plain: Store, source: Blobs, seed: int) -> None:
    store = LosingStore(plain, ("create",), seed)
    acknowledged = []
    for number in range(PUBLICATIONS):
        tx, after = f"tx{number}", len(acknowledged)
        brought = draft(source, {"model": tx.encode()})
        acknowledged.append(until_acknowledged(lambda: publish(store, brought, source, tx, after)))  # noqa: B023
    assert store.lost > 0
    check_exactly_once(plain, acknowledged)


@pytest.mark.parametrize("seed", range(3))
def test_publications_with_any_reply_lost_are_made_once(plain: Store, source: Blobs, seed: int) -> None:
    store = LosingStore(plain, ("create", "put", "upload", "delete", "stat", "get", "list"), seed, 0.1)
    acknowledged = []
    for number in range(4):
        tx = f"tx{number}"
        brought = draft(source, {"model": tx.encode()})
        acknowledged.append(until_acknowledged(lambda: publish(store, brought, source, tx, 0)))  # noqa: B023
    check_exactly_once(plain, acknowledged)


def test_publishers_at_once_whose_commits_were_not_heard_of_publish_once_each(plain: Store, source: Blobs) -> None:
    store = LosingStore(plain, ("create",), 0)
    drafts = {f"tx{number}": draft(source, {"model": f"tx{number}".encode()}) for number in range(PUBLICATIONS)}

    def publish_it(tx: str) -> Version:
        return until_acknowledged(lambda: publish(store, drafts[tx], source, tx, 0))

    with ThreadPoolExecutor(8) as pool:
        acknowledged = list(pool.map(publish_it, drafts))
    assert store.lost > 0
    check_exactly_once(plain, acknowledged)


def test_without_a_nonce_lost_replies_would_publish_twice(source: Blobs) -> None:
    # The control: what the nonce is for. A new one at each attempt finds nothing of the last.
    plain = MemoryStore()
    store = LosingStore(plain, ("create",), 0)
    for _ in range(PUBLICATIONS):
        until_acknowledged(lambda: publish(store, draft(source), source, uuid.uuid4().hex, 0))
    assert len(versions_in(plain)) > PUBLICATIONS


@pytest.mark.parametrize("seed", range(3))
def test_moves_whose_reply_was_lost_are_made_once(plain: Store, seed: int) -> None:
    store = LosingStore(plain, ("create",), seed)

    def move(version: int) -> AliasMove:
        decision = f"decision {version}"
        return until_acknowledged(lambda: aliases.move(store, "intents", "champion", version, "", decision))

    acknowledged = [move(version) for version in range(1, PUBLICATIONS + 1)]
    assert store.lost > 0
    assert list(aliases.history(plain, "intents", "champion"))[::-1] == acknowledged


def test_movers_at_once_whose_replies_were_lost_move_once_each(plain: Store) -> None:
    store = LosingStore(plain, ("create",), 0)

    def move(version: int) -> AliasMove:
        decision = f"decision {version}"
        return until_acknowledged(lambda: aliases.move(store, "intents", "champion", version, "", decision))

    with ThreadPoolExecutor(8) as pool:
        acknowledged = list(pool.map(move, range(1, PUBLICATIONS + 1)))
    made = list(aliases.history(plain, "intents", "champion"))
    assert store.lost > 0
    assert sorted(each.version for each in made) == list(range(1, PUBLICATIONS + 1))
    assert {each.nonce for each in acknowledged} == {each.nonce for each in made}


# ---------------------------------------------------------------- over HTTP


class Sometimes:
    """A fault for a share of the requests that a test is after, counted."""

    def __init__(self, fault: Fault, concerns: Callable[[Request], bool], share: float = SHARE) -> None:
        self.happened = 0
        self._fault = fault
        self._concerns = concerns
        self._share = share
        self._random = random.Random(0)

    def __call__(self, request: Request) -> Fault:
        if self._concerns(request) and self._random.random() < self._share:
            self.happened += 1
            return self._fault
        return "none"


@pytest.mark.parametrize("fault", ["lose the reply", "lose the request", "refuse with 409", "fail after"])
def test_over_http_a_commit_is_told_truly_whatever_becomes_of_the_reply(
    s3: S3Server, bucket: str, fault: Fault
) -> None:
    faults = Sometimes(fault, lambda request: request.conditional, 0.5)
    with faulty_proxy(s3.endpoint, faults) as address, endpoint(address):
        store = open_store(bucket)
        told = {f"key{number}": store.create(f"key{number}", b"mine") for number in range(8)}
        again = {key: store.create(key, b"another's") for key in told}
    assert faults.happened > 2
    assert set(told.values()) == {True}
    assert set(again.values()) == {False}
    assert {open_store(bucket).get(key) for key in told} == {b"mine"}


@pytest.mark.parametrize("fault", ["lose the reply", "fail after"])
def test_over_http_publications_whose_commit_was_not_heard_of_are_made_once(
    s3: S3Server, bucket: str, source: Blobs, fault: Fault
) -> None:
    faults = Sometimes(fault, lambda request: request.conditional)
    with faulty_proxy(s3.endpoint, faults) as address, endpoint(address):
        registry = Registry(f"{bucket}/registry")
        for number in range(5):
            tx = f"tx{number}"
            version = registry.publish(draft(source, {"model": tx.encode()}), source, tx, number)
            registry.move("intents", "champion", version.version, "", tx)
    assert faults.happened > 0
    plain = Registry(f"{bucket}/registry")
    check_exactly_once(plain.store, [plain.get("intents", number) for number in range(1, 6)])
    assert [move.version for move in plain.history("intents", "champion")] == list(range(5, 0, -1))


@pytest.mark.parametrize("fault", ["flip a bit", "cut short"])
def test_over_http_damaged_bytes_are_never_taken_for_good(
    s3: S3Server, bucket: str, source: Blobs, fault: Fault, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADSTART_CACHE", str(folder / "cache"))
    Registry(bucket).publish(draft(source), source, "tx")
    faults = Sometimes(fault, lambda request: request.method == "GET" and "/blobs/" in request.path, 1.0)
    with faulty_proxy(s3.endpoint, faults) as address, endpoint(address), pytest.raises(HeadstartError):
        Registry(bucket).pull("intents", folder / "out")
    assert faults.happened > 0
    assert [path for path in folder.glob("out/**/*") if path.is_file()] == []
    kept = [path.name for path in folder.glob("cache/**/*") if path.is_file()]
    assert [name for name in kept if not name.endswith((".part", ".part.ranges"))] == []  # ranges that came may stay
    Registry(bucket).pull("intents", folder / "out")
    assert {path: (folder / "out" / path).read_bytes() for path in CONTENTS} == CONTENTS


def test_over_http_a_passing_failure_of_the_server_is_overcome(s3: S3Server, bucket: str, source: Blobs) -> None:
    faults = Sometimes("lose the reply", lambda request: True, 0.1)
    with faulty_proxy(s3.endpoint, faults) as address, endpoint(address):
        version = Registry(bucket).publish(draft(source), source, "tx")
    assert faults.happened > 0
    assert bytes_of(open_store(bucket), version) == CONTENTS
