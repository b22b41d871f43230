"""Publishing: a version is whole or invisible, is published once, and never changes."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from headstart.blobs import Blobs, File, blob_key
from headstart.digest import canonical_json
from headstart.errors import HeadstartError, IntegrityError, StoreError, UsageError
from headstart.registry import Version, leases, publish
from headstart.registry.numbers import latest
from headstart.registry.publish import publish as publish_once
from headstart.store import Store
from headstart.stores.local import LocalStore
from headstart.stores.memory import MemoryStore
from tests.support.drafts import CONTENTS, bytes_of, draft
from tests.support.quick_folder import quick_folder
from tests.support.wrapped_store import InterruptedStore, LoggedStore

FIRST = "models/intents/versions/00000001.json"


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder


@pytest.fixture(params=["memory", "local"])
def store(request: pytest.FixtureRequest, folder: Path) -> Store:
    return MemoryStore() if request.param == "memory" else LocalStore(folder / "registry")


@pytest.fixture
def source(folder: Path) -> Blobs:
    """Where the files of drafts are: another store than the registry's."""
    return Blobs(LocalStore(folder / "workspace"))


def keys(store: Store, prefix: str = "") -> list[str]:
    return [info.key for info in store.list(prefix)]


# ---------------------------------------------------------------- what is published


def test_versions_are_numbered_from_one_without_gaps(store: Store, source: Blobs) -> None:
    for number in range(1, 13):
        assert publish_once(store, draft(source), source, f"tx{number}", 0).version == number
        assert latest(store, "intents") == number


def test_a_version_says_what_its_draft_said(store: Store, source: Blobs) -> None:
    brought = draft(source)
    version = publish_once(store, brought, source, "tx", 0)
    said = version.said()
    assert {key: said[key] for key in brought.model_dump(mode="json")} == brought.model_dump(mode="json")
    assert (version.format, version.tx, version.created[-6:]) == (1, "tx", "+00:00")
    assert bytes_of(store, version) == CONTENTS


def test_the_record_in_the_store_is_the_version(store: Store, source: Blobs) -> None:
    version = publish_once(store, draft(source), source, "tx", 0)
    data = store.get(FIRST)
    assert data == canonical_json(version.said())
    assert data is not None
    assert Version.model_validate_json(data) == version


def test_a_second_model_counts_for_itself(store: Store, source: Blobs) -> None:
    for name in ("intents", "intents-2", "intent"):
        assert publish_once(store, draft(source, name=name), source, f"tx-{name}", 0).version == 1


def test_a_later_version_leaves_the_earlier_as_it_was(store: Store, source: Blobs) -> None:
    first = publish_once(store, draft(source), source, "tx1", 0)
    before = store.get(FIRST)
    publish_once(store, draft(source, {"model.safetensors": b"other"}), source, "tx2", 0)
    assert store.get(FIRST) == before
    assert bytes_of(store, first) == CONTENTS


def test_bytes_that_are_there_are_not_uploaded_again(source: Blobs) -> None:
    store = LoggedStore(MemoryStore())
    publish_once(store, draft(source), source, "tx1", 0)
    publish_once(store, draft(source, {**CONTENTS, "head": b"new"}), source, "tx2", 0)
    assert len(store.done("upload")) == len(CONTENTS) + 1


def test_nothing_is_left_behind(store: Store, source: Blobs) -> None:
    publish_once(store, draft(source), source, "tx", 0)
    assert keys(store, "leases/") == []
    assert keys(store, "gc/") == []
    assert [key for key in keys(store) if not key.startswith("blobs/")] == [
        "catalog/changes/intents/tx",
        "models/intents/published/tx",
        FIRST,
    ]


# ---------------------------------------------------------------- the order of writes


def test_the_record_is_created_after_all_the_data(source: Blobs) -> None:
    plain, brought = MemoryStore(), draft(source)

    def look() -> None:
        assert all(plain.get(file.blob) for file in brought.files)
        assert latest(plain, "intents") == 0
        assert keys(plain, "leases/") == ["leases/tx.json"]

    publish_once(InterruptedStore(plain, "create", "models/", look), brought, source, "tx", 0)
    assert latest(plain, "intents") == 1


