"""Adapters: they train instead of the backbone, and are merged into it."""

from pathlib import Path

import pytest
import torch

from headstart.compute import Alone
from headstart.encoder import Encoder, pad
from headstart.errors import SpecError
from headstart.training import adapters
from headstart.training.strategy import STRATEGIES
from tests.support.training import examples, fitted


@pytest.mark.parametrize("name", ["lora", "dora", "ia3"])
def test_merged_adapters_compute_the_same_from_weights_named_as_before(tiny_backbone: Path, name: str) -> None:
    made, state = fitted(tiny_backbone, Alone(), STRATEGIES[name], epochs=2)  # type: ignore[index]
    assert state.history[1].train_loss < state.history[0].train_loss
    rows = pad(examples(tiny_backbone, 4)[0].tokens)
    with torch.inference_mode():
        before = made.eval()(*rows)
        adapters.merge(made.encoder)
        torch.testing.assert_close(made(*rows), before, rtol=1e-4, atol=1e-5)
    plain = Encoder(tiny_backbone, "mean").body.state_dict()
    merged = made.encoder.body.state_dict()
    assert merged.keys() == plain.keys()
    assert any(not torch.equal(plain[each], merged[each]) for each in plain)


def test_a_backbone_that_peft_knows_no_place_in_is_an_error(
    tiny_backbone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = Encoder(tiny_backbone, "mean")
    monkeypatch.setattr(type(encoder.body.config), "model_type", "unheard-of")
    with pytest.raises(SpecError) as caught:
        adapters.add(encoder, "ia3")
    assert caught.value.code == "tune/no-adapter"
