"""Strategies: what trains, from which start."""

from pathlib import Path

import numpy as np
import pytest

from headstart.encoder import Encoder
from headstart.errors import SpecError
from headstart.heads.fitted import outputs
from headstart.training.network import HeadModule, Network
from headstart.training.strategy import FULL, HEAD, LP_FT, choose, start
from tests.unit.heads.test_heads import blobs


def test_auto_tunes_from_the_searched_head_and_says_why() -> None:
    assert choose("auto", "linear") == LP_FT
    assert "does not distort" in LP_FT.why


def test_only_the_head_strategy_trains_nothing() -> None:
    assert [name for name in ("head", "lp-ft", "full") if not choose(name, "mlp").trains] == ["head"]  # type: ignore[arg-type]
    assert not HEAD.trains


def test_every_parameter_trains_once_and_only_matrices_of_the_backbone_decay(tiny_backbone: Path) -> None:
    network = Network(
        Encoder(tiny_backbone, "mean"),
        HeadModule({"weight": np.zeros((3, 32), np.float32), "bias": np.zeros(3, np.float32)}),
    )
    groups = LP_FT.groups(network, decay=0.01)
    trained = [id(parameter) for group in groups for parameter in group["params"]]  # type: ignore[attr-defined]
    assert sorted(trained) == sorted(map(id, network.parameters()))
    for group in groups:
        if group["weight_decay"]:
            assert all(parameter.ndim > 1 for parameter in group["params"])  # type: ignore[attr-defined]


@pytest.mark.parametrize("family", ["linear", "mlp"])
def test_a_head_computes_the_same_as_a_torch_module(family: str) -> None:
    import torch

    from headstart.heads import FAMILIES

    x, targets = blobs(60, 3)
    (head,) = FAMILIES[family].fit(x, targets, 3, FAMILIES[family].settings(1), 0)  # type: ignore[index]
    module = HeadModule(head)
    np.testing.assert_allclose(module(torch.from_numpy(x)).detach().numpy(), outputs(head, x), atol=1e-5)
    for name, tensor in module.fitted().items():
        np.testing.assert_array_equal(tensor, head[name])


def test_neighbours_are_left_as_they_are_and_no_strategy_can_train_them() -> None:
    assert not choose("auto", "knn").trains
    assert "knn, has no weights" in choose("auto", "knn").why
    assert not choose("head", "knn").trains
    for wanted in ("lp-ft", "full"):
        with pytest.raises(SpecError, match="no weights to tune from") as caught:
            choose(wanted, "knn")  # type: ignore[arg-type]
        assert (caught.value.code, caught.value.where) == ("tune/no-weights", "tune.strategy")


def test_a_training_starts_from_the_layers_of_the_searched_head_and_nothing_else_that_it_knows() -> None:
    searched = {"weight": np.ones((3, 8), np.float32), "bias": np.ones(3, np.float32)}
    head = searched | {"variance.factor": np.ones((9, 9), np.float32)}
    assert start(head, LP_FT, seed=0).keys() == searched.keys()
    np.testing.assert_array_equal(start(head, LP_FT, seed=0)["weight"], searched["weight"])


def test_a_fresh_head_has_the_shapes_of_the_searched_one_and_none_of_its_weights() -> None:
    searched = {"weight": np.ones((3, 8), np.float32), "bias": np.ones(3, np.float32)}
    drawn = start(searched, FULL, seed=0)
    assert {name: tensor.shape for name, tensor in drawn.items()} == {"weight": (3, 8), "bias": (3,)}
    assert not drawn["bias"].any()
    assert np.abs(drawn["weight"]).max() <= 8**-0.5
