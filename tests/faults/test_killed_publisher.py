"""Publishers that die by SIGKILL: a version is whole or invisible, and to publish again is to publish once."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from headstart.blobs import Blobs
from headstart.registry import Registry
from headstart.store import open_store
from tests.support.drafts import CONTENTS, bytes_of, draft
from tests.support.killed_publisher import Attempt, Ending, Publishers, publishers
from tests.support.quick_folder import quick_folder

RECORD = "models/intents/versions/00000001.json"
COMMIT = f"create {RECORD}"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder


@pytest.fixture(scope="module", params=["local", "s3"])
def place(request: pytest.FixtureRequest, folder: Path) -> str:
    """Where registries can be made, each under a name of its own."""
    return str(request.getfixturevalue("s3").make_bucket()) if request.param == "s3" else str(folder)


@pytest.fixture(scope="module")
def publishing(place: str) -> Iterator[Publishers]:
    with publishers() as running:
        yield running


@pytest.fixture(scope="module")
def local_publishing() -> Iterator[Publishers]:
    with publishers() as running:
        yield running


@pytest.fixture
def source(folder: Path) -> str:
    return str(folder / "workspace")


def new_registry(place: str) -> Registry:
    """A registry that has been used, so that its store is known to be good."""
    registry = Registry(f"{place}/{uuid.uuid4().hex[:12]}")
    registry.prepare()
    return registry


def check_whole_or_invisible(registry: Registry) -> int:
    """How many versions there are; what is visible is whole."""
    versions = Registry(registry.uri).versions("intents")
    assert versions in ([], [1])
    for number in versions:
        assert bytes_of(registry.store, registry.get("intents", number)) == CONTENTS
    return len(versions)


def check_published_once(registry: Registry, source: str, tx: str) -> None:
    """The same publication again gives one version; another one gives the next."""
    blobs = Blobs(open_store(source))
    for _ in range(2):
        version = registry.publish(draft(blobs), blobs, tx)
        assert (version.version, version.tx) == (1, tx)
        assert bytes_of(registry.store, version) == CONTENTS
    assert registry.versions("intents") == [1]
    other = registry.publish(draft(blobs, {"model": b"other"}), blobs, f"another-{tx}")
    assert registry.versions("intents") == [1, 2]
    assert bytes_of(registry.store, other) == {"model": b"other"}


def kill_everywhere(
    publishing: Publishers, place: str, source: str, inside: bool = False
) -> Iterator[tuple[Registry, str, Ending]]:
    """A fresh registry for each point, with a publisher that was killed there; at last one that was not."""
    killed, point = True, 0
    while killed:
        point += 1
        registry, tx = new_registry(place), f"tx{point}"
        ending = publishing.attempt(Attempt(registry.uri, source, tx, point, inside))
        killed = ending.killed
        yield registry, tx, ending


def test_a_killed_publisher_leaves_no_half_visible_version_and_is_repeated_once(
    publishing: Publishers, place: str, source: str
) -> None:
    points: list[str] = []
    for registry, tx, ending in kill_everywhere(publishing, place, source):
        visible = check_whole_or_invisible(registry)
        assert visible == (COMMIT in ending.done), f"killed after {ending.done[-1]}"
        lease = f"leases/{tx}.json"  # tells a collector which blobs not to touch
        leased = registry.store.get(lease) is not None
        assert leased == (f"create {lease}" in ending.done and f"delete {lease}" not in ending.done)
        check_published_once(registry, source, tx)
        if ending.killed:
            points.append(ending.done[-1])
    # Every named point was one of them: the lease, a blob, the commit, the notes on it, the catalog's snapshot, and the lease's end.
    writes = [point for point in points if point.startswith(("put", "upload", "create", "delete"))]
    kinds = [point.partition("/")[0] for point in writes]
    assert list(dict.fromkeys(kinds)) == [
        "create leases",
        "upload blobs",
        "create models",
        "put models",
        "put catalog",
        "create catalog",
        "delete catalog",
        "delete leases",
    ]
    assert not points[points.index(COMMIT) + 1].startswith("delete")  # right after it, the lease is still there


def test_a_publisher_killed_many_times_over_publishes_one_version(
    publishing: Publishers, place: str, source: str
) -> None:
    registry = new_registry(place)
    endings = [publishing.attempt(Attempt(registry.uri, source, "tx", 1))]
    while endings[-1].killed:
        endings.append(publishing.attempt(Attempt(registry.uri, source, "tx", len(endings) + 1)))
    assert len(endings) >= 10
    assert sum(COMMIT in ending.done for ending in endings) == 1
    assert check_whole_or_invisible(registry) == 1


def test_a_publisher_killed_inside_an_operation_leaves_no_half_visible_version(
    local_publishing: Publishers, folder: Path, source: str
) -> None:
    # Between any two of its file operations: a file half written, synced but unnamed, named but not synced.
    visible = []
    for registry, tx, ending in kill_everywhere(local_publishing, str(folder), source, inside=True):
        # Uploads go side by side, so that an attempt's place is what was done by then, not how many files it touched.
        visible.append((len(ending.done), check_whole_or_invisible(registry)))
        check_published_once(registry, source, tx)
    assert len(visible) > 20
    told = [versions for _, versions in sorted(visible)]
    assert told == sorted(told)
    assert set(told) == {0, 1}


def test_what_killed_publishers_left_is_seen_by_no_reader(
    local_publishing: Publishers, folder: Path, source: str
) -> None:
    for registry, _, ending in kill_everywhere(local_publishing, str(folder), source, inside=True):
        if ending.killed and not registry.versions("intents"):
            assert registry.models() == []
            assert {info.key.split("/")[0] for info in registry.store.list("")} <= {"registry.json", "leases", "blobs"}


def test_a_first_publisher_killed_while_it_makes_the_registry_leaves_one_that_can_be_used(
    publishing: Publishers, place: str, source: str
) -> None:
    for point in (1, 30, 52, 53, 54):
        registry = Registry(f"{place}/{uuid.uuid4().hex[:12]}")
        assert publishing.attempt(Attempt(registry.uri, source, "tx", point)).killed
        assert registry.models() == []
        check_published_once(registry, source, "tx")


PUBLISHER = """
import sys
from headstart.blobs import Blobs
from headstart.registry import Registry
from headstart.store import open_store
from tests.support.drafts import draft
uri, source, *txs = sys.argv[1:]
registry, blobs = Registry(uri), Blobs(open_store(source))
drafts = {tx: draft(blobs, {"model": tx.encode()}) for tx in txs}
registry.models()
print("ready", flush=True)
sys.stdin.readline()
print(*(registry.publish(drafts[tx], blobs, tx).version for tx in txs))
"""


def at_once(uri: str, source: str, publications: list[list[str]]) -> list[list[int]]:
    """Processes that publish at once, each its list of nonces; gives the version numbers of each."""
    root = Path(__file__).parents[2]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PUBLISHER, uri, source, *txs],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=root,
            env=os.environ | {"PYTHONPATH": str(root)},
        )
        for txs in publications
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return [[int(number) for number in answer.split()] for answer in answers]


def test_processes_that_publish_at_once_get_contiguous_numbers_and_their_own_bytes(place: str, source: str) -> None:
    registry = new_registry(place)
    publications = [[f"tx-{process}-{number}" for number in range(4)] for process in range(3)]
    versions = at_once(registry.uri, source, publications)
    assert sorted(number for numbers in versions for number in numbers) == list(range(1, 13))
    for txs, numbers in zip(publications, versions, strict=True):
        for tx, number in zip(txs, numbers, strict=True):
            version = registry.get("intents", number)
            assert version.tx == tx
            assert bytes_of(registry.store, version) == {"model": tx.encode()}


def test_twins_that_publish_the_same_at_once_publish_it_once(place: str, source: str) -> None:
    registry = new_registry(place)
    txs = [f"tx{number}" for number in range(12)]
    one, other = at_once(registry.uri, source, [txs, txs])
    assert one == other
    assert registry.versions("intents") == list(range(1, len(txs) + 1))
    assert sorted(registry.get("intents", number).tx for number in registry.versions("intents")) == sorted(txs)
