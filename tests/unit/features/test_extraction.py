"""Extraction: how rows are cut into shards, and what becomes of texts and models that are not as they should be."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from headstart import precision
from headstart.backbone import ingest
from headstart.backbone_source import locate
from headstart.compute import InlineCompute
from headstart.context import Context
from headstart.encoder import Encoder, Tokenizer
from headstart.errors import BackboneError
from headstart.features import extraction, features
from headstart.features.extraction import SHARD_ROWS, cut
from headstart.features.shard import Part
from headstart.workspace import Workspace
from tests.support import tiny
from tests.support.rows import rows_of


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=300), st.integers(1, 40), st.integers(1, 20))
def test_every_row_is_in_one_item_and_items_cost_alike(lengths: list[int], least: int, most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extraction, "_LEAST_ROWS", least)
        patch.setattr(extraction, "SHARD_ROWS", most)
        items = cut(lengths, 256)
    assert sorted(np.concatenate(items).tolist()) == list(range(len(lengths)))
    assert all(1 <= len(item) <= most for item in items)
    costs = [sum(min(lengths[row], 256 * 6) + 6 for row in item) for item in items]
    share = sum(costs) / max(-(-len(lengths) // most), min(16, len(lengths) // least), 1)
    assert max(costs) <= share + 256 * 6 + 6, "an item costs its share, and at most one text more"


def test_a_million_rows_make_shards_of_thousands() -> None:
    lengths = np.random.default_rng(0).integers(10, 200, 1_000_000)
    items = cut(lengths.tolist(), 256)
    assert len(items) < 400
    assert max(map(len, items)) <= SHARD_ROWS


def test_a_text_without_tokens_has_a_zero_vector_and_troubles_no_other(tiny_backbone: Path) -> None:
    encoder, tokenizer = Encoder(tiny_backbone, "mean").eval(), Tokenizer(tiny_backbone, 64)
    tokenizer._tokenizer.backend_tokenizer.post_processor = None  # no special tokens: an empty text is empty
    part = [Part("mean", 2)]
    found = extraction.vectors_of(["", "help with my parcel", ""], tokenizer, encoder, part)
    assert not found[[0, 2]].any()
    np.testing.assert_allclose(
        found[1:2], extraction.vectors_of(["help with my parcel"], tokenizer, encoder, part), atol=1e-5
    )
    assert not extraction.vectors_of(["", ""], tokenizer, encoder, part).any()


def test_a_model_whose_numbers_are_not_finite_is_refused_and_nothing_is_stored(tmp_path: Path) -> None:
    folder = tiny.save_backbone(tmp_path / "model")
    weights = load_file(folder / "model.safetensors")
    weights["encoder.layer.1.output.dense.bias"] = torch.full_like(weights["encoder.layer.1.output.dense.bias"], np.nan)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    on = Context(Workspace.open(str(tmp_path / "work")), InlineCompute())
    backbone = ingest(locate(str(folder)), on.workspace)
    with pytest.raises(BackboneError, match="not finite"):
        features(rows_of(["my parcel"]), backbone, on)
    assert not [info for info in on.workspace.store.list("features/") if "/rows/" in info.key]
    assert features(rows_of(["my parcel"]), backbone, on, layers=[1]).layer(1).shape == (1, backbone.width)


def test_texts_of_any_script_and_none_have_features(tmp_path: Path, tiny_backbone: Path) -> None:
    on = Context(Workspace.open(str(tmp_path / "work")), InlineCompute())
    backbone = ingest(locate(str(tiny_backbone)), on.workspace)
    texts = ["", " ", "\n\t", "état ß", "🙂🙂", "数据" * 400, "a\x00b", "parcel " * 5000]
    found = features(rows_of(texts), backbone, on).layer(2)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)


def test_in_the_precision_of_the_machine_vectors_point_where_they_do_in_single_precision(tiny_backbone: Path) -> None:
    encoder, tokenizer = Encoder(tiny_backbone, "mean").eval(), Tokenizer(tiny_backbone, 64)
    texts = ["where is my parcel", "refund please", "help"]
    quick = extraction.vectors_of(texts, tokenizer, encoder, [Part("mean", 2)])[:, 0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(precision, "native", lambda device: "fp32")
        exact = extraction.vectors_of(texts, tokenizer, encoder, [Part("mean", 2)])[:, 0]
    likeness = (quick * exact).sum(1) / np.linalg.norm(quick, axis=1) / np.linalg.norm(exact, axis=1)
    assert likeness.min() > 0.999
