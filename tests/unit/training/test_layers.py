"""Where parameters are, and which groups a strategy makes of them."""

from pathlib import Path

import pytest
import torch

from headstart.encoder import Encoder
from headstart.errors import SpecError
from headstart.training.layers import depths, frozen_below, groups
from headstart.training.strategy import STRATEGIES
from tests.support import tiny
from tests.support.training import network


@pytest.fixture(scope="module")
def deep_backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_backbone(tmp_path_factory.mktemp("deep-bert"), layers=4)


def test_embeddings_are_below_the_blocks(tiny_backbone: Path) -> None:
    found = depths(Encoder(tiny_backbone, "mean"))
    assert {depth for name, depth in found.items() if name.startswith("embeddings")} == {0}
    assert {depth for name, depth in found.items() if name.startswith("encoder.layer.1.")} == {2}


@pytest.mark.parametrize("name", ["lp-ft", "full", "gradual", "layer-decay", "l2-sp", "scratch"])
def test_every_parameter_trains_once_and_only_matrices_of_the_backbone_decay(tiny_backbone: Path, name: str) -> None:
    made = network(tiny_backbone, STRATEGIES[name])  # type: ignore[index]
    found = groups(made, STRATEGIES[name])  # type: ignore[index]
    assert sorted(id(each) for group in found for each in group.parameters) == sorted(map(id, made.parameters()))
    head = {id(each) for each in made.head.parameters()}
    for group in found:
        for each in group.parameters:
            assert bool(group.decay) == (each.ndim > 1 and id(each) not in head)


@pytest.mark.parametrize("name", ["top-k", "bitfit", "lora", "dora", "ia3"])
def test_a_strategy_that_trains_a_part_freezes_the_rest(deep_backbone: Path, name: str) -> None:
    strategy = STRATEGIES[name]  # type: ignore[index]
    made = network(deep_backbone, strategy)
    trained = {id(each) for group in groups(made, strategy) for each in group.parameters}
    assert trained == {id(each) for each in made.parameters() if each.requires_grad}
    body = sum(each.numel() for each in made.encoder.parameters() if each.requires_grad)
    assert 0 < body < 0.7 * sum(each.numel() for each in made.encoder.parameters())


def test_rates_fall_from_block_to_block(deep_backbone: Path) -> None:
    strategy = STRATEGIES["layer-decay"]
    rates = sorted({group.rate for group in groups(network(deep_backbone, strategy), strategy)}, reverse=True)
    torch.testing.assert_close(rates, [strategy.rate * strategy.falloff**below for below in range(5)])


def test_blocks_open_one_an_epoch_from_the_top(deep_backbone: Path) -> None:
    strategy = STRATEGIES["gradual"]
    made = network(deep_backbone, strategy)
    opens = {id(each): group.opens for group in groups(made, strategy) for each in group.parameters}
    names = {name: opens[id(each)] for name, each in made.encoder.body.named_parameters()}
    assert {name.split(".")[2]: when for name, when in names.items() if "layer." in name} == {
        "3": 0,
        "2": 1,
        "1": 2,
        "0": 3,
    }
    assert names["embeddings.word_embeddings.weight"] == 4


def test_blocks_below_those_that_train_are_frozen_as_far_as_nothing_else_reads_them(deep_backbone: Path) -> None:
    made = network(deep_backbone, STRATEGIES["top-k"])
    groups(made, STRATEGIES["top-k"])
    assert frozen_below(made) == 2
    made.encoder.layers = (1, 4)
    assert frozen_below(made) == 1
    groups(made, STRATEGIES["lp-ft"])
    assert frozen_below(made) == 0


def test_blocks_that_cannot_be_told_apart_are_an_error_of_strategies_that_must(tiny_backbone: Path) -> None:
    made = network(tiny_backbone, STRATEGIES["top-k"])
    made.encoder.body.encoder.layer.append(torch.nn.Identity())  # as many modules as the config says no longer
    with pytest.raises(SpecError) as caught:
        groups(made, STRATEGIES["top-k"])
    assert caught.value.code == "tune/no-blocks"
    assert groups(made, STRATEGIES["lp-ft"])
