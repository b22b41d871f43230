"""One suite for every store: memory, a local folder, and S3 over HTTP keep the same promises."""

import functools
import os
import pickle
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import obstore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.adapters import s3_parts
from headstart.adapters.clouds import CloudStore
from headstart.digest import sha256
from headstart.errors import IntegrityError, StoreError, UsageError
from headstart.store import Store, check_key, open_store
from headstart.stores.local import LocalStore
from headstart.stores.memory import MemoryStore
from tests.support.azurite import azurite, others
from tests.support.endpoint import endpoint
from tests.support.faulty_proxy import faulty_proxy
from tests.support.google import google
from tests.support.servers import S3Server
from tests.support.small_disk import SIZE, small_disk
from tests.support.unprivileged import open_folder, unprivileged

WRITERS = 16
LARGE = 12 * 1024 * 1024  # more than a part of a multipart upload
UNREACHABLE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def container() -> Iterator[str]:
    with azurite() as uri:
        yield uri


@pytest.fixture(scope="module")
def google_bucket(s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with google(s3.endpoint, tmp_path_factory.mktemp("google")):
        yield s3.make_bucket().replace("s3://", "gs://")


@pytest.fixture(params=["memory", "local", "s3", "obstore", "gs", *others()])
def uri(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place for a store."""
    if request.param == "obstore":
        return f"obstore-memory://{uuid.uuid4().hex}"
    if request.param == "az":
        return f"{request.getfixturevalue('container')}/{uuid.uuid4().hex}"
    if request.param == "gs":
        return f"{request.getfixturevalue('google_bucket')}/{uuid.uuid4().hex}"
    if request.param == "s3":
        return f"{request.getfixturevalue('bucket')}/some/prefix"
    return f"memory://{uuid.uuid4().hex}" if request.param == "memory" else str(tmp_path / "a store")


@pytest.fixture
def store(uri: str) -> Store:
    return opened(uri)


@pytest.fixture(params=["local", "s3"])
def shared_uri(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place that several processes can use."""
    return str(request.getfixturevalue("bucket")) if request.param == "s3" else str(tmp_path / "store")


@functools.cache
def _obstore_memory(uri: str) -> obstore.store.MemoryStore:
    return obstore.store.MemoryStore()


def opened(uri: str) -> Store:
    """The store at a URI, one of obstore's own stores among them: the clouds' adapter without a cloud."""
    if uri.startswith("obstore-memory://"):
        return CloudStore(uri, _obstore_memory(uri), "obstore's memory")
    return open_store(uri)


def keys(store: Store, prefix: str = "") -> list[str]:
    return [info.key for info in store.list(prefix)]


# ---------------------------------------------------------------- reading and writing


@pytest.mark.parametrize("data", [b"", b"\0", b"bytes", bytes(range(256)) * 500])
def test_what_is_put_is_got(store: Store, data: bytes) -> None:
    store.put("a/b/c", data)
    assert store.get("a/b/c") == data


def test_what_is_put_again_replaces_what_was_there(store: Store) -> None:
    for data in (b"first and longer", b"second"):
        store.put("key", data)
        assert store.get("key") == data
    assert keys(store) == ["key"]


def test_what_is_not_there_is_none(store: Store, tmp_path: Path) -> None:
    store.put("there", b"")
    for key in ("nowhere", "there/below", "a/b/c"):
        assert store.get(key) is None
        assert store.stat(key) is None
        assert store.download(key, tmp_path / "target") is False
        assert not (tmp_path / "target").exists()


def test_a_key_that_others_begin_with_is_not_there_itself(store: Store, tmp_path: Path) -> None:
    store.put("a/b/c", b"data")
    for key in ("a", "a/b"):
        assert store.get(key) is None
        assert store.stat(key) is None
        assert store.download(key, tmp_path / "target") is False
        store.delete(key)
    assert store.get("a/b/c") == b"data"


def test_deleting_is_final_and_may_be_repeated(store: Store) -> None:
    store.put("a/key", b"data")
    store.put("a/other", b"data")
    for _ in range(2):
        store.delete("a/key")
        store.delete("never/there")
        assert store.get("a/key") is None
        assert keys(store) == ["a/other"]


def test_deleting_below_an_object_is_no_error(store: Store) -> None:
    store.put("a", b"data")
    store.delete("a/b")
    assert store.get("a") == b"data"


def test_stat_says_size_and_the_stores_own_time(store: Store) -> None:
    before = time.time()
    store.put("a/key", b"12345")
    info = store.stat("a/key")
    assert info is not None
    assert (info.key, info.size) == ("a/key", 5)
    assert before - 60 < info.modified < time.time() + 60


@pytest.mark.parametrize("size", [0, 5, LARGE])
def test_a_file_goes_up_and_comes_down_the_same(store: Store, tmp_path: Path, size: int) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(size))
    store.put("a/key", b"something that was there before")
    store.upload(source, "a/key")
    target.write_bytes(b"something that was here before")
    assert store.download("a/key", target) is True
    assert target.read_bytes() == source.read_bytes()
    info = store.stat("a/key")
    assert info is not None
    assert info.size == size


def test_a_local_path_holds_the_object_where_there_is_one(store: Store) -> None:
    store.put("a/key", b"data")
    path = store.local_path("a/key")
    assert (path is not None) == isinstance(store, LocalStore)
    assert path is None or path.read_bytes() == b"data"


def test_a_second_store_at_the_same_place_sees_the_same(store: Store, uri: str) -> None:
    store.put("a/key", b"data")
    assert opened(uri).get("a/key") == b"data"
    assert opened(uri).uri == store.uri


@pytest.mark.parametrize(("start", "length"), [(0, 5), (2, 3), (3, 99), (9, 1), (10, 1), (99, 1), (0, 0)])
def test_a_part_of_an_object_is_read(store: Store, start: int, length: int) -> None:
    store.put("a/key", b"0123456789")
    assert store.read("a/key", start, length) == b"0123456789"[start : start + length]
    assert store.read("nowhere", start, length or 1) is None


def test_a_part_of_an_empty_object_is_empty(store: Store) -> None:
    store.put("a/key", b"")
    assert store.read("a/key", 0, 1) == b""


def test_a_copy_is_an_object_of_its_own(store: Store) -> None:
    store.put("a/key", b"data")
    assert store.copy("a/key", "b/copy") is True
    store.put("a/key", b"other")
    assert store.get("b/copy") == b"data"
    assert store.copy("a/key", "b/copy") is True
    store.delete("a/key")
    assert store.get("b/copy") == b"other"
    assert store.copy("a/key", "c") is False
    assert keys(store) == ["b/copy"]


def test_a_file_of_another_user_that_may_not_be_linked_is_copied() -> None:
    with open_folder() as folder:
        (folder / "shared").mkdir()
        store = LocalStore(folder / "shared")
        store.put("theirs/key", b"data")
        for each in (store.root, *store.root.iterdir()):
            each.chmod(0o777)
        with unprivileged():
            assert store.copy("theirs/key", "ours/key") is True
        assert store.get("ours/key") == b"data"


def test_a_store_that_travels_to_another_process_takes_no_secret_along(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cr3t")
    store = open_store(bucket)
    store.put("key", b"data")
    travelling = pickle.dumps(store)
    assert b"s3cr3t" not in travelling
    assert pickle.loads(travelling).get("key") == b"data"  # noqa: S301


def test_a_large_object_is_copied_in_parts(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_parts, "_COPIED", 6 * 2**20)
    store, data = open_store(bucket), os.urandom(LARGE + 1)
    store.put("a/key", data)
    assert store.copy("a/key", "b/copy") is True
    assert store.get("b/copy") == data
    assert store.copy("a/none", "c") is False
    assert store.sweep("", time.time() + 3600) == 0


@pytest.mark.parametrize("size", [0, 5, LARGE, 3 * LARGE])
def test_the_bytes_of_an_upload_are_told(store: Store, tmp_path: Path, size: int) -> None:
    (tmp_path / "source").write_bytes(os.urandom(size))
    told: list[int] = []
    store.upload(tmp_path / "source", "a/key", told.append)
    assert sum(told) == size
    assert store.get("a/key") == (tmp_path / "source").read_bytes()


@pytest.mark.parametrize("size", [0, 5, 3 * LARGE])
def test_an_upload_whose_bytes_are_not_those_that_are_named_leaves_nothing(
    store: Store, tmp_path: Path, size: int
) -> None:
    (tmp_path / "source").write_bytes(os.urandom(size))
    with pytest.raises(IntegrityError, match=str(tmp_path / "source")):
        store.upload(tmp_path / "source", "a/key", sha256=sha256(b"something else"))
    assert keys(store) == []
    assert store.sweep("", time.time() + 3600) == 0
    store.upload(tmp_path / "source", "a/key", sha256=sha256((tmp_path / "source").read_bytes()))
    assert store.get("a/key") == (tmp_path / "source").read_bytes()


def test_an_upload_to_a_cloud_reads_the_file_once(tmp_path: Path) -> None:
    source, store = tmp_path / "source", opened(f"obstore-memory://{uuid.uuid4().hex}")
    source.write_bytes(os.urandom(3 * LARGE))
    digest = sha256(source.read_bytes())
    before = bytes_read()
    store.upload(source, "a/key", sha256=digest)
    assert bytes_read() - before < 1.5 * source.stat().st_size


def bytes_read() -> int:
    """What this process has read from files so far, by the kernel's count."""
    said = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(said["rchar"])


def test_a_sweep_leaves_what_is_whole(store: Store) -> None:
    store.put("a/key", b"data")
    assert store.sweep("a/", time.time() + 3600) == 0
    assert store.get("a/key") == b"data"


def test_a_sweep_of_a_folder_removes_what_a_killed_writer_left_long_ago(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put("a", b"")
    (tmp_path / ".tmp" / "half").write_bytes(b"half of it")
    assert store.sweep("", time.time() - 3600) == 0
    assert store.sweep("", time.time() + 3600) == 1
    assert list((tmp_path / ".tmp").iterdir()) == []


def test_a_store_says_what_it_is(store: Store) -> None:
    assert store.product


# ---------------------------------------------------------------- the commit


def test_create_writes_only_where_there_is_nothing(store: Store) -> None:
    assert store.create("a/key", b"first") is True
    assert store.create("a/key", b"second") is False
    assert store.get("a/key") == b"first"


def test_create_of_what_is_there_already_has_succeeded(store: Store) -> None:
    store.put("a/key", b"data")
    assert store.create("a/key", b"data") is True
    assert store.create("a/key", b"dat") is False


@pytest.mark.parametrize(("first", "second"), [(b"", b"x"), (b"x", b"")])
def test_create_of_empty_objects_is_conditional_too(store: Store, first: bytes, second: bytes) -> None:
    assert store.create("key", first) is True
    assert store.create("key", second) is False
    assert store.get("key") == first


def test_what_was_deleted_can_be_created_again(store: Store) -> None:
    assert store.create("key", b"first")
    store.delete("key")
    assert store.create("key", b"second")
    assert store.get("key") == b"second"


def test_of_many_who_create_one_key_exactly_one_wins(store: Store) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        for round_ in range(8):
            key, rivals = f"race/{round_}", [f"writer {number}".encode() for number in range(WRITERS)]
            won = list(pool.map(store.create, [key] * WRITERS, rivals))
            assert won.count(True) == 1
            assert store.get(key) == rivals[won.index(True)]


def test_many_who_create_keys_of_their_own_all_win(store: Store) -> None:
    wanted = [f"own/{number:02d}" for number in range(4 * WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        assert all(pool.map(store.create, wanted, [key.encode() for key in wanted]))
    assert keys(store) == wanted
    assert [store.get(key) for key in wanted] == [key.encode() for key in wanted]


RACER = """
import sys
from headstart.store import open_store
uri, name, keys = sys.argv[1], sys.argv[2], int(sys.argv[3])
store = open_store(uri)
store.list("")
print("ready", flush=True)
sys.stdin.readline()
print(*(number for number in range(keys) if store.create(f"race/{number}", name.encode())))
"""


def test_of_two_processes_exactly_one_wins_each_key(shared_uri: str) -> None:
    count = 60
    racers = {
        name: subprocess.Popen(
            [sys.executable, "-c", RACER, shared_uri, name, str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "other")
    }
    for racer in racers.values():
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers.values():
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    won = {name: {int(number) for number in racer.communicate()[0].split()} for name, racer in racers.items()}
    assert won["one"] | won["other"] == set(range(count))
    assert won["one"] & won["other"] == set()
    store = open_store(shared_uri)
    for name, numbers in won.items():
        assert {store.get(f"race/{number}") for number in numbers} <= {name.encode()}


def test_a_reader_sees_a_whole_object_or_none(store: Store) -> None:
    whole = {letter.encode() * 300_000 for letter in "abc"}
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(lambda: [store.put("key", data) for _ in range(4) for data in sorted(whole)])
        seen: set[bytes | None] = set()
        while not writing.done():
            seen.add(store.get("key"))
        writing.result()
    assert seen <= whole | {None}


# ---------------------------------------------------------------- listing


def test_a_prefix_is_of_the_key_not_of_its_folders(store: Store) -> None:
    for key in ("a", "a-b", "ab/c", "abc", "b/a", "ä"):
        store.put(key, key.encode())
    store.put("A", b"")
    assert keys(store, "a") == ["a", "a-b", "ab/c", "abc"]
    assert keys(store, "ab") == ["ab/c", "abc"]
    assert keys(store, "ab/") == ["ab/c"]
    assert keys(store, "ab/c") == ["ab/c"]
    assert keys(store, "abcd") == []
    assert keys(store, "ab/c/") == []
    assert keys(store) == ["A", "a", "a-b", "ab/c", "abc", "b/a", "ä"]


def test_a_prefix_lists_what_is_below_at_any_depth(store: Store) -> None:
    for key in ("a/b", "a/c/d/e", "ab/c"):
        store.put(key, b"12")
    assert [(info.key, info.size) for info in store.list("a")] == [("a/b", 2), ("a/c/d/e", 2), ("ab/c", 2)]
    assert keys(store, "a/") == ["a/b", "a/c/d/e"]


def test_a_listing_is_in_the_order_of_the_keys(store: Store) -> None:
    wanted = sorted(["a.b", "a/b", "a0", "a/b.c", "a/b0", "a b", "ß", "z", "Z", "10", "9", "日", "😀", "\ufb01"])
    if store.uri.startswith("az:"):
        wanted.remove("😀")  # Azurite, which is JavaScript, orders by UTF-16; the registry's keys are ASCII
    for key in reversed(wanted):
        store.put(key, b"")
    assert keys(store) == wanted


def test_a_listing_goes_on_after_a_key(store: Store) -> None:
    for key in ("a/1", "a/2", "a/3", "a/30", "b/1"):
        store.put(key, b"")
    assert [info.key for info in store.list("a/", after="a/2")] == ["a/3", "a/30"]
    assert [info.key for info in store.list("a/", after="a/20")] == ["a/3", "a/30"]
    assert [info.key for info in store.list("a/", after="a/30")] == []
    assert [info.key for info in store.list("a/", after="A")] == ["a/1", "a/2", "a/3", "a/30"]


def test_a_listing_of_what_is_not_there_is_empty(store: Store) -> None:
    assert keys(store) == []
    assert keys(store, "nowhere/") == []


def test_a_listing_agrees_with_stat(store: Store) -> None:
    store.put("a/b", b"123")
    listed, info = next(store.list("a/")), store.stat("a/b")
    assert info is not None
    assert (listed.key, listed.size) == (info.key, info.size)
    assert abs(listed.modified - info.modified) <= 1  # HTTP's Last-Modified counts whole seconds


def test_objects_that_come_and_go_do_not_break_a_listing(store: Store) -> None:
    for number in range(20):
        store.put(f"a/{number:02d}", b"")
    listing = store.list("a/")
    assert next(listing).key == "a/00"
    for number in range(1, 20, 2):
        store.delete(f"a/{number:02d}")
    store.put("a/99", b"")
    seen = [info.key for info in listing]
    assert {f"a/{number:02d}" for number in range(2, 20, 2)} <= set(seen)
    assert seen == sorted(seen)


def test_writing_leaves_nothing_else_behind(store: Store, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"data")
    store.put("a", b"")
    store.create("b", b"")
    store.create("b", b"again")
    store.upload(tmp_path / "source", "c")
    assert keys(store) == ["a", "b", "c"]
    if isinstance(store, LocalStore):
        assert sorted(path.name for path in store.root.rglob("*") if path.is_file()) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "prefix", ["../", "a/../", "/", "/etc/", "a//", "./", "..", ".", "\0", "\ud800", "x" * 300 + "/"]
)
def test_a_prefix_that_no_key_can_have_lists_nothing_and_does_not_leave_the_store(store: Store, prefix: str) -> None:
    store.put("a/b", b"")
    try:
        assert keys(store, prefix) == []
    except StoreError:
        return


def test_a_listing_of_more_than_a_page_is_whole(bucket: str) -> None:
    store = open_store(f"{bucket}/paged")
    wanted = [f"k/{number:04d}" for number in range(1005)]
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(store.put, wanted, [b""] * len(wanted)))
    assert keys(store, "k/") == wanted


# ---------------------------------------------------------------- keys


NO_KEYS = ("", "/", "/abs", "a/", "a//b", "..", "../a", "a/..", "a/../b", ".", "./a", "a/.", "a/./b", "\\", "a\\..\\b")
NO_TEXT = ("a\0b", "a\nb", "\x1f", "a\n", "\ud800", "a/\udcff")
ODD_KEYS = (
    "a b",
    "a?b",
    "a#b",
    "a%20b",
    "a%2fb",
    "a+b",
    "a&b",
    "é",
    "e\u0301",
    "日本",
    "a*b",
    "[a]",
    "~a",
)
LOOK_ALIKES = (
    "a:b",
    ".hidden",
    "a/...",
    "a/..b/c",
    "\u2025/x",
    "\uff0e\uff0e/x",
    "\uff0f..",
    "\u2215",
    "-rf",
    "a ",
    "a~tx",
)


@pytest.mark.parametrize("key", [*NO_KEYS, *NO_TEXT])
def test_a_name_that_is_no_key_is_refused_by_every_operation(store: Store, tmp_path: Path, key: str) -> None:
    (tmp_path / "source").write_bytes(b"data")
    operations: list[Callable[[], object]] = [
        lambda: store.get(key),
        lambda: store.put(key, b""),
        lambda: store.create(key, b""),
        lambda: store.stat(key),
        lambda: store.delete(key),
        lambda: store.upload(tmp_path / "source", key),
        lambda: store.download(key, tmp_path / "target"),
    ]
    for operation in operations:
        with pytest.raises(StoreError) as caught:
            operation()
        assert caught.value.code == "store/bad-key"
    assert keys(store) == []


@pytest.mark.parametrize("key", [*ODD_KEYS, *LOOK_ALIKES])
def test_an_odd_key_is_a_key_like_any_other(store: Store, tmp_path: Path, key: str) -> None:
    store.put("other", b"other")
    assert store.create(key, b"one") is True
    assert store.create(key, b"two") is False
    assert store.get(key) == b"one"
    assert store.download(key, tmp_path / "target")
    store.upload(tmp_path / "target", key)
    assert sorted(keys(store)) == sorted([key, "other"])
    store.delete(key)
    assert keys(store) == ["other"]


SEGMENTS = st.text(st.characters(codec="utf-8", exclude_characters="/\\", min_codepoint=32), min_size=1, max_size=9)
KEYS = st.lists(SEGMENTS.filter(lambda each: each not in (".", "..")), min_size=1, max_size=4).map("/".join)


@given(KEYS)
def test_every_way_of_names_is_a_key(key: str) -> None:
    assert check_key(key) == key


@given(
    st.lists(st.sampled_from(["..", ".", "/", "//", "a", "\\", "\0", "\n", "\ud800", "~", " "]), max_size=7).map(
        "".join
    )
)
def test_whatever_is_a_key_stays_in_the_store(key: str) -> None:
    try:
        check_key(key)
    except StoreError:
        return
    assert os.path.normpath(f"/store/{key}") == f"/store/{key}"
    assert key.isprintable()


@given(st.dictionaries(KEYS, st.binary(max_size=4), max_size=6), KEYS)
def test_a_store_is_a_map_from_keys_to_bytes(objects: dict[str, bytes], prefix: str) -> None:
    store = MemoryStore()
    for key, data in objects.items():
        store.put(key, data)
    assert {key: store.get(key) for key in keys(store)} == objects
    assert keys(store, prefix[:2]) == sorted(key for key in objects if key.startswith(prefix[:2]))


def test_create_below_an_object_is_never_told_to_be_taken(store: Store) -> None:
    # A folder cannot hold both; "somebody else was first" would be a lie that a publisher acts upon.
    store.put("a", b"data")
    try:
        assert store.create("a/b", b"new") is True
    except StoreError:
        assert isinstance(store, LocalStore)
    assert store.get("a") == b"data"


# ---------------------------------------------------------------- failures


def test_a_file_that_cannot_be_uploaded_is_named(store: Store, tmp_path: Path) -> None:
    for source in (tmp_path / "missing", tmp_path):
        with pytest.raises((StoreError, OSError)) as caught:
            store.upload(source, "key")
        assert str(source) in str(caught.value)
    assert store.get("key") is None


def test_a_target_that_cannot_be_written_is_no_missing_object(store: Store, tmp_path: Path) -> None:
    store.put("key", b"data")
    for target in (tmp_path / "missing" / "target", tmp_path):
        with pytest.raises((StoreError, OSError)):
            store.download("key", target)


@pytest.mark.parametrize("scheme", ["ftp", "https", "gs", "s4"])
def test_an_unknown_scheme_is_refused_and_its_secret_not_shown(scheme: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_store(f"{scheme}://user:s3cr3t@host/x")
    assert caught.value.code == "store/bad-uri"
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.usefixtures("s3")
@pytest.mark.parametrize("uri", ["s3://user:s3cr3t@bucket", "s3://user:s3cr3t@bucket/prefix"])
def test_a_secret_in_the_address_of_a_bucket_is_not_shown(uri: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_store(uri).get("key")
    assert "s3cr3t" not in str(caught.value)


def operations_of(store: Store, folder: Path) -> dict[str, Callable[[], object]]:
    (folder / "source").write_bytes(b"data")
    return {
        "get": lambda: store.get("key"),
        "put": lambda: store.put("key", b"data"),
        "create": lambda: store.create("key", b"data"),
        "stat": lambda: store.stat("key"),
        "list": lambda: keys(store),
        "delete": lambda: store.delete("key"),
        "upload": lambda: store.upload(folder / "source", "key"),
        "download": lambda: store.download("key", folder / "target"),
    }


def outcome(operation: Callable[[], object]) -> object:
    try:
        return operation()
    except Exception as error:
        return error


@pytest.mark.usefixtures("s3")
@pytest.mark.parametrize("name", ["nowhere", "No Bucket!"])
def test_a_missing_bucket_is_told_by_every_operation(tmp_path: Path, name: str) -> None:
    store = open_store(f"s3://{name}/prefix")
    for operation in operations_of(store, tmp_path).values():
        error = outcome(operation)
        assert isinstance(error, StoreError)
        assert error.code == "store/unreachable"
        assert name in str(error)


def test_a_server_that_is_down_is_told_by_every_operation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with endpoint(UNREACHABLE):
        operations = operations_of(open_store("s3://bucket/prefix"), tmp_path)
        with ThreadPoolExecutor(len(operations)) as pool:  # each waits for its retries
            found = dict(zip(operations, pool.map(outcome, operations.values()), strict=True))
    for error in found.values():
        assert isinstance(error, StoreError)
        assert error.code == "store/unreachable"
        assert UNREACHABLE in error.problem
        assert "AWS_ENDPOINT_URL" in error.remedy
    assert not (tmp_path / "target").exists()


def test_what_the_server_forbids_is_told_by_every_operation(s3: S3Server, bucket: str, tmp_path: Path) -> None:
    with faulty_proxy(s3.endpoint, lambda request: "forbid") as address, endpoint(address):
        for operation in operations_of(open_store(bucket), tmp_path).values():
            error = outcome(operation)
            assert isinstance(error, StoreError)
            assert error.code == "store/unreachable"
            assert "credentials" in error.remedy
    assert keys(open_store(bucket)) == []


@pytest.fixture
def full(tmp_path: Path) -> Iterator[LocalStore]:
    with small_disk(tmp_path / "disk") as folder:
        yield LocalStore(folder)


def test_a_full_disk_is_told_and_keeps_no_part_of_an_object(full: LocalStore, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(bytes(2 * SIZE))
    full.put("there", b"before")
    for write in (
        lambda: full.put("key", bytes(2 * SIZE)),
        lambda: full.create("key", bytes(2 * SIZE)),
        lambda: full.upload(tmp_path / "source", "key"),
        lambda: full.put("there", bytes(2 * SIZE)),
    ):
        with pytest.raises(StoreError, match="No space left on device") as caught:
            write()
        assert "Free space" in caught.value.remedy
    assert full.get("key") is None
    assert full.get("there") == b"before"
    assert [path.name for path in full.root.rglob("*") if path.is_file()] == ["there"]
    assert full.create("key", b"small enough")


def test_a_folder_that_may_not_be_written_can_be_read(tmp_path: Path) -> None:
    with open_folder() as folder:
        LocalStore(folder).put("a/key", b"data")
        for path in (folder, folder / "a", folder / ".tmp"):
            path.chmod(0o555)
        store = LocalStore(folder)
        operations = operations_of(store, tmp_path)
        with unprivileged():
            assert store.get("a/key") == b"data"
            assert keys(store) == ["a/key"]
            for name in ("put", "create", "upload"):
                error = outcome(operations[name])
                assert isinstance(error, StoreError)
                assert "Permission denied" in error.problem
                assert str(folder) in error.where
            with pytest.raises(StoreError):
                store.delete("a/key")


def test_a_folder_that_may_not_be_read_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    with open_folder() as folder:
        store = LocalStore(folder)
        store.put("a/key", b"data")
        (folder / "a").chmod(0)
        with unprivileged():
            for read in (lambda: keys(store, "a/"), lambda: keys(store), lambda: store.get("a/key")):
                with pytest.raises(StoreError):
                    read()


def test_what_a_killed_writer_left_is_not_listed(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put("a", b"")
    (tmp_path / ".tmp" / uuid.uuid4().hex).write_bytes(b"half of it")
    for prefix in ("", ".", ".t", ".tmp", ".tmp/"):
        assert keys(store, prefix) in (["a"], [])


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="tells files from folders by /proc")
def test_a_write_is_synced_before_it_is_named_and_its_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What survives a power failure cannot be tested here; the order of the calls that it takes can.
    store, done = LocalStore(tmp_path), []
    for module, name in ((os, "fsync"), (os, "link"), (os, "replace")):
        plain = getattr(module, name)

        def spied(*arguments: object, _plain: Callable[..., object] = plain, _name: str = name) -> object:
            target = Path(f"/proc/self/fd/{arguments[0]}").readlink() if _name == "fsync" else None
            done.append(("fsync folder" if target.is_dir() else "fsync file") if target else _name)
            return _plain(*arguments)

        monkeypatch.setattr(module, name, spied)
    store.create("a/b/c", b"data")
    assert done[0] == "fsync file"
    assert done[done.index("link") + 1 :].count("fsync folder") >= 1
    # The folders a and a/b are new: without a sync of each one's parent they may be gone with what is in them.
    assert done.count("fsync folder") >= 3
