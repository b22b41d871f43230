"""Large files to and from a real S3 server, cut off by SIGKILL: the next attempt sends and asks for the rest only."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from headstart.blobs import Blobs
from headstart.registry import Registry
from headstart.store import open_store
from headstart.stores.local import LocalStore
from tests.support.drafts import draft
from tests.support.endpoint import endpoint
from tests.support.faulty_proxy import Fault, Request, faulty_proxy
from tests.support.quick_folder import quick_folder
from tests.support.servers import S3Server

ROOT = Path(__file__).parents[2]
PART = 8 * 2**20
PARTS = 6


class Watcher:
    """Counts requests of a kind and their bytes; kills a process when one too many of them comes.

    Before that it waits until what the process did with the others is to be seen.
    """

    def __init__(self, method: str, word: str, kill_at: int = 0, seen: Callable[[], bool] = lambda: True) -> None:
        self.count = 0
        self.sent = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._method, self._word, self._kill_at, self._seen = method, word, kill_at, seen
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Fault:
        with self._lock:
            self.sent += request.size
            if request.method != self._method or self._word not in request.path:
                return "none"
            self.count += 1
            if self._kill_at and self.count > self._kill_at:
                assert self.process is not None
                deadline = time.monotonic() + 60
                while not self._seen():
                    assert time.monotonic() < deadline
                    time.sleep(0.01)
                self.process.send_signal(signal.SIGKILL)
                return "lose the request"
        return "none"


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder


@pytest.fixture
def large(folder: Path) -> Path:
    path = folder / "large"
    path.write_bytes(os.urandom((PARTS - 1) * PART + 12345))
    return path


def run_until_killed(code: str, arguments: list[str], watcher: Watcher, environment: dict[str, str]) -> None:
    command = [sys.executable, "-c", code, *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)} | environment)
    watcher.process = process
    assert process.wait(120) == -signal.SIGKILL


UPLOAD = """
import sys
from pathlib import Path
from headstart.store import open_store
open_store(sys.argv[1]).upload(Path(sys.argv[2]), "key")
"""


def test_an_upload_that_was_killed_sends_the_missing_parts_only(s3: S3Server, bucket: str, large: Path) -> None:
    killer = Watcher("PUT", "partNumber", kill_at=3)
    with faulty_proxy(s3.endpoint, killer) as address:
        run_until_killed(UPLOAD, [bucket, str(large)], killer, {"AWS_ENDPOINT_URL": address})
    assert open_store(bucket).get("key") is None
    second, told = Watcher("PUT", "partNumber"), list[int]()
    with faulty_proxy(s3.endpoint, second) as address, endpoint(address):
        open_store(bucket).upload(large, "key", told.append)
    assert 1 <= second.count <= PARTS - 1
    assert sum(told) == large.stat().st_size
    assert open_store(bucket).get("key") == large.read_bytes()
    assert open_store(bucket).sweep("", float("inf")) == 0


def test_another_file_of_the_same_name_shares_nothing_with_an_upload_that_was_killed(
    s3: S3Server, bucket: str, large: Path, folder: Path
) -> None:
    killer = Watcher("PUT", "partNumber", kill_at=3)
    with faulty_proxy(s3.endpoint, killer) as address:
        run_until_killed(UPLOAD, [bucket, str(large)], killer, {"AWS_ENDPOINT_URL": address})
    other = folder / "other"
    other.write_bytes(os.urandom(large.stat().st_size))
    store = open_store(bucket)
    store.upload(other, "key")
    assert store.get("key") == other.read_bytes()
    assert store.sweep("", 0) == 0
    assert store.sweep("blobs/", float("inf")) == 0
    assert store.sweep("", float("inf")) == 1
    assert store.sweep("", float("inf")) == 0


def test_who_may_not_list_uploads_sends_all_parts(s3: S3Server, bucket: str, large: Path) -> None:
    def no_listing(request: Request) -> Fault:
        return "forbid" if request.method == "GET" and "uploads" in request.path else "none"

    with faulty_proxy(s3.endpoint, no_listing) as address, endpoint(address):
        open_store(bucket).upload(large, "key")
    assert open_store(bucket).get("key") == large.read_bytes()


PULL = """
import sys
from headstart.registry import Registry
Registry(sys.argv[1]).pull("intents", sys.argv[2])
"""


def test_a_pull_that_was_killed_asks_for_the_missing_ranges_only(
    s3: S3Server, bucket: str, large: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADSTART_CACHE", str(folder / "cache"))
    source = Blobs(LocalStore(folder / "workspace"))
    Registry(bucket).publish(draft(source, {"model": large.read_bytes()}), source, "tx")
    cache = folder / "cache" / "blobs"
    killer = Watcher("GET", "/blobs/", 3, lambda: any(b"\1" in each.read_bytes() for each in cache.rglob("*.ranges")))
    with faulty_proxy(s3.endpoint, killer) as address:
        run_until_killed(PULL, [bucket, str(folder / "out")], killer, {"AWS_ENDPOINT_URL": address})
    assert not (folder / "out" / "model").exists()
    second, told = Watcher("GET", "/blobs/"), list[int]()
    with faulty_proxy(s3.endpoint, second) as address, endpoint(address):
        Registry(bucket).pull("intents", folder / "out", told.append)
    assert 1 <= second.count <= PARTS - 1
    assert sum(told) == large.stat().st_size
    assert (folder / "out" / "model").read_bytes() == large.read_bytes()


def test_a_version_that_changed_only_the_head_sends_less_than_a_hundredth(
    s3: S3Server, bucket: str, large: Path, folder: Path
) -> None:
    source = Blobs(LocalStore(folder / "workspace"))
    backbone = large.read_bytes()
    sent = []
    for number in (1, 2):
        watcher = Watcher("PUT", "")
        with faulty_proxy(s3.endpoint, watcher) as address, endpoint(address):
            brought = draft(source, {"backbone.safetensors": backbone, "head.safetensors": os.urandom(100_000)})
            Registry(bucket).publish(brought, source, f"tx{number}")
        sent.append(watcher.sent)
    assert sent[0] > len(backbone)
    assert sent[1] < sent[0] / 100
