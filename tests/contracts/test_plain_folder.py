"""A version's plain folder, as those read it who know no registry."""

from pathlib import Path

import pytest

from headstart.adapters.s3 import file_system
from headstart.blobs import Blobs
from headstart.registry import Registry
from headstart.stores.memory import MemoryStore
from tests.support.drafts import draft


@pytest.fixture
def files(tiny_backbone: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in tiny_backbone.iterdir() if path.is_file()}


def test_from_pretrained_loads_it_from_a_local_registry(
    files: dict[str, bytes], tiny_backbone: Path, tmp_path: Path
) -> None:
    from transformers import AutoModel, AutoTokenizer

    registry, source = Registry(tmp_path), Blobs(MemoryStore())
    registry.publish(draft(source, files), source, "tx")
    folder = registry.folder("intents")
    published, there = (AutoModel.from_pretrained(each).state_dict() for each in (tiny_backbone, folder))
    assert {name: tensor.tolist() for name, tensor in published.items()} == {
        name: tensor.tolist() for name, tensor in there.items()
    }
    assert AutoTokenizer.from_pretrained(folder)("a parcel")["input_ids"]


def test_a_copy_of_the_prefix_is_the_model_as_kserve_fetches_it(
    files: dict[str, bytes], bucket: str, tmp_path: Path
) -> None:
    registry, source = Registry(f"{bucket}/models"), Blobs(MemoryStore())
    registry.publish(draft(source, files), source, "tx")
    uri = registry.folder("intents")
    file_system().get(uri, str(tmp_path / "model"), recursive=True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()} == files
