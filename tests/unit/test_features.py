"""The feature store: every row once, found ever after, verified."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from headstart import features as store
from headstart.backbone import Backbone, ingest
from headstart.backbone_source import locate
from headstart.dataset import Rows
from headstart.digest import sha256
from headstart.encoder import Encoder, Tokenizer, pad
from headstart.errors import IntegrityError
from headstart.features import features
from headstart.workspace import Workspace
from tests.support import tiny


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.open(str(tmp_path / "work"))


@pytest.fixture
def backbone(workspace: Workspace, tiny_backbone: Path) -> Backbone:
    return ingest(locate(str(tiny_backbone)), workspace)


def rows_of(texts: list[str]) -> Rows:
    ids = tuple(sha256(text.encode()) for text in texts)
    return Rows(ids, tuple(texts), np.zeros(len(texts), dtype=np.int64), ids)


TEXTS = [text for text, _ in tiny.texts(60)]


def test_features_are_those_of_each_text_by_itself_on_every_layer(workspace: Workspace, backbone: Backbone) -> None:
    together = features(rows_of(TEXTS), backbone, workspace)
    assert together.vectors.shape == (60, backbone.layers + 1, backbone.width)
    np.testing.assert_allclose(np.linalg.norm(together.layer(1), axis=1), 1, atol=1e-5)
    with workspace.blobs.checkout(backbone.files) as folder, torch.inference_mode():
        encoder, tokenizer = Encoder(folder, "mean").eval(), Tokenizer(folder, backbone.max_tokens)
        for number in (0, 17, 59):
            alone = encoder.every_layer(*pad(tokenizer([TEXTS[number]])))[0].numpy()
            np.testing.assert_allclose(together.vectors[number], alone, atol=1e-5)


def test_only_rows_that_were_never_seen_are_computed(workspace: Workspace, backbone: Backbone) -> None:
    computed: list[int] = []
    first = features(rows_of(TEXTS[:40]), backbone, workspace, lambda done, total: computed.append(total))
    assert set(computed) == {40}
    computed.clear()
    grown = features(rows_of(TEXTS[20:]), backbone, workspace, lambda done, total: computed.append(total))
    assert set(computed) == {20}
    np.testing.assert_array_equal(grown.vectors[:20], first.vectors[20:])
    computed.clear()
    again = features(rows_of(TEXTS[::-1]), backbone, workspace, lambda done, total: computed.append(total))
    assert computed == []
    np.testing.assert_array_equal(again.vectors[::-1][20:], grown.vectors)


def test_another_backbone_has_features_of_its_own(workspace: Workspace, backbone: Backbone, tmp_path: Path) -> None:
    other = ingest(locate(str(tiny.save_backbone(tmp_path / "other", layers=1))), workspace)
    features(rows_of(TEXTS[:5]), backbone, workspace)
    assert features(rows_of(TEXTS[:5]), other, workspace).vectors.shape == (5, 2, other.width)


def test_a_killed_extraction_loses_at_most_one_shard(
    workspace: Workspace, backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "SHARD_ROWS", 16)
    monkeypatch.setattr(store, "TOKEN_BUDGET", 100)

    def killed(done: int, total: int) -> None:
        if done >= 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        features(rows_of(TEXTS), backbone, workspace, killed)
    left: list[int] = []
    features(rows_of(TEXTS), backbone, workspace, lambda done, total: left.append(total))
    assert 20 <= left[0] < 60 - 16


def test_a_damaged_shard_is_noticed(workspace: Workspace, backbone: Backbone) -> None:
    rows = rows_of(TEXTS[:5])
    features(rows, backbone, workspace)
    (shard,) = [
        info for info in workspace.store.list("blobs/") if info.key not in {file.blob for file in backbone.files}
    ]
    damaged = bytearray(workspace.store.get(shard.key) or b"")
    damaged[-1] ^= 1
    workspace.store.put(shard.key, bytes(damaged))
    with pytest.raises(IntegrityError):
        features(rows, backbone, workspace)


def test_a_changed_label_costs_nothing(workspace: Workspace, backbone: Backbone) -> None:
    rows = rows_of(TEXTS[:5])
    features(rows, backbone, workspace)
    computed: list[int] = []
    features(
        replace(rows, targets=np.ones(5, dtype=np.int64)),
        backbone,
        workspace,
        lambda done, total: computed.append(total),
    )
    assert computed == []
