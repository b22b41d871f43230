"""Blobs: written once, verified on every read, and never outside their folder."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from headstart import blobs as module
from headstart.blobs import Blobs, File, blob_key, describe
from headstart.cache import cache_folder
from headstart.digest import sha256
from headstart.errors import IntegrityError, StoreError
from headstart.store import Store
from headstart.stores.local import LocalStore
from headstart.stores.memory import MemoryStore
from tests.support.small_disk import SIZE, small_disk
from tests.support.wrapped_store import LoggedStore

DATA = b"weights" * 1000


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(params=["local", "remote"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store in a folder, and one that is read through the cache."""
    return LocalStore(tmp_path / "store") if request.param == "local" else MemoryStore()


@pytest.fixture
def blobs(store: Store) -> Blobs:
    return Blobs(store)


def flip(data: bytes) -> bytes:
    """The same bytes but for one bit."""
    return bytes([data[0] ^ 1]) + data[1:]


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


# ---------------------------------------------------------------- writing


def test_bytes_are_stored_under_their_digest(blobs: Blobs) -> None:
    file = blobs.add_bytes(DATA, "model.safetensors")
    assert file == File(path="model.safetensors", sha256=sha256(DATA), size=len(DATA))
    assert file.blob == f"blobs/sha256/{file.sha256[:2]}/{file.sha256}"
    assert blobs.store.get(file.blob) == DATA