def test_the_lease_comes_before_the_look_at_what_is_condemned_and_that_before_any_blob(source: Blobs) -> None:
    store = LoggedStore(MemoryStore())
    publish_once(store, draft(source), source, "tx", 0)
    order = [
        store.log.index(("create", "leases/tx.json")),
        store.log.index(("list", "gc/condemned/")),
        min(store.log.index(("stat", key)) for key in store.done("stat", "blobs/")),
        max(store.log.index(("upload", key)) for key in store.done("upload", "blobs/")),
        store.log.index(("create", FIRST)),
        store.log.index(("delete", "leases/tx.json")),
    ]
    assert order == sorted(order)


def test_the_lease_names_every_digest(source: Blobs) -> None:
    plain = MemoryStore()
    leased: list[object] = []
    store = InterruptedStore(
        plain, "upload", "blobs/", lambda: leased.append(json.loads(plain.get("leases/tx.json") or b""))
    )
    brought = draft(source)
    publish_once(store, brought, source, "tx", 0)
    (said,) = leased
    assert isinstance(said, dict)
    assert (said["tx"], said["model"], said["after"]) == ("tx", "intents", 0)
    assert said["digests"] == sorted({file.sha256 for file in brought.files})


def test_a_version_is_committed_by_one_conditional_write_only(source: Blobs) -> None:
    store = LoggedStore(MemoryStore())
    publish_once(store, draft(source), source, "tx", 0)
    assert store.done("create", "models/") == [FIRST]
    assert store.done("put", "models/intents/versions/") == []


# ---------------------------------------------------------------- what a collector may be about to delete


def test_a_condemned_blob_is_brought_anew_under_a_name_of_its_own(store: Store, source: Blobs) -> None:
    publish_once(store, draft(source), source, "tx1", 0)
    condemned = [file.blob for file in draft(source).files]
    store.put("gc/condemned/run.json", canonical_json(condemned))
    version = publish_once(store, draft(source), source, "tx2", 0)
    assert sorted(file.blob for file in version.files) == sorted(f"{key}~tx2" for key in condemned)
    for key in condemned:
        store.delete(key)
    assert bytes_of(store, version) == CONTENTS


def test_a_blob_that_a_version_had_aside_may_be_published_from_there(store: Store, source: Blobs) -> None:
    store.put("gc/condemned/run.json", canonical_json([file.blob for file in draft(source).files]))
    aside = publish_once(store, draft(source), source, "tx1", 0)
    store.delete("gc/condemned/run.json")
    again = draft(source).model_copy(update={"files": aside.files})
    version = publish_once(store, again, Blobs(store), "tx2", 0)
    assert [file.blob for file in version.files] == [blob_key(file.sha256) for file in aside.files]
    assert bytes_of(store, version) == CONTENTS


@pytest.mark.parametrize("record", [b"", b"not json", b"{}", b"3", b'{"keys": []}', b"[1]"])
def test_a_damaged_list_of_condemned_blobs_stops_publishing(store: Store, source: Blobs, record: bytes) -> None:
    store.put("gc/condemned/run.json", record)
    with pytest.raises(IntegrityError) as caught:
        publish_once(store, draft(source), source, "tx", 0)
    assert "gc/condemned/run.json" in caught.value.where
    assert latest(store, "intents") == 0


# ---------------------------------------------------------------- once


def test_the_same_publication_again_finds_its_version(store: Store, source: Blobs) -> None:
    first = publish_once(store, draft(source), source, "tx", 0)
    assert publish_once(store, draft(source), source, "tx", 0) == first
    assert keys(store, "models/intents/versions/") == [FIRST]


