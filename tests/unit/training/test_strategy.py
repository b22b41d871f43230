"""Strategies: what trains, from which start."""

import numpy as np
import pytest
import torch

from headstart.encoder import Encoder
from headstart.heads.fitted import outputs
from headstart.training.network import HeadModule
from headstart.training.strategy import STRATEGIES, start
from tests.unit.heads.test_heads import blobs


def test_head_and_words_alone_train_nothing() -> None:
    assert [name for name, strategy in STRATEGIES.items() if not strategy.trains] == ["bag-of-words", "head"]


@pytest.mark.parametrize("family", ["linear", "mlp"])
def test_a_head_computes_the_same_as_a_torch_module(family: str) -> None:
    from headstart.heads import FAMILIES

    x, targets = blobs(60, 3)
    (head,) = FAMILIES[family].fit(x, targets, 3, FAMILIES[family].settings(1), 0)  # type: ignore[index]
    module = HeadModule(head)
    np.testing.assert_allclose(module(torch.from_numpy(x)).detach().numpy(), outputs(head, x), atol=1e-5)
    for name, tensor in module.fitted().items():
        np.testing.assert_array_equal(tensor, head[name])


def test_a_training_starts_from_the_layers_of_the_searched_head_and_nothing_else_that_it_knows() -> None:
    searched = {"weight": np.ones((3, 8), np.float32), "bias": np.ones(3, np.float32)}
    head = searched | {"variance.factor": np.ones((9, 9), np.float32)}
    assert start(head, STRATEGIES["lp-ft"], seed=0).keys() == searched.keys()
    np.testing.assert_array_equal(start(head, STRATEGIES["lp-ft"], seed=0)["weight"], searched["weight"])


@pytest.mark.parametrize("name", ["full", "scratch"])
def test_a_fresh_head_has_the_shapes_of_the_searched_one_and_none_of_its_weights(name: str) -> None:
    searched = {"weight": np.ones((3, 8), np.float32), "bias": np.ones(3, np.float32)}
    drawn = start(searched, STRATEGIES[name], seed=0)  # type: ignore[index]
    assert {name: tensor.shape for name, tensor in drawn.items()} == {"weight": (3, 8), "bias": (3,)}
    assert not drawn["bias"].any()
    assert np.abs(drawn["weight"]).max() <= 8**-0.5


def test_a_backbone_drawn_anew_keeps_nothing_of_its_matrices_and_is_the_same_for_a_seed(tiny_backbone: object) -> None:
    pretrained, one, other = (Encoder(tiny_backbone, "mean") for _ in range(3))  # type: ignore[arg-type]
    one.redraw(1)
    other.redraw(1)
    for name, tensor in one.body.state_dict().items():
        assert torch.equal(tensor, other.body.state_dict()[name])
    drawn = one.body.state_dict()["encoder.layer.0.attention.self.query.weight"]
    assert not torch.equal(drawn, pretrained.body.state_dict()["encoder.layer.0.attention.self.query.weight"])
