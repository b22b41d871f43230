"""The registry as its users see it: references, listings, and what is refused in which words."""

import json
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from headstart.blobs import Blobs
from headstart.digest import canonical_json
from headstart.errors import HeadstartError, IntegrityError, StoreError, UsageError
from headstart.registry import Registry
from headstart.stores.local import LocalStore
from headstart.stores.memory import MemoryStore
from tests.support.drafts import CONTENTS, bytes_of, draft
from tests.support.quick_folder import quick_folder
from tests.support.unprivileged import open_folder, unprivileged


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder


@pytest.fixture(autouse=True)
def _cold_cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No bytes of another test's store."""
    monkeypatch.setenv("HEADSTART_CACHE", str(folder / "cache"))


@pytest.fixture
def source(folder: Path) -> Blobs:
    return Blobs(LocalStore(folder / "workspace"))


@pytest.fixture(params=["memory", "local"])
def registry(request: pytest.FixtureRequest, folder: Path) -> Registry:
    return Registry(f"memory://{uuid.uuid4().hex}" if request.param == "memory" else folder / "registry")


@pytest.fixture
def filled(source: Blobs) -> Registry:
    """A registry with twelve versions of a model, one of another, and an alias."""
    registry = Registry(f"memory://{uuid.uuid4().hex}")
    for number in range(1, 13):
        registry.publish(draft(source, {"model": f"model {number}".encode()}), source, f"tx{number}")
    registry.publish(draft(source, name="intents-2"), source, "tx")
    registry.move("intents", "champion", 3, "better")
    return registry


# ---------------------------------------------------------------- references


@pytest.mark.parametrize(
    ("reference", "version"), [("intents", 12), ("intents@2", 2), ("intents@012", 12), ("intents@champion", 3)]
)
def test_a_reference_names_a_version(filled: Registry, reference: str, version: int) -> None:
    found = filled.resolve(reference)
    assert (found.name, found.version) == ("intents", version)
    assert bytes_of(filled.store, found) == {"model": f"model {version}".encode()}


def test_an_alias_follows_its_moves(filled: Registry) -> None:
    filled.move("intents", "champion", 5, "better still")
    assert filled.resolve("intents@champion").version == 5
    filled.move("intents", "champion", 3, "back")
    assert filled.resolve("intents@champion").version == 3
    assert [move.reason for move in filled.history("intents", "champion")] == ["back", "better still", "better"]


@pytest.mark.parametrize("reference", ["intents@13", "intents@0", "intents@loser", "intent", "intent@1", "intents-3@x"])
def test_what_is_not_there_is_told_with_what_is(filled: Registry, reference: str) -> None:
    with pytest.raises(UsageError) as caught:
        filled.resolve(reference)
    assert (caught.value.code, caught.value.where) == ("registry/not-found", filled.uri)
    assert "intents, intents-2" in caught.value.remedy
    assert "@loser" not in reference or "its aliases: champion" in caught.value.problem


def test_an_empty_registry_says_so(registry: Registry) -> None:
    assert (registry.models(), registry.versions("intents"), registry.latest("intents")) == ([], [], 0)
    assert registry.aliases("intents") == {}
    with pytest.raises(UsageError, match="Models there: none"):
        registry.resolve("intents")


NO_REFERENCES = (
    "",
    "@",
    "intents@",
    "@champion",
    "..@1",
    "../intents",
    "A",
    "a/b",
    "\u0456ntents",
    "intents\0",
    "x" * 64,
)
NO_SELECTORS = ("../x", "a@b", "-1", "1.0", " 1", "1 ", "Champion", "champion\n", "x" * 64)


@pytest.mark.parametrize("reference", [*NO_REFERENCES, *(f"intents@{selector}" for selector in NO_SELECTORS)])
def test_a_reference_that_is_none_is_refused(filled: Registry, reference: str) -> None:
    with pytest.raises(UsageError):
        filled.resolve(reference)


@pytest.mark.parametrize("number", ["\u0663", "\uff13", "\u0967"])
def test_a_digit_that_only_looks_like_one_is_no_version(filled: Registry, number: str) -> None:
    with pytest.raises(UsageError):
        filled.resolve(f"intents@{number}")


def test_a_version_of_five_thousand_digits_is_not_there(filled: Registry) -> None:
    with pytest.raises(HeadstartError):
        filled.resolve(f"intents@{'9' * 5000}")


def test_an_alias_that_is_a_number_cannot_hide_a_version(filled: Registry) -> None:
    try:
        filled.move("intents", "7", 3, "confusing")
    except UsageError:
        return
    assert filled.resolve("intents@7").version == 3


