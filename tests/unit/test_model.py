"""A model folder: what transformers loads from it, what Headstart answers from it."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from headstart.backbone import Backbone, ingest
from headstart.backbone_source import locate
from headstart.compute import InlineCompute
from headstart.context import Context
from headstart.errors import HeadstartError, IntegrityError, UsageError
from headstart.evaluation.novelty import Landmarks
from headstart.evaluation.scaling import Scaling
from headstart.heads import FAMILIES
from headstart.heads.fitted import outputs
from headstart.model import MANIFEST, Manifest, assemble, calibrated, read_manifest
from headstart.predictor import Predictor
from headstart.views import View
from headstart.workspace import Workspace
from tests.support import tiny
from tests.support.evidence import CALIBRATION, evidence
from tests.support.rows import rows_of
from tests.unit.heads.test_heads import blobs


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.open(str(tmp_path / "work"))


@pytest.fixture
def backbone(workspace: Workspace, tiny_backbone: Path) -> Backbone:
    return ingest(locate(str(tiny_backbone)), workspace)


TEXTS = [text for text, _ in tiny.texts(20)]


def manifest(layer: int = 2) -> Manifest:
    return Manifest(
        task="text-classification", labels=("a", "b", "c"), view=View(layers=(layer,), pooling="mean"), max_tokens=64
    )


@pytest.mark.parametrize("layer", [1, 2])
@pytest.mark.parametrize("family", ["ridge", "mlp"])
def test_the_folder_answers_as_features_and_head_do(
    workspace: Workspace, backbone: Backbone, family: str, layer: int
) -> None:
    from headstart.features import features

    x, targets = blobs(60, 3, width=backbone.width)
    (head,) = FAMILIES[family].fit(x, targets, 3, FAMILIES[family].settings(1), 0)  # type: ignore[index]
    with workspace.blobs.checkout(assemble(backbone, manifest(layer), head, workspace)) as folder:
        predictor = Predictor(folder)
    stored = features(rows_of(TEXTS), backbone, Context(workspace, InlineCompute()))
    np.testing.assert_allclose(predictor.outputs(TEXTS), outputs(head, stored.layer(layer)), atol=5e-3)


def test_transformers_loads_the_folder_bit_identically(
    workspace: Workspace, backbone: Backbone, tiny_backbone: Path
) -> None:
    from transformers import AutoModel, AutoTokenizer

    head = {"weight": np.zeros((3, backbone.width), np.float32), "bias": np.zeros(3, np.float32)}
    with workspace.blobs.checkout(assemble(backbone, manifest(), head, workspace)) as folder:
        loaded, source = AutoModel.from_pretrained(folder), AutoModel.from_pretrained(tiny_backbone)
        assert (
            AutoTokenizer.from_pretrained(folder)(TEXTS)["input_ids"]
            == AutoTokenizer.from_pretrained(tiny_backbone)(TEXTS)["input_ids"]
        )
    theirs = source.state_dict()
    assert all(torch.equal(tensor, theirs[name]) for name, tensor in loaded.state_dict().items())


def test_two_heads_on_one_backbone_differ_in_kilobytes_only(workspace: Workspace, backbone: Backbone) -> None:
    folders = []
    for value in (0.0, 1.0):
        head = {"weight": np.full((3, backbone.width), value, np.float32), "bias": np.zeros(3, np.float32)}
        folders.append({file.sha256: file.size for file in assemble(backbone, manifest(), head, workspace)})
    differing = folders[0].keys() ^ folders[1].keys()
    assert differing
    assert sum((folders[0] | folders[1])[digest] for digest in differing) < 4096


def test_answers_come_in_the_order_of_the_texts_with_probabilities_that_add_up(
    workspace: Workspace, backbone: Backbone
) -> None:
    x, targets = blobs(60, 3, width=backbone.width)
    (head,) = FAMILIES["ridge"].fit(x, targets, 3, FAMILIES["ridge"].settings(1), 0)
    with workspace.blobs.checkout(assemble(backbone, manifest(), head, workspace)) as folder:
        predictor = Predictor(folder)
    answers = predictor.predict(TEXTS)
    assert answers == [predictor.predict([text])[0] for text in TEXTS] or all(
        answer.label == predictor.predict([text])[0].label for text, answer in zip(TEXTS, answers, strict=True)
    )
    for answer in answers:
        assert sum(answer.probabilities.values()) == pytest.approx(1)
        assert answer.probability == max(answer.probabilities.values()) == answer.probabilities[answer.label]
    assert repr(predictor) == "<Predictor of 3 labels, text-classification>"
    assert predictor.predict([]) == []
    assert len(predictor.predict(["", "🙂" * 500])) == 2
    assert predictor.predict(np.asarray(TEXTS)) == predictor.predict(iter(TEXTS)) == answers


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ("my parcel has not arrived", "predict takes a list of texts, and this is one text. Write predict([text])."),
        (["a", None], "text 2 of 2 is None, no text."),
        (np.asarray([float("nan"), "a"], object), "text 1 of 2 is nan, no text."),
        ([{"text": "a"}], "text 1 of 1 is {'text': 'a'}, no text."),
    ],
)
def test_what_are_no_texts_are_refused(workspace: Workspace, backbone: Backbone, texts: Any, said: str) -> None:
    head = {"weight": np.zeros((3, backbone.width), np.float32), "bias": np.zeros(3, np.float32)}
    with workspace.blobs.checkout(assemble(backbone, manifest(), head, workspace)) as folder:
        predictor = Predictor(folder)
    with pytest.raises(UsageError, match=re.escape(said)):
        predictor.predict(texts)


def test_a_folder_of_a_newer_format_is_refused_in_words(
    workspace: Workspace, backbone: Backbone, tmp_path: Path
) -> None:
    head = {"weight": np.zeros((3, backbone.width), np.float32), "bias": np.zeros(3, np.float32)}
    workspace.blobs.export(assemble(backbone, manifest(), head, workspace), tmp_path / "model")
    (tmp_path / "model" / MANIFEST).write_text('{"format": 4}')
    with pytest.raises(IntegrityError, match="newer Headstart"):
        Predictor(tmp_path / "model")
    (tmp_path / "model" / MANIFEST).unlink()
    with pytest.raises(HeadstartError):
        Predictor(tmp_path / "model")


def test_a_manifest_of_the_first_format_is_still_read(tmp_path: Path) -> None:
    said = {"format": 1, "task": "text-classification", "labels": ["a"], "layer": 4, "pooling": "cls", "max_tokens": 64}
    (tmp_path / MANIFEST).write_text(json.dumps(said))
    found = read_manifest(tmp_path)
    assert found.view == View(layers=(4,), pooling="cls")
    assert found.max_tokens == 64


def test_a_manifest_of_the_second_format_is_still_read_and_promises_nothing(tmp_path: Path) -> None:
    view = {"layers": [2, 3], "pooling": "mean"}
    said = {"format": 2, "task": "text-classification", "labels": ["a"], "view": view, "max_tokens": 64}
    (tmp_path / MANIFEST).write_text(json.dumps(said))
    found = read_manifest(tmp_path)
    assert (found.view, found.calibration) == (View(layers=(2, 3), pooling="mean"), None)


def test_a_model_keeps_its_promises_in_its_folder_and_answers_carry_them(
    workspace: Workspace, backbone: Backbone
) -> None:
    x, targets = blobs(60, 3, width=backbone.width)
    (head,) = FAMILIES["ridge"].fit(x, targets, 3, FAMILIES["ridge"].settings(1), 0)
    files = assemble(backbone, manifest(), head, workspace)
    plain = evidence().model.model_copy(update={"manifest": manifest(), "files": files})
    scaling = Scaling(method="temperature", scale=(0.5,))
    promised = calibrated(
        plain, CALIBRATION.model_copy(update={"scaling": scaling}), Landmarks.of(x, targets), workspace
    )
    with workspace.blobs.checkout(files) as folder:
        before = Predictor(folder)
    with workspace.blobs.checkout(promised.files) as folder:
        after = Predictor(folder)
    np.testing.assert_allclose(after.outputs(TEXTS), before.outputs(TEXTS) / 2, rtol=1e-5)
    nearness = Landmarks.of(x, targets).nearness(after.compute(TEXTS).features)
    for answer, near in zip(after.predict(TEXTS), nearness.tolist(), strict=True):
        assert answer.candidates is not None
        assert answer.candidates[0] == answer.label
        assert set(answer.candidates) == {answer.label} | {
            label for label, probability in answer.probabilities.items() if probability >= 0.2
        }
        assert answer.abstains == (answer.probability < 0.6)
        assert answer.unusual == (near < 0.1)
    assert {each.candidates for each in before.predict(TEXTS)} == {None}
    kept = {file.path: file.sha256 for file in promised.files}
    assert {file.path for file in files if kept[file.path] != file.sha256} == {MANIFEST}


@pytest.mark.parametrize("change", [{"format": 4}, {"pooling": "median"}, {"layer": None}])
def test_a_manifest_of_no_known_format_is_an_error(tmp_path: Path, change: dict[str, object]) -> None:
    said = {"format": 1, "task": "text-classification", "labels": ["a"], "layer": 4, "pooling": "cls", "max_tokens": 64}
    (tmp_path / MANIFEST).write_text(json.dumps(said | change))
    with pytest.raises(IntegrityError, match="no readable"):
        read_manifest(tmp_path)
