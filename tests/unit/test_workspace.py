"""The workspace: values by digest, finished steps by key, and nothing damaged is believed."""

import json
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from headstart.digest import canonical_json, sha256
from headstart.errors import HeadstartError, IntegrityError, StoreError
from headstart.store import Store
from headstart.stores.local import LocalStore
from headstart.stores.memory import MemoryStore
from headstart.values import Value
from headstart.workspace import Receipt, Workspace, step_key


class Inner(BaseModel):
    weights: tuple[float, ...] = ()


class Thing(Value):
    kind: ClassVar[str] = "thing"
    text: str
    inner: Inner = Inner()


RECEIPT = Receipt(
    step="learn",
    kind="thing",
    digest="d" * 64,
    inputs=("a", "b"),
    seconds=1.5,
    finished="2026-11-01T00:00:00+00:00",
    version="0.1.0",
)


@pytest.fixture(params=["memory", "local"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Workspace:
    store: Store = MemoryStore() if request.param == "memory" else LocalStore(tmp_path)
    return Workspace(store)


def test_a_value_is_found_by_its_digest(workspace: Workspace) -> None:
    thing = Thing(text="π", inner=Inner(weights=(0.1, 2.0)))
    workspace.save(thing)
    assert workspace.load(Thing, thing.digest) == thing
    assert workspace.load(Thing, thing.digest).digest == thing.digest


@given(st.text(st.characters(codec="utf-8")), st.lists(st.floats(allow_nan=False, allow_infinity=False)).map(tuple))
def test_a_value_keeps_its_digest_through_the_workspace(text: str, weights: tuple[float, ...]) -> None:
    workspace = Workspace(MemoryStore())
    thing = Thing(text=text, inner=Inner(weights=weights))
    workspace.save(thing)
    assert workspace.load(Thing, thing.digest).digest == thing.digest


def test_equal_values_have_equal_digests_and_different_ones_differ() -> None:
    assert Thing(text="a").digest == Thing(inner=Inner(), text="a").digest
    assert Thing(text="a").digest != Thing(text="b").digest


def test_saving_a_value_again_changes_nothing(workspace: Workspace) -> None:
    workspace.save(Thing(text="a"))
    workspace.save(Thing(text="a"))
    assert len(list(workspace.store.list("values/"))) == 1


def test_a_value_that_is_not_there_is_named_with_a_remedy(workspace: Workspace) -> None:
    with pytest.raises(IntegrityError) as caught:
        workspace.load(Thing, "0" * 64)
    assert caught.value.problem == "no thing 000000000000."
    assert caught.value.remedy == "Run the step that makes it."
    assert caught.value.where == f"{workspace.uri}/values/thing/{'0' * 64}.json"


@pytest.mark.parametrize("damaged", [b"", b"{}", b"not json", b'{"text":"b","inner":{"weights":[]}}', b"\xff"])
def test_a_damaged_value_is_not_loaded(workspace: Workspace, damaged: bytes) -> None:
    thing = Thing(text="a")
    workspace.store.put(f"values/thing/{thing.digest}.json", damaged)
    with pytest.raises(IntegrityError) as caught:
        workspace.load(Thing, thing.digest)
    assert caught.value.code == "integrity/digest"


@pytest.mark.parametrize("said", [{"text": "a", "added": 1}, {"title": "a"}, [], {"text": 3}])
def test_an_undamaged_record_of_another_headstart_is_an_error_of_ours(workspace: Workspace, said: object) -> None:
    data = canonical_json(said)
    workspace.store.put(f"values/thing/{sha256(data)}.json", data)
    with pytest.raises(IntegrityError) as caught:
        workspace.load(Thing, sha256(data))
    assert caught.value.code == "integrity/record"


@pytest.mark.parametrize("digest", ["../../secret", "", "a/../b", "x\0"])
def test_a_digest_that_is_a_path_reads_nothing(tmp_path: Path, digest: str) -> None:
    (tmp_path / "secret.json").write_text("{}")
    with pytest.raises((StoreError, IntegrityError)):
        Workspace(LocalStore(tmp_path / "work")).load(Thing, digest)


def test_a_receipt_is_found_again(workspace: Workspace) -> None:
    assert workspace.receipt("learn", "key") is None
    assert workspace.commit("learn", "key", RECEIPT) == RECEIPT
    assert workspace.receipt("learn", "key") == RECEIPT
    assert workspace.receipt("learn", "other") is None


def test_the_first_receipt_counts(workspace: Workspace) -> None:
    later = RECEIPT.model_copy(update={"digest": "e" * 64})
    workspace.commit("learn", "key", RECEIPT)
    assert workspace.commit("learn", "key", later) == RECEIPT
    assert workspace.receipt("learn", "key") == RECEIPT


def test_a_receipt_can_be_replaced(workspace: Workspace) -> None:
    later = RECEIPT.model_copy(update={"digest": "e" * 64})
    workspace.commit("learn", "key", RECEIPT)
    assert workspace.replace("learn", "key", later) == later
    assert workspace.receipt("learn", "key") == later


@pytest.mark.parametrize("damaged", [b"", b"{}", b"[", b"\xff\xfe", b'{"step": "learn"}'])
def test_a_damaged_receipt_is_named_with_a_remedy(workspace: Workspace, damaged: bytes) -> None:
    workspace.store.put("steps/learn/key.json", damaged)
    with pytest.raises(IntegrityError) as caught:
        workspace.receipt("learn", "key")
    assert caught.value.where == f"{workspace.uri}/steps/learn/key.json"
    assert caught.value.remedy == "Delete it to have the step run again."


def test_a_receipt_of_a_newer_headstart_is_refused(workspace: Workspace) -> None:
    newer = RECEIPT.model_dump(mode="json") | {"machine": "gpu"}
    workspace.store.put("steps/learn/key.json", canonical_json(newer))
    with pytest.raises(HeadstartError):
        workspace.receipt("learn", "key")


def test_a_step_key_tells_apart_all_that_decides_the_result() -> None:
    keys = {
        step_key("learn", ["a", "b"], "code"),
        step_key("learn", ["b", "a"], "code"),
        step_key("learn", ["ab"], "code"),
        step_key("learn", ["a", "b"], "other"),
        step_key("forget", ["a", "b"], "code"),
        step_key("learn", ["a"], "b"),
    }
    assert len(keys) == 6
    assert step_key("learn", ("a", "b"), "code") in keys


def test_a_workspace_comes_into_being_with_the_first_write(tmp_path: Path) -> None:
    workspace = Workspace.open(str(tmp_path / "work"))
    assert workspace.receipt("learn", "key") is None
    assert not (tmp_path / "work").exists()
    workspace.save(Thing(text="a"))
    assert Workspace.open(str(tmp_path / "work")).load(Thing, Thing(text="a").digest).text == "a"


def test_records_are_canonical_json(workspace: Workspace) -> None:
    workspace.save(Thing(text="π"))
    data = workspace.store.get(f"values/thing/{Thing(text='π').digest}.json")
    assert data is not None
    assert data == canonical_json(json.loads(data))