def test_an_alias_moves_only_to_a_version_that_is_there(filled: Registry) -> None:
    with pytest.raises(UsageError, match="has no version 13"):
        filled.move("intents", "champion", 13, "")
    assert filled.aliases("intents") == {"champion": 3}


def test_an_alias_of_a_version_that_was_deleted_is_told(filled: Registry) -> None:
    filled.store.delete("models/intents/versions/00000003.json")
    with pytest.raises(UsageError, match="has no version 3"):
        filled.resolve("intents@champion")


# ---------------------------------------------------------------- listings


def test_models_versions_and_aliases_are_listed_in_order(filled: Registry) -> None:
    filled.move("intents", "beta", 12, "")
    assert filled.models() == ["intents", "intents-2"]
    assert filled.versions("intents") == list(range(1, 13))
    assert filled.versions("intents-2") == [1]
    assert filled.versions("intent") == []
    assert filled.aliases("intents") == {"beta": 12, "champion": 3}
    assert filled.latest("intents") == 12


def test_a_second_registry_at_the_same_place_sees_the_same(filled: Registry) -> None:
    other = Registry(filled.uri)
    assert other.models() == filled.models()
    assert other.resolve("intents@champion") == filled.resolve("intents@champion")


@pytest.mark.parametrize("stray", ["models/.DS_Store", "models/x", "models/x/versions/.DS_Store", "notes.txt"])
def test_a_stray_object_is_no_model_and_breaks_no_listing(filled: Registry, stray: str) -> None:
    filled.store.put(stray, b"stray")
    assert filled.models() == ["intents", "intents-2"]
    for name in (*filled.models(), "x"):
        filled.versions(name)


def test_a_stray_object_among_the_versions_is_not_listed(filled: Registry) -> None:
    filled.store.put("models/intents/versions/.DS_Store", b"stray")
    assert filled.versions("intents") == list(range(1, 13))
    assert filled.resolve("intents").version == 12


# ---------------------------------------------------------------- bytes


def test_a_pulled_folder_holds_the_verified_files(registry: Registry, source: Blobs, tmp_path: Path) -> None:
    registry.publish(draft(source), source, "tx")
    version = registry.pull("intents", tmp_path / "out")
    assert version.version == 1
    assert {file.path: (tmp_path / "out" / file.path).read_bytes() for file in version.files} == CONTENTS


@pytest.mark.parametrize("damage", ["flip", "cut", "delete"])
def test_a_damaged_model_is_neither_pulled_nor_loaded(
    registry: Registry, source: Blobs, tmp_path: Path, damage: str
) -> None:
    version = registry.publish(draft(source), source, "tx")
    blob = version.files[1].blob
    data = CONTENTS["model.safetensors"]
    if damage == "delete":
        registry.store.delete(blob)
    else:
        registry.store.put(blob, data[:-1] if damage == "cut" else b"W" + data[1:])
    with pytest.raises(IntegrityError):
        registry.pull("intents", tmp_path / "out")
    with pytest.raises(IntegrityError), registry.blobs.checkout(version.files):
        pytest.fail("a damaged model was given")


