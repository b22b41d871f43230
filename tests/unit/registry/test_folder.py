"""A version as a plain folder in the store: what KServe and from_pretrained are given, without knowing a registry."""

import uuid
from pathlib import Path

import pytest

from headstart.blobs import Blobs
from headstart.errors import IntegrityError
from headstart.registry import Registry
from headstart.stores.local import LocalStore
from headstart.stores.memory import MemoryStore
from tests.support.drafts import CONTENTS, draft


@pytest.fixture(params=["memory", "local"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Registry:
    registry = Registry(f"memory://{uuid.uuid4().hex}" if request.param == "memory" else tmp_path / "registry")
    source = Blobs(MemoryStore())
    registry.publish(draft(source), source, "tx")
    return registry


def test_the_folder_holds_the_files_under_their_own_names(registry: Registry) -> None:
    uri = registry.folder("intents@1")
    assert uri == f"{registry.uri}/serve/intents/00000001"
    prefix = "serve/intents/00000001/"
    found = {info.key.removeprefix(prefix): registry.store.get(info.key) for info in registry.store.list(prefix)}
    assert found == CONTENTS


def test_it_can_be_deleted_and_laid_out_again_and_the_version_stays(registry: Registry) -> None:
    registry.folder("intents@1")
    for info in list(registry.store.list("serve/")):
        registry.store.delete(info.key)
    assert registry.verify().findings == ()
    registry.folder("intents@1")
    registry.store.put("serve/intents/00000001/config.json", b"cut")
    registry.folder("intents@1")
    assert registry.store.get("serve/intents/00000001/config.json") == CONTENTS["config.json"]


def test_a_missing_blob_is_told(registry: Registry) -> None:
    registry.store.delete(registry.get("intents", 1).files[0].blob)
    with pytest.raises(IntegrityError):
        registry.folder("intents@1")


def test_on_a_local_disk_it_takes_no_space(tmp_path: Path) -> None:
    registry, source = Registry(tmp_path), Blobs(MemoryStore())
    version = registry.publish(draft(source), source, "tx")
    folder = Path(registry.folder("intents"))
    assert isinstance(registry.store, LocalStore)
    for file in version.files:
        assert (folder / file.path).samefile(tmp_path / file.blob)