def test_it_is_found_among_later_versions_of_others(store: Store, source: Blobs) -> None:
    publish_once(store, draft(source), source, "before", 0)
    mine = publish_once(store, draft(source), source, "mine", 1)
    publish_once(store, draft(source), source, "after", 0)
    assert publish_once(store, draft(source), source, "mine", 1) == mine
    assert latest(store, "intents") == 3


def test_a_twin_that_was_first_while_we_uploaded_is_found(source: Blobs) -> None:
    # A pod that was thought dead and its successor publish the same: still one version.
    plain = MemoryStore()
    store = InterruptedStore(plain, "upload", "blobs/", lambda: publish_once(plain, draft(source), source, "tx", 0))
    version = publish_once(store, draft(source), source, "tx", 0)
    assert keys(plain, "models/intents/versions/") == [FIRST]
    assert version.version == 1


def test_a_twin_that_was_first_at_the_last_moment_is_found(source: Blobs) -> None:
    plain, ours = MemoryStore(), draft(source)
    twins = ours.model_copy(update={"labels": ("a", "b")})  # else the two records could be equal to the byte
    store = InterruptedStore(plain, "create", "models/", lambda: publish_once(plain, twins, source, "tx", 0))
    version = publish_once(store, ours, source, "tx", 0)
    assert keys(plain, "models/intents/versions/") == [FIRST]
    assert (version.version, version.labels) == (1, ("a", "b"))


def test_a_twin_that_was_first_before_somebody_else_is_found(source: Blobs) -> None:
    plain = MemoryStore()

    def others() -> None:
        publish_once(plain, draft(source), source, "tx", 0)
        publish_once(plain, draft(source), source, "another", 0)

    version = publish_once(InterruptedStore(plain, "upload", "blobs/", others), draft(source), source, "tx", 0)
    assert len(keys(plain, "models/intents/versions/")) == 2
    assert version.version == 1


def test_a_number_that_another_took_at_the_last_moment_is_left_to_them(source: Blobs) -> None:
    plain = MemoryStore()
    rival = draft(source, {"a": b"rival"})
    store = InterruptedStore(plain, "create", "models/", lambda: publish_once(plain, rival, source, "rival", 0))
    version = publish_once(store, draft(source), source, "tx", 0)
    assert version.version == 2
    assert Version.model_validate_json(plain.get(FIRST) or b"").tx == "rival"
    assert bytes_of(plain, version) == CONTENTS


def test_numbers_of_versions_that_were_deleted_are_not_given_again(store: Store, source: Blobs) -> None:
    publish_once(store, draft(source), source, "tx1", 0)
    store.delete(FIRST)
    assert publish_once(store, draft(source), source, "tx2", 1).version == 2


def test_many_publishers_at_once_get_numbers_of_their_own_and_their_own_bytes(source: Blobs, store: Store) -> None:
    drafts = {f"tx{number}": draft(source, {"model": f"model {number}".encode()}) for number in range(16)}
    with ThreadPoolExecutor(16) as pool:
        versions = list(pool.map(lambda tx: publish_once(store, drafts[tx], source, tx, 0), drafts))
    assert sorted(version.version for version in versions) == list(range(1, 17))
    for number, version in enumerate(versions):
        assert bytes_of(store, version) == {"model": f"model {number}".encode()}


