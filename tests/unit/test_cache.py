"""The cache of this machine: one download for all who want it, and no more bytes than are allowed."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from headstart import cache, ranged
from headstart.blobs import Blobs, File, blob_key
from headstart.errors import IntegrityError, StoreError, UsageError
from headstart.stores.memory import MemoryStore
from tests.support.wrapped_store import InterruptedAt, LoggedStore


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(ranged, "_RANGE", 100)
    return tmp_path / "cache"


def cached(folder: Path) -> set[str]:
    return {path.name for path in (folder / "blobs").rglob("*") if path.is_file()}


def test_many_who_want_one_file_at_once_download_it_once(folder: Path) -> None:
    store = LoggedStore(MemoryStore())
    file = Blobs(store).add_bytes(bytes(1000), "a")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: Blobs(store).fetch(file), range(8)))
    assert {path.read_bytes() for path in found} == {bytes(1000)}
    assert len(store.done("read")) == 10
    assert cached(folder) == {file.sha256}


def test_a_download_that_was_cut_off_goes_on_where_it_was(folder: Path) -> None:
    plain = MemoryStore()
    file = Blobs(plain).add_bytes(os.urandom(1000), "a")

    def fail() -> None:
        raise StoreError("store/unreachable", "cut off.", remedy="Again.")

    with pytest.raises(StoreError):
        Blobs(InterruptedAt(plain, 7, fail)).fetch(file)
    assert cached(folder) == {f"{file.sha256}.part", f"{file.sha256}.part.ranges"}
    store = LoggedStore(plain)
    assert Blobs(store).read(file) == plain.get(file.blob)
    assert len(store.done("read")) <= 4
    assert cached(folder) == {file.sha256}


def test_a_rest_whose_bytes_a_crash_of_the_machine_lost_is_downloaded_from_the_start(folder: Path) -> None:
    store = MemoryStore()
    file = Blobs(store).add_bytes(os.urandom(1000), "a")
    part = folder / f"{blob_key(file.sha256)}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(bytes(1000))  # named as there by the journal, and never written to the disk
    ranged.journal_of(part).write_bytes(b"\1" * 6)
    assert Blobs(store).read(file) == store.get(file.blob)


def test_a_damaged_object_leaves_nothing_to_continue(folder: Path) -> None:
    store = MemoryStore()
    file = Blobs(store).add_bytes(b"x" * 1000, "a")
    store.put(file.blob, b"y" + b"x" * 999)
    with pytest.raises(IntegrityError):
        Blobs(store).fetch(file)
    assert cached(folder) == set()


def fetched(count: int) -> tuple[Blobs, list[File]]:
    blobs = Blobs(MemoryStore())
    files = [blobs.add_bytes(bytes([number]) * 1000, str(number)) for number in range(count)]
    for file in files:
        blobs.fetch(file)
    return blobs, files


def unused_for(folder: Path, file: File, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(folder / blob_key(file.sha256), (then, then))


def test_what_was_not_used_for_longest_makes_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs, files = fetched(4)
    for number, file in enumerate(files):
        unused_for(folder, file, 10_000 - number)
    blobs.fetch(files[0])  # used again
    monkeypatch.setenv("HEADSTART_CACHE_GB", str(3000 / 1e9))
    new = blobs.add_bytes(b"new" * 300, "new")
    blobs.fetch(new)
    assert cached(folder) == {files[0].sha256, files[3].sha256, new.sha256}


def test_what_was_used_within_the_hour_stays_whatever_the_limit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs, files = fetched(3)
    monkeypatch.setenv("HEADSTART_CACHE_GB", "0")
    unused_for(folder, files[0], 7200)
    new = blobs.add_bytes(b"new", "new")
    blobs.fetch(new)
    assert cached(folder) == {files[1].sha256, files[2].sha256, new.sha256}


def test_small_files_look_through_the_cache_once_for_many(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Path] = []
    monkeypatch.setattr(cache, "_make_room", looked.append)
    monkeypatch.setenv("HEADSTART_CACHE_GB", str(250_000 / 1e9))  # a look at every 2500 bytes
    fetched(12)
    assert len(looked) == 1 + 11 // 3


@pytest.mark.parametrize("said", ["-1", "much", "nan"])
def test_a_limit_that_is_no_size_is_refused(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("HEADSTART_CACHE_GB", said)
    with pytest.raises(UsageError, match="HEADSTART_CACHE_GB"):
        cache.limit()


HOLDER = """
import sys
from pathlib import Path
from headstart import cache
def bring(part):
    part.write_bytes(b"half")
    print("holding", flush=True)
    sys.stdin.read()
cache.keep(Path(sys.argv[1]), lambda path: True, bring)
"""


def test_what_a_killed_process_was_downloading_is_free_for_the_next(folder: Path) -> None:
    target = folder / "blobs" / "file"
    command = [sys.executable, "-c", HOLDER, str(target)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "holding\n"
        holder.kill()
        holder.wait()
    found = cache.keep(
        target, lambda path: True, lambda part: part.write_bytes(part.read_bytes() + b" and half") and None
    )
    assert found.read_bytes() == b"half and half"
