"""A table cut down to the tokens that occur: the same training, less to move, and words that no row has as they were."""

from pathlib import Path
from typing import Any

import pytest
import torch

from headstart.compute import Alone
from headstart.training import vocabulary
from headstart.training.strategy import STRATEGIES
from tests.support.training import examples, fitted, network


def table(made: Any) -> torch.Tensor:
    weight: torch.Tensor = made.encoder.body.get_input_embeddings().weight
    return weight


def test_within_the_block_the_outputs_are_the_same_and_only_occurring_tokens_have_vectors(tiny_backbone: Path) -> None:
    made, (rows, _) = network(tiny_backbone, STRATEGIES["full"]).eval(), examples(tiny_backbone, 6)
    whole, given = table(made), torch.tensor([rows.tokens[0]])
    before = made(given, torch.ones_like(given))
    used = {token for row in rows.tokens for token in row}
    with vocabulary.narrowed(made.encoder, [rows.tokens]):
        assert torch.equal(made(given, torch.ones_like(given)), before)
        assert len(table(made)) == len(used | {0}) < len(whole)
        absent = next(token for token in range(1, len(whole)) if token not in used)
        with pytest.raises(IndexError):
            made(torch.tensor([[absent]]), torch.ones(1, 1))
    assert table(made) is whole


def test_a_training_moves_what_occurs_and_leaves_the_rest_to_the_bit(tiny_backbone: Path) -> None:
    start = table(network(tiny_backbone, STRATEGIES["full"])).detach().clone()
    rows = examples(tiny_backbone, 6, judged=2)
    used = sorted({token for each in rows for row in each.tokens for token in row} | {0})
    made, _ = fitted(tiny_backbone, Alone(), rows=6, judged=2)
    moved = (table(made) != start).any(dim=1).nonzero()[:, 0].tolist()
    assert 0 < len(moved) < len(start) - 5
    assert set(moved) <= set(used)


def test_the_steps_are_those_of_a_training_with_the_whole_table(
    tiny_backbone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, _ = fitted(tiny_backbone, Alone(), dropout=False)
    monkeypatch.setattr(vocabulary, "_used", lambda whole, rows: torch.arange(whole.num_embeddings))
    all_of_it, _ = fitted(tiny_backbone, Alone(), dropout=False)
    for name, tensor in few.state_dict().items():
        torch.testing.assert_close(tensor, all_of_it.state_dict()[name], rtol=1e-3, atol=1e-5)


def test_a_table_that_is_used_in_two_places_stays_whole(tiny_backbone: Path) -> None:
    made = network(tiny_backbone, STRATEGIES["full"])
    made.encoder.body.output = torch.nn.Linear(32, len(table(made)))
    made.encoder.body.output.weight = table(made)
    with vocabulary.narrowed(made.encoder, [[[1, 2]]]):
        assert table(made) is made.encoder.body.output.weight


def test_an_error_in_the_block_leaves_a_whole_table(tiny_backbone: Path) -> None:
    made = network(tiny_backbone, STRATEGIES["full"])
    size = len(table(made))
    with pytest.raises(RuntimeError), vocabulary.narrowed(made.encoder, [[[1, 2]]]):
        raise RuntimeError
    assert len(table(made)) == size