def test_loading_without_the_engine_names_the_extra(
    registry: Registry, source: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.publish(draft(source), source, "tx")
    monkeypatch.delitem(sys.modules, "headstart.predictor", raising=False)
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(UsageError) as caught:
        registry.load("intents")
    assert caught.value.code == "install/extra"
    assert "headstart[engine]" in caught.value.remedy


# ---------------------------------------------------------------- damaged and foreign records


@pytest.mark.parametrize("record", [b"", b"{", b"{}", b"[]", b"null", b"\xff"])
def test_a_damaged_record_is_named(filled: Registry, record: bytes) -> None:
    filled.store.put("models/intents/versions/00000012.json", record)
    for reference in ("intents", "intents@12"):
        with pytest.raises(IntegrityError) as caught:
            filled.resolve(reference)
        assert caught.value.code == "integrity/record"
        assert caught.value.where == f"{filled.uri}/models/intents/versions/00000012.json"
    assert filled.resolve("intents@11").version == 11


@pytest.mark.parametrize("change", [{"format": 2}, {"signature": "x"}, {"version": "three"}, {"files": None}])
def test_a_record_of_another_format_is_refused(filled: Registry, change: dict[str, object]) -> None:
    record = filled.get("intents", 3).said() | change
    filled.store.put("models/intents/versions/00000003.json", canonical_json(record))
    with pytest.raises(IntegrityError, match="newer Headstart"):
        filled.get("intents", 3)


@pytest.mark.parametrize("path", ["../../etc/cron.d/x", "/etc/passwd", "a/../../b"])
def test_a_record_whose_files_would_leave_their_folder_is_refused(filled: Registry, path: str) -> None:
    record = filled.get("intents", 3).said()
    record["files"][0]["path"] = path
    filled.store.put("models/intents/versions/00000003.json", canonical_json(record))
    with pytest.raises(IntegrityError):
        filled.get("intents", 3)


@pytest.mark.parametrize("key", ["models/intents/versions/00000004.json", "models/other/versions/00000003.json"])
def test_a_record_at_another_versions_place_is_refused(filled: Registry, key: str) -> None:
    filled.store.put(key, filled.store.get("models/intents/versions/00000003.json") or b"")
    with pytest.raises(IntegrityError):
        filled.resolve("intents@4" if "intents" in key else "other@3")


def test_a_file_kept_outside_the_store_is_not_read(filled: Registry, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"model 3")
    record = filled.get("intents", 3).said()
    record["files"][0]["key"] = "../secret"
    filled.store.put("models/intents/versions/00000003.json", canonical_json(record))
    with pytest.raises(HeadstartError):
        filled.pull("intents@3", tmp_path / "out")
    assert not (tmp_path / "out" / "model").exists()


# ---------------------------------------------------------------- the registry itself


def test_the_first_publication_records_the_format_and_the_probe(registry: Registry, source: Blobs) -> None:
    registry.publish(draft(source), source, "tx")
    assert json.loads(registry.store.get("registry.json") or b"") == {
        "format": 1,
        "probe": {"writers": 16, "rounds": 3},
    }


def test_the_store_is_probed_once(registry: Registry, source: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    registry.publish(draft(source), source, "tx1")
    monkeypatch.setattr("headstart.registry.probe.WRITERS", 0)  # would be refused: no writer could win
    assert registry.publish(draft(source), source, "tx2").version == 2


def test_a_registry_of_a_newer_format_is_left_alone(registry: Registry, source: Blobs) -> None:
    registry.store.put("registry.json", b'{"format": 2}')
    with pytest.raises(IntegrityError, match="newer Headstart"):
        registry.publish(draft(source), source, "tx")
    assert [info.key for info in registry.store.list("")] == ["registry.json"]


@pytest.mark.parametrize("record", [b"", b"{", b"{}", b"[]", b"1", b"\xff"])
def test_a_damaged_registry_record_is_an_error_of_ours(registry: Registry, source: Blobs, record: bytes) -> None:
    registry.store.put("registry.json", record)
    with pytest.raises(IntegrityError) as caught:
        registry.publish(draft(source), source, "tx")
    assert caught.value.where == f"{registry.uri}/registry.json"


def test_a_store_that_lies_gets_no_registry(source: Blobs) -> None:
    class Overwriting(MemoryStore):
        def create(self, key: str, data: bytes) -> bool:
            self.put(key, data)
            return True

    registry = Registry("memory://")
    registry.store = Overwriting()
    registry.blobs = Blobs(registry.store)
    with pytest.raises(StoreError) as caught:
        registry.publish(draft(source), source, "tx")
    assert caught.value.code == "store/unsupported"
    assert list(registry.store.list("")) == []


def test_a_registry_comes_into_being_with_the_first_publication(tmp_path: Path) -> None:
    assert Registry(tmp_path / "registry").models() == []
    assert not (tmp_path / "registry").exists()


# ---------------------------------------------------------------- who may do what


def test_a_reader_needs_no_right_to_write(source: Blobs) -> None:
    with open_folder() as folder:
        folder.chmod(0o755)
        Registry(folder).publish(draft(source), source, "tx")
        Registry(folder).move("intents", "champion", 1, "")
        for path in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
            path.chmod(0o555)
        with unprivileged():
            registry = Registry(folder)
            assert registry.models() == ["intents"]
            assert bytes_of(registry.store, registry.resolve("intents@champion")) == CONTENTS


def test_who_may_not_write_is_told_where(source: Blobs) -> None:
    with open_folder() as folder:
        Registry(folder).publish(draft(source), source, "tx")
        for path in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
            path.chmod(0o555)
        with unprivileged(), pytest.raises(StoreError, match="Permission denied") as caught:
            Registry(folder).move("intents", "champion", 1, "")
        assert str(folder) in caught.value.where
        assert Registry(folder).aliases("intents") == {}


def test_a_registry_that_may_not_be_read_is_not_taken_for_an_empty_one(source: Blobs) -> None:
    with open_folder() as folder:
        Registry(folder).publish(draft(source), source, "tx")
        (folder / "models" / "intents" / "versions").chmod(0)
        with unprivileged(), pytest.raises(StoreError):
            Registry(folder).versions("intents")
