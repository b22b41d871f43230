"""A step: the same gradients however its batch is cut, and a way on when memory runs out."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from headstart.compute import Alone
from headstart.errors import ComputeError
from headstart.training import step
from headstart.training.network import Network
from tests.support.training import fitted


def with_room_for(tokens: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the forward pass of a network run out of memory above so many padded tokens."""
    forward = Network.forward

    def limited(self: Network, given: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        if self.training and given.numel() > tokens:
            raise torch.OutOfMemoryError("no room")
        return forward(self, given, mask)

    monkeypatch.setattr(Network, "forward", limited)


def test_a_batch_cut_in_parts_gives_the_weights_of_the_whole(
    tiny_backbone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, _ = fitted(tiny_backbone, Alone(), dropout=False)
    monkeypatch.setattr(step, "_PART_TOKENS", {"cpu": 40})
    parts, _ = fitted(tiny_backbone, Alone(), dropout=False)
    for name, tensor in whole.state_dict().items():
        torch.testing.assert_close(tensor, parts.state_dict()[name], rtol=1e-3, atol=1e-5)


def test_a_training_out_of_memory_goes_on_in_smaller_parts_with_the_same_steps_and_says_so(
    tiny_backbone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    enough, _ = fitted(tiny_backbone, Alone(), dropout=False)
    with_room_for(60, monkeypatch)
    short, _ = fitted(tiny_backbone, Alone(lambda done, total, note: told.append(note)), dropout=False)
    assert "as memory ran out" in told[-1]
    for name, tensor in enough.state_dict().items():
        torch.testing.assert_close(tensor, short.state_dict()[name], rtol=1e-3, atol=1e-5)


def test_a_text_that_does_not_fit_by_itself_is_an_error(tiny_backbone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_room_for(3, monkeypatch)
    with pytest.raises(ComputeError, match="does not fit") as caught:
        fitted(tiny_backbone, Alone())
    assert caught.value.code == "compute/memory"


@pytest.mark.parametrize("how", [{"average": "ema"}, {"average": "swa"}, {"label_smoothing": 0.2}, {"focal": 2.0}])
def test_what_shapes_a_training_changes_its_weights(tiny_backbone: Path, how: dict[str, Any]) -> None:
    plain, shaped = (fitted(tiny_backbone, Alone(), **each)[0].state_dict() for each in ({}, how))
    assert not np.allclose(plain["head.top.weight"], shaped["head.top.weight"])
