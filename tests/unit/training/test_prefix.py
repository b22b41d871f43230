"""The cached prefix: what frozen blocks give is computed once, and nothing else changes."""

import contextlib
from pathlib import Path

import numpy as np
import pytest
import torch

from headstart.compute import Alone
from headstart.encoder import Encoder
from headstart.training import memory, prefix
from headstart.training.strategy import STRATEGIES
from tests.support import tiny
from tests.support.training import examples, fitted

TOP = STRATEGIES["top-k"]


@pytest.fixture(scope="module")
def deep_backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_backbone(tmp_path_factory.mktemp("deep-bert"), layers=4)


def test_training_on_cached_activations_gives_the_weights_of_the_uncached_training(
    deep_backbone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = {"seen": 0}
    forward = Encoder.forward

    def counted(self: Encoder, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        lowest = self.blocks[0]  # type: ignore[index]
        hook = lowest.attention.register_forward_hook(lambda *_: blocks.update(seen=blocks["seen"] + 1))  # type: ignore[union-attr, operator]
        try:
            return forward(self, tokens, mask)
        finally:
            hook.remove()

    monkeypatch.setattr(Encoder, "forward", counted)
    cached, _ = fitted(deep_backbone, Alone(), TOP)
    assert blocks["seen"] == 0, "the lowest block was computed in an epoch"
    monkeypatch.setattr(prefix, "room", lambda *_: None)
    uncached, _ = fitted(deep_backbone, Alone(), TOP)
    assert blocks["seen"] > 0
    for name, tensor in uncached.state_dict().items():
        torch.testing.assert_close(cached.state_dict()[name], tensor, rtol=1e-4, atol=1e-6)


def test_only_the_highest_blocks_and_the_head_change(deep_backbone: Path) -> None:
    before = Encoder(deep_backbone, "mean").body.state_dict()
    after = fitted(deep_backbone, Alone(), TOP)[0].encoder.body.state_dict()
    changed = {name for name, tensor in before.items() if not torch.equal(tensor, after[name])}
    assert changed
    assert {name.split(".")[2] for name in changed} == {"2", "3"}


def test_what_does_not_fit_into_memory_lies_on_disk_and_what_fits_nowhere_is_not_kept(
    tiny_backbone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = examples(tiny_backbone, 10)[0].tokens
    with contextlib.ExitStack() as keep:
        in_memory = prefix.room(tokens, 32, keep)
        assert in_memory is not None
        assert not isinstance(in_memory, np.memmap)
        monkeypatch.setattr(memory, "SHARE", 0.0)
        on_disk = prefix.room(tokens, 32, keep)
        assert isinstance(on_disk, np.memmap)
        assert on_disk.shape == in_memory.shape == (sum(map(len, tokens)), 32)
        file = Path(str(on_disk.filename))
        monkeypatch.setattr(prefix, "SHARE_OF_DISK", 0.0)
        assert prefix.room(tokens, 32, keep) is None
    assert not file.exists()
