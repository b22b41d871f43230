"""A registry that the first Headstart wrote is read, published to and collected as any other."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from headstart.blobs import Blobs, blob_key
from headstart.digest import sha256
from headstart.registry import Registry, catalog
from headstart.stores.memory import MemoryStore
from tests.support.drafts import CONTENTS, bytes_of, draft
from tests.support.quick_folder import quick_folder

WRITTEN = Path(__file__).parents[2] / "fixtures" / "registry-format-1"


@pytest.fixture
def registry() -> Iterator[Registry]:
    with quick_folder() as folder:
        shutil.copytree(WRITTEN, folder / "registry")
        yield Registry(folder / "registry")


def test_it_is_read_as_it_is(registry: Registry) -> None:
    assert {name: held.versions for name, held in registry.catalog().items()} == {"intents": [1, 2], "topics": [1]}
    champion = registry.resolve("intents@champion")
    assert champion.version == 2
    assert bytes_of(registry.store, champion) == {**CONTENTS, "onnx/head.safetensors": b"another head"}
    assert [(move.version, move.by) for move in registry.history("intents", "champion")] == [(2, "ada"), (1, "ada")]
    assert registry.verify().findings == ()


def test_a_publication_that_the_first_headstart_made_is_found_again(registry: Registry) -> None:
    source = Blobs(MemoryStore())
    assert registry.publish(draft(source), source, "tx1", after=0).version == 1


def test_the_next_version_and_the_catalog_go_on_from_there(registry: Registry) -> None:
    source = Blobs(MemoryStore())
    assert registry.publish(draft(source, {"model": b"new"}), source, "tx4").version == 3
    catalog.snapshot(registry.store)
    assert registry.versions("intents") == [1, 2, 3]
    for name in ("intents", "topics"):
        registry.delete(name, [1], "")
    assert registry.collect(0, apply=True).blobs == (blob_key(sha256(CONTENTS["onnx/head.safetensors"])),)
    assert registry.verify().findings == ()
