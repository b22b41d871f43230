"""The encoder: pooled vectors of any layer, whatever batch a text is in."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from headstart.arrays import unit
from headstart.encoder import Encoder, Tokenizer, by_length, of_one_length, pad
from headstart.errors import BackboneError
from headstart.pooling import Pooling
from headstart.search.trial import features_of
from headstart.views import View
from tests.support import tiny

TEXTS = [text for text, _ in tiny.texts(12)] + ["help", "parcel " * 90]


@pytest.fixture(scope="module")
def tokens(tiny_backbone: Path) -> list[list[int]]:
    return Tokenizer(tiny_backbone, max_tokens=64)(TEXTS)


def test_a_text_longer_than_the_model_reads_is_cut(tokens: list[list[int]]) -> None:
    assert max(map(len, tokens)) == 64


@torch.inference_mode()
def test_a_text_has_the_same_vector_alone_and_in_a_batch(tiny_backbone: Path, tokens: list[list[int]]) -> None:
    encoder = Encoder(tiny_backbone, "mean").eval()
    together = encoder(*pad(tokens))
    for row, each in zip(tokens, together, strict=True):
        torch.testing.assert_close(encoder(*pad([row]))[0], each, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("layer", [0, 1, 2])
@torch.inference_mode()
def test_an_encoder_cut_at_a_layer_gives_that_layer_of_the_whole_one(
    tiny_backbone: Path, tokens: list[list[int]], layer: int
) -> None:
    whole, cut = Encoder(tiny_backbone, "mean").eval(), Encoder(tiny_backbone, "mean", (layer,)).eval()
    torch.testing.assert_close(cut(*pad(tokens)), whole.pooled(*pad(tokens), [("mean", layer)])[:, 0])
    assert sum(each.numel() for each in cut.parameters()) <= sum(each.numel() for each in whole.parameters())
    assert cut.body.config.num_hidden_layers == layer


@torch.inference_mode()
def test_a_model_with_a_final_norm_is_not_cut_but_gives_the_layer_all_the_same(tmp_path: Path) -> None:
    from transformers import ModernBertConfig, ModernBertModel

    torch.manual_seed(0)
    config = ModernBertConfig(
        vocab_size=100, hidden_size=16, num_hidden_layers=3, num_attention_heads=2, intermediate_size=32, max_position_embeddings=64,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2,
    )  # fmt: skip
    ModernBertModel(config).save_pretrained(tmp_path)
    rows = [[5, 6, 7, 8], [9, 10]]
    middle = Encoder(tmp_path, "mean", (1,)).eval()
    assert middle.body.config.num_hidden_layers == 3
    torch.testing.assert_close(
        middle(*pad(rows)), Encoder(tmp_path, "mean").eval().pooled(*pad(rows), [("mean", 1)])[:, 0]
    )


@torch.inference_mode()
def test_cls_pooling_takes_the_first_token_and_mean_pooling_no_padding(tiny_backbone: Path) -> None:
    rows = [[2, 5, 6, 3], [2, 3]]
    states = Encoder(tiny_backbone, "cls").eval().body(*pad(rows)).last_hidden_state
    torch.testing.assert_close(Encoder(tiny_backbone, "cls").eval()(*pad(rows)), states[:, 0])
    torch.testing.assert_close(Encoder(tiny_backbone, "mean").eval()(*pad(rows))[1], states[1, :2].mean(0))


@torch.inference_mode()
def test_several_layers_and_poolings_come_of_one_pass_and_padding_is_in_none(tiny_backbone: Path) -> None:
    encoder, parts = Encoder(tiny_backbone, "mean").eval(), [("cls", 2), ("mean", 0), ("max", 1)]
    together = encoder.pooled(*pad([[2, 5, 6, 3], [2, 3]]), parts)  # type: ignore[arg-type]
    states = encoder.body(*pad([[2, 3]]), output_hidden_states=True).hidden_states
    expected = torch.stack([states[2][0, 0], states[0][0].mean(0), states[1][0].amax(0)])
    torch.testing.assert_close(together[1], expected, atol=1e-5, rtol=1e-4)


def test_the_embeddings_alone_are_those_of_the_whole_model(tiny_backbone: Path) -> None:
    tokens, mask = pad([[2, 5, 6, 3], [2, 7, 3]])
    with torch.inference_mode():
        whole, alone = (
            Encoder(tiny_backbone, "mean", (layer,)).eval().pooled(tokens, mask, [("mean", 0)]) for layer in (2, 0)
        )
    assert torch.equal(whole, alone)


def test_a_layer_beyond_the_last_is_refused(tiny_backbone: Path) -> None:
    with pytest.raises(BackboneError, match="no layer 3"):
        Encoder(tiny_backbone, "mean", (3,))


def test_a_folder_that_is_no_model_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "no-such-architecture"}')
    with pytest.raises(BackboneError) as caught:
        Encoder(tmp_path, "mean")
    assert caught.value.code == "backbone/not-a-model"


def test_code_that_a_model_brings_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "evil.py").write_text("raise SystemExit('ran')\nclass Config: ...\nclass Model: ...\n")
    (tmp_path / "config.json").write_text(
        '{"model_type": "evil", "auto_map": {"AutoConfig": "evil.Config", "AutoModel": "evil.Model"}}'
    )
    with pytest.raises(BackboneError):
        Encoder(tmp_path, "mean")


@given(lengths=st.lists(st.integers(1, 40), min_size=1, max_size=60), budget=st.integers(1, 200))
def test_batches_by_length_hold_every_row_once_and_keep_the_budget(lengths: list[int], budget: int) -> None:
    rows = [[1] * length for length in lengths]
    batches = list(by_length(rows, budget))
    assert sorted(np.concatenate(batches)) == list(range(len(rows)))
    for batch in batches:
        padded = len(batch) * max(lengths[row] for row in batch)
        assert padded <= budget or len(batch) == 1


@given(lengths=st.lists(st.integers(0, 40), max_size=60), budget=st.integers(1, 200))
def test_batches_of_one_length_hold_every_row_once_keep_the_budget_and_need_no_padding(
    lengths: list[int], budget: int
) -> None:
    batches = list(of_one_length([[1] * length for length in lengths], budget))
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    for batch in batches:
        (length,) = {lengths[row] for row in batch}
        assert len(batch) * length <= budget or len(batch) == 1


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
def test_several_layers_are_the_mean_of_their_directions_as_the_search_saw_them(
    tiny_backbone: Path, pooling: Pooling
) -> None:
    rows = Tokenizer(tiny_backbone, 64)(["where is my parcel", "refund please"])
    parts: list[tuple[Pooling, int]] = [(pooling, 0), (pooling, 1)]
    encoder = Encoder(tiny_backbone, pooling, (0, 1)).eval()
    with torch.inference_mode():
        found = encoder(*pad(rows))
        layers = Encoder(tiny_backbone, pooling).eval().pooled(*pad(rows), parts).numpy()
    seen = features_of(View(layers=(0, 1), pooling=pooling), lambda number, _: unit(layers[:, number]))
    np.testing.assert_allclose(unit(found.numpy()), seen, atol=1e-6)
    assert encoder.body.config.num_hidden_layers == 1  # what is above is not computed
