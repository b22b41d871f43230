"""Downloads in ranges: the same bytes whatever was interrupted, and no range twice."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart import ranged
from headstart.digest import sha256
from headstart.errors import StoreError
from headstart.ranged import download, journal_of
from headstart.store import unheard
from headstart.stores.memory import MemoryStore
from tests.support.wrapped_store import InterruptedAt, LoggedStore


@pytest.fixture(autouse=True)
def _small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranged, "_RANGE", 10)


@settings(max_examples=30)
@given(st.binary(max_size=45))
def test_the_file_is_the_object(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    store, target = MemoryStore(), tmp_path_factory.mktemp("ranged") / "target"
    store.put("key", data)
    told: list[int] = []
    assert download(store, "key", len(data), target, told.append) == sha256(data)
    assert target.read_bytes() == data
    assert sum(told) == len(data)
    assert not journal_of(target).exists()


def test_a_missing_object_is_told(tmp_path: Path) -> None:
    for size in (0, 5, 25):
        assert download(MemoryStore(), "key", size, tmp_path / "target", unheard) is None
        assert not journal_of(tmp_path / "target").exists()


@pytest.mark.parametrize("wanted", [b"0123456789", b"01234567890"])
@pytest.mark.parametrize("kept", [b"012345678", b"0123456789_", b"01234567890_", b"01234", b""])
def test_an_object_of_another_size_gives_another_file_and_digest(tmp_path: Path, wanted: bytes, kept: bytes) -> None:
    store = MemoryStore()
    store.put("key", kept)
    found = download(store, "key", len(wanted), tmp_path / "target", unheard)
    assert (tmp_path / "target").read_bytes() != wanted
    assert found == sha256((tmp_path / "target").read_bytes())


def test_the_next_attempt_asks_for_what_is_missing_only(tmp_path: Path) -> None:
    plain, data = MemoryStore(), bytes(range(95))
    plain.put("key", data)

    def fail() -> None:
        raise StoreError("store/unreachable", "cut off.", remedy="Again.")

    with pytest.raises(StoreError):
        download(InterruptedAt(plain, 6, fail), "key", 95, tmp_path / "target", unheard)
    there = journal_of(tmp_path / "target").read_bytes().count(1)
    assert there >= 5
    store, told = LoggedStore(plain), list[int]()
    assert download(store, "key", 95, tmp_path / "target", told.append) == sha256(data)
    assert len(store.done("read")) == 10 - there
    assert sum(told) == 95
    assert (tmp_path / "target").read_bytes() == data


def test_a_small_object_takes_the_place_of_what_was_left_of_a_longer_one(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"x" * 25)
    journal_of(tmp_path / "target").write_bytes(b"\1")
    store = LoggedStore(MemoryStore())
    store.put("key", b"01234")
    assert download(store, "key", 5, tmp_path / "target", unheard) == sha256(b"01234")
    assert (tmp_path / "target").read_bytes() == b"01234"
    assert len(store.done("read")) == 1
    assert not journal_of(tmp_path / "target").exists()


def test_what_is_left_of_another_object_is_not_continued(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"x" * 7)
    journal_of(tmp_path / "target").write_bytes(b"\1")
    store = MemoryStore()
    store.put("key", b"0123456789")
    assert download(store, "key", 10, tmp_path / "target", unheard) == sha256(b"0123456789")
    assert (tmp_path / "target").read_bytes() == b"0123456789"