def test_a_file_and_its_bytes_are_the_same_blob(blobs: Blobs, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(DATA)
    assert blobs.add(tmp_path / "source", "a") == blobs.add_bytes(DATA, "a") == describe(tmp_path / "source", "a")


def test_equal_bytes_are_stored_once(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(DATA)
    store = LoggedStore(MemoryStore())
    blobs = Blobs(store)
    for path in ("a", "b/c"):
        blobs.add(tmp_path / "source", path)
        blobs.add_bytes(DATA, path)
    assert len(store.done("upload") + store.done("put")) == 1


def test_describing_a_file_stores_nothing(blobs: Blobs, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(DATA)
    assert not blobs.holds(describe(tmp_path / "source", "a"))


def test_a_blob_that_was_cut_short_is_written_again(blobs: Blobs) -> None:
    file = blobs.add_bytes(DATA, "a")
    blobs.store.put(file.blob, DATA[:-1])
    assert not blobs.holds(file)
    blobs.add_bytes(DATA, "a")
    assert blobs.read(file) == DATA


def test_another_name_is_the_same_bytes(blobs: Blobs) -> None:
    file = blobs.add_bytes(DATA, "a")
    assert blobs.read(file.named("b/c")) == DATA
    assert file.named("b/c").blob == file.blob


# ---------------------------------------------------------------- reading


@given(st.binary(max_size=200))
def test_whatever_is_added_is_read_back(data: bytes) -> None:
    blobs = Blobs(MemoryStore())
    assert blobs.read(blobs.add_bytes(data, "a")) == data


def test_one_flipped_bit_is_noticed(blobs: Blobs) -> None:
    file = blobs.add_bytes(DATA, "a")
    blobs.store.put(file.blob, flip(DATA))
    for read in (blobs.read, blobs.fetch):
        with pytest.raises(IntegrityError) as caught:
            read(file)
        assert caught.value.code == "integrity/digest"
        assert caught.value.where == f"{blobs.store.uri}/{file.blob}"


@pytest.mark.parametrize("damaged", [DATA[:-1], DATA + b"\0", b""])
def test_a_blob_of_another_size_is_noticed(blobs: Blobs, damaged: bytes) -> None:
    file = blobs.add_bytes(DATA, "a")
    blobs.store.put(file.blob, damaged)
    with pytest.raises(IntegrityError):
        blobs.read(file)


def test_a_missing_blob_is_said_to_be_gone(blobs: Blobs) -> None:
    file = blobs.add_bytes(DATA, "a")
    blobs.store.delete(file.blob)
    with pytest.raises(IntegrityError, match="gone") as caught:
        blobs.read(file)
    assert file.blob in caught.value.where


def test_damaged_bytes_never_enter_the_cache(cache: Path) -> None:
    blobs = Blobs(MemoryStore())
    file = blobs.add_bytes(DATA, "a")
    blobs.store.put(file.blob, flip(DATA))
    with pytest.raises(IntegrityError):
        blobs.fetch(file)
    assert files_in(cache) == []


def test_a_remote_blob_is_downloaded_once() -> None:
    store = LoggedStore(MemoryStore())
    file = Blobs(store).add_bytes(DATA, "a")
    for _ in range(3):
        assert Blobs(store).read(file) == DATA
    assert len(store.done("read")) == 1


def test_a_damaged_cache_heals_itself(cache: Path) -> None:
    blobs = Blobs(MemoryStore())
    file = blobs.add_bytes(DATA, "a")
    cached = blobs.fetch(file)
    assert cached.is_relative_to(cache)
    cached.write_bytes(flip(DATA))
    assert blobs.read(file) == DATA
    assert cached.read_bytes() == DATA


def test_the_cache_does_not_hide_that_another_stores_blob_is_stored_aside() -> None:
    blobs = Blobs(MemoryStore())
    file = blobs.add_bytes(DATA, "a").model_copy(update={"key": f"{blob_key(sha256(DATA))}~tx"})
    blobs.store.put(file.blob, DATA)
    blobs.store.delete(blob_key(file.sha256))
    assert blobs.read(file) == DATA


def test_a_local_stores_blob_is_not_copied(tmp_path: Path, cache: Path) -> None:
    blobs = Blobs(LocalStore(tmp_path / "store"))
    assert blobs.fetch(blobs.add_bytes(DATA, "a")).is_relative_to(tmp_path / "store")
    assert not cache.exists()


def test_a_key_that_leaves_the_store_reads_nothing(tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(DATA)
    file = File(path="a", sha256=sha256(DATA), size=len(DATA), key="../outside")
    with pytest.raises(StoreError) as caught:
        Blobs(LocalStore(tmp_path / "store")).read(file)
    assert caught.value.code == "store/bad-key"


# ---------------------------------------------------------------- folders


def test_a_checkout_holds_every_file_and_leaves_nothing(blobs: Blobs) -> None:
    contents = {"config.json": b"{}", "onnx/model.onnx": DATA, "a/b/c": b""}
    files = [blobs.add_bytes(data, path) for path, data in contents.items()]
    with blobs.checkout(files) as folder:
        assert {str(path.relative_to(folder)): path.read_bytes() for path in files_in(folder)} == contents
    assert not folder.exists()
    assert [blobs.read(file) for file in files] == list(contents.values())


def test_a_checkout_with_one_damaged_file_gives_no_folder(blobs: Blobs) -> None:
    good, bad = blobs.add_bytes(b"good", "good"), blobs.add_bytes(DATA, "bad")
    blobs.store.put(bad.blob, flip(DATA))
    with pytest.raises(IntegrityError), blobs.checkout([good, bad]):
        pytest.fail("the folder was given")


def test_an_export_is_a_copy_of_its_own(blobs: Blobs, tmp_path: Path) -> None:
    file = blobs.add_bytes(DATA, "sub/a")
    blobs.export([file], tmp_path / "out")
    exported = tmp_path / "out" / "sub" / "a"
    assert not exported.is_symlink()
    exported.write_bytes(b"mine now")
    assert blobs.read(file) == DATA


def test_exported_weights_share_their_place_with_the_cache_and_are_read_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LARGE", len(DATA))
    blobs = Blobs(MemoryStore())
    weights, other = blobs.add_bytes(DATA, "weights"), blobs.add_bytes(DATA[1:], "config.json")
    blobs.export([weights, other], tmp_path / "out")
    assert (tmp_path / "out" / "weights").samefile(blobs.fetch(weights))
    assert (tmp_path / "out" / "weights").stat().st_mode & 0o222 == 0
    assert not (tmp_path / "out" / "config.json").samefile(blobs.fetch(other))
    assert {path.name for path in files_in(tmp_path / "out")} == {"config.json", "weights"}


def test_who_changes_exported_weights_all_the_same_damages_no_later_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LARGE", len(DATA))
    blobs = Blobs(MemoryStore())
    weights = blobs.add_bytes(DATA, "weights")
    blobs.export([weights], tmp_path / "out")
    (tmp_path / "out" / "weights").chmod(0o644)
    (tmp_path / "out" / "weights").write_bytes(flip(DATA))
    blobs.export([weights], tmp_path / "another")
    assert (tmp_path / "another" / "weights").read_bytes() == DATA
    assert blobs.read(weights) == DATA


def test_weights_from_a_registry_in_a_folder_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LARGE", len(DATA))
    blobs = Blobs(LocalStore(tmp_path / "store"))
    weights = blobs.add_bytes(DATA, "weights")
    blobs.export([weights], tmp_path / "out")
    assert not (tmp_path / "out" / "weights").samefile(blobs.fetch(weights))


def test_weights_on_another_file_system_than_the_cache_are_copied(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LARGE", len(DATA))
    blobs = Blobs(MemoryStore())
    weights = blobs.add_bytes(DATA, "weights")
    blobs.export([weights], full / "out")
    assert (full / "out" / "weights").read_bytes() == DATA
    assert not (full / "out" / "weights").samefile(blobs.fetch(weights))


def test_an_export_of_a_damaged_file_fails(blobs: Blobs, tmp_path: Path) -> None:
    file = blobs.add_bytes(DATA, "a")
    blobs.store.put(file.blob, flip(DATA))
    with pytest.raises(IntegrityError):
        blobs.export([file], tmp_path / "out")
    assert files_in(tmp_path / "out") == []


def test_an_export_that_fails_leaves_the_folder_as_it_was(blobs: Blobs, tmp_path: Path) -> None:
    earlier, changed, lost = blobs.add_bytes(DATA, "a"), blobs.add_bytes(DATA[1:], "a"), blobs.add_bytes(DATA[2:], "b")
    blobs.export([earlier], tmp_path / "out")
    blobs.store.put(lost.blob, flip(DATA[2:]))
    with pytest.raises(IntegrityError):
        blobs.export([changed, lost], tmp_path / "out")
    assert [path.name for path in files_in(tmp_path / "out")] == ["a"]
    assert (tmp_path / "out" / "a").read_bytes() == DATA


def test_an_export_into_what_is_a_file_is_an_error_of_ours(blobs: Blobs, tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"a file")
    with pytest.raises(StoreError):
        blobs.export([blobs.add_bytes(DATA, "a")], tmp_path / "out")


def test_a_fetched_file_is_read_only(blobs: Blobs) -> None:
    # A checkout links to it: whoever writes through the link must not damage the store.
    fetched = blobs.fetch(blobs.add_bytes(DATA, "a"))
    assert fetched.stat().st_mode & 0o222 == 0


# ---------------------------------------------------------------- names


PIECES = st.sampled_from(["..", ".", "/", "//", "\\", "a", "~", " ", "\u2025", "\uff0e", "\uff0f", "%2e", "..."])


@example(".")
@given(st.lists(PIECES, max_size=6).map("".join) | st.text(max_size=8))
def test_a_path_stays_inside_its_folder_or_is_refused(path: str) -> None:
    try:
        file = File(path=path, sha256="0" * 64, size=0)
    except ValidationError:
        return
    target = os.path.normpath(f"/folder/{file.path}")
    assert target.startswith("/folder/")
    assert "\0" not in file.path


@pytest.mark.parametrize(
    "path",
    ["", ".", "..", "/", "/etc/passwd", "../a", "a/..", "a/../b", "./a", "a/.", "a/", "a//b", "..\\a", "a\\b", "a\0b"],
)
def test_a_path_that_is_no_name_in_a_folder_is_refused(path: str) -> None:
    with pytest.raises(ValidationError):
        File(path=path, sha256="0" * 64, size=0)


@pytest.mark.parametrize("path", ["../a", "/etc/passwd", ""])
def test_another_name_is_checked_as_the_first_was(path: str) -> None:
    with pytest.raises(ValidationError):
        File(path="a", sha256="0" * 64, size=0).named(path)


@pytest.mark.parametrize("path", ["a", "a/b", "..a", "a..b/...", "~", "-rf", "a b", "ä/日本", ".gitattributes"])
def test_an_ordinary_path_is_taken(path: str) -> None:
    assert File(path=path, sha256="0" * 64, size=0).path == path


@pytest.mark.parametrize("digest", ["", "0" * 63, "0" * 65, "A" * 64, "g" * 64, "0" * 64 + "\n", "../" + "0" * 61])
def test_a_digest_that_is_none_is_refused(digest: str) -> None:
    with pytest.raises(ValidationError):
        File(path="a", sha256=digest, size=0)


def test_a_file_has_no_negative_size_and_no_other_fields() -> None:
    for wrong in ({"size": -1}, {"mode": 0o777}):
        with pytest.raises(ValidationError):
            File.model_validate({"path": "a", "sha256": "0" * 64, "size": 0} | wrong)


# ---------------------------------------------------------------- the cache


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    monkeypatch.setenv("HEADSTART_CACHE", "~/mine")
    assert cache_folder() == Path("/home/ada/mine")
    monkeypatch.setenv("HEADSTART_CACHE", "")
    assert cache_folder() == Path("/xdg/headstart")
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    assert cache_folder() == Path("/home/ada/.cache/headstart")


@pytest.mark.parametrize("below", ["", "below"])
def test_a_cache_that_is_no_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "file" / below))
    blobs = Blobs(MemoryStore())
    with pytest.raises(StoreError, match="HEADSTART_CACHE"):
        blobs.read(blobs.add_bytes(DATA, "a"))


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk") as folder:
        yield folder


def test_a_full_cache_is_said_to_be_full_and_keeps_no_rest(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSTART_CACHE", str(full))
    blobs = Blobs(MemoryStore())
    with pytest.raises(StoreError, match=r"No space left on device.*HEADSTART_CACHE"):
        blobs.read(blobs.add_bytes(bytes(4 * SIZE), "a"))
    assert files_in(full) == []


def test_an_export_to_a_full_disk_is_said_to_be_full(full: Path) -> None:
    blobs = Blobs(MemoryStore())
    with pytest.raises(StoreError, match="No space left on device"):
        blobs.export([blobs.add_bytes(bytes(4 * SIZE), "a")], full / "out")