def test_after_too_many_lost_races_the_publisher_gives_up(source: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    class Unlucky(MemoryStore):
        def create(self, key: str, data: bytes) -> bool:
            super().create(key, canonical_json(json.loads(data) | {"tx": "another"}))
            return False

    monkeypatch.setattr(publish, "_ATTEMPTS", 5)
    with pytest.raises(HeadstartError) as caught:
        publish_once(Unlucky(), draft(source), source, "tx", 0)
    assert caught.value.code == "registry/contended"


# ---------------------------------------------------------------- what must not be published


def invisible(store: Store, publishing: Callable[[], object], kind: type[HeadstartError]) -> HeadstartError:
    with pytest.raises(kind) as caught:
        publishing()
    assert keys(store, "models/") == []
    return caught.value


def test_a_draft_whose_file_is_damaged_is_not_published(store: Store, source: Blobs) -> None:
    brought = draft(source)
    source.store.put(brought.files[1].blob, b"W" + CONTENTS["model.safetensors"][1:])
    error = invisible(store, lambda: publish_once(store, brought, source, "tx", 0), IntegrityError)
    assert brought.files[1].blob in error.where


def test_a_draft_whose_file_is_missing_is_not_published(store: Store, source: Blobs) -> None:
    brought = draft(source)
    source.store.delete(brought.files[2].blob)
    invisible(store, lambda: publish_once(store, brought, source, "tx", 0), IntegrityError)


def test_a_draft_with_two_files_of_one_name_is_not_published(store: Store, source: Blobs) -> None:
    brought = draft(source)
    twice = (source.add_bytes(b"one", "a"), source.add_bytes(b"other", "a"))
    with pytest.raises((HeadstartError, ValueError)):
        publish_once(store, type(brought).model_validate(brought.model_dump() | {"files": twice}), source, "tx", 0)
    assert keys(store, "models/") == []


@pytest.mark.parametrize("name", ["", "..", "../x", "A", "a/b", "\u0430", "a\n", "x" * 64])
def test_a_model_of_no_safe_name_is_not_published_and_nothing_is_written(
    store: Store, source: Blobs, name: str
) -> None:
    invisible(store, lambda: publish_once(store, draft(source, name=name), source, "tx", 0), UsageError)
    assert keys(store) == []


@pytest.mark.parametrize("tx", ["../../x", "a/../../b", "/etc/x", "a\0"])
def test_a_nonce_that_is_a_path_writes_nothing(store: Store, source: Blobs, tx: str) -> None:
    invisible(store, lambda: publish_once(store, draft(source), source, tx, 0), StoreError)
    assert keys(store) == []


def test_a_publisher_that_outlived_half_of_its_lease_commits_nothing(
    store: Store, source: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "SECONDS", -1)
    error = invisible(store, lambda: publish_once(store, draft(source), source, "tx", 0), IntegrityError)
    assert "lease" in error.problem


class Collected(MemoryStore):
    """A collector that does not look at leases deletes a blob right before the commit."""

    def create(self, key: str, data: bytes) -> bool:
        if key.startswith("models/"):
            self.delete(File.model_validate(json.loads(data)["files"][1]).blob)
        return super().create(key, data)


def test_a_blob_that_vanished_while_publishing_is_brought_back(source: Blobs) -> None:
    store = Collected()
    assert bytes_of(store, publish_once(store, draft(source), source, "tx", 0)) == CONTENTS


# ---------------------------------------------------------------- damaged and foreign records


def test_versions_up_to_the_one_before_are_not_looked_at_again(store: Store, source: Blobs) -> None:
    publish_once(store, draft(source), source, "tx1", 0)
    store.put(FIRST, b"damaged")
    assert publish_once(store, draft(source), source, "tx2", 1).version == 2


@pytest.mark.parametrize("record", [b"", b"{", b"{}", b'{"format": 2}', b"\xff"])
def test_a_record_that_cannot_be_read_stops_the_search_for_ours(store: Store, source: Blobs, record: bytes) -> None:
    store.put(FIRST, record)
    with pytest.raises(IntegrityError) as caught:
        publish_once(store, draft(source), source, "tx", 0)
    assert caught.value.where == f"{store.uri}/{FIRST}"
    assert "newer Headstart" in caught.value.remedy


@pytest.mark.parametrize("name", [".DS_Store", "README.md", "00000001.json.bak", "notes/1.json", "x.json"])
def test_a_stray_object_among_the_versions_is_no_version(store: Store, source: Blobs, name: str) -> None:
    publish_once(store, draft(source), source, "tx1", 0)
    store.put(f"models/intents/versions/{name}", b"stray")
    assert latest(store, "intents") == 1
    assert publish_once(store, draft(source), source, "tx2", 0).version == 2
