"""What a training is said to take beforehand, and what a budget makes of it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import SpecError
from headstart.training import batches, forecast, loop
from headstart.training.history import PATIENCE
from headstart.training.strategy import STRATEGIES, Strategy
from tests.support.training import Killed, Peers, examples, fitted

FULL = STRATEGIES["full"]


@given(st.lists(st.floats(1e-6, 1.0), min_size=2, max_size=30), st.integers(1, 10**6), st.integers(1, 30))
def test_an_epoch_takes_what_its_steps_take_from_the_quicker_half_to_the_slower(
    per_token: list[float], tokens: int, epochs: int
) -> None:
    found = forecast.foretold(per_token, tokens, 0, epochs, memory=1)
    quick, mean, slow = found.epoch
    assert quick <= mean * (1 + 1e-9)
    assert mean <= slow * (1 + 1e-9)
    assert mean == pytest.approx(tokens * np.mean(per_token))
    assert found.seconds[0] <= found.seconds[1] * (1 + 1e-9)
    assert found.least == min(epochs, PATIENCE + 1)


@given(st.integers(1, 40), st.floats(1.0, 1e4))
def test_a_budget_is_kept_by_fewer_epochs_or_refused(epochs: int, budget: float) -> None:
    found = forecast.foretold([0.1, 0.2], 1000, 0, epochs, memory=1)
    slowest = found.epoch[2]
    if slowest > budget:
        with pytest.raises(SpecError, match="budget"):
            forecast.within(found, budget, "lp-ft")
        return
    limited = forecast.within(found, budget, "lp-ft")
    assert 1 <= limited.most <= epochs
    assert limited.seconds[1] <= budget * (1 + 1e-9)
    assert limited.most == epochs or (limited.most + 1) * slowest > budget * (1 - 1e-9)


def test_without_a_budget_nothing_is_made_shorter() -> None:
    found = forecast.foretold([1.0, 2.0], 10**9, 10**9, 10, memory=1)
    assert forecast.within(found, None, "lp-ft") == found


def test_short_trainings_are_not_tried_first() -> None:
    tried = forecast.STEPS + forecast.WARMING
    assert not forecast.is_worthwhile(tried * 19, None)
    assert forecast.is_worthwhile(tried * 20, None)
    assert not forecast.is_worthwhile(tried, 60.0)
    assert forecast.is_worthwhile(tried + 1, 60.0)


def test_the_steps_that_are_tried_have_the_longest_texts_and_some_of_every_length() -> None:
    lengths = np.random.default_rng(0).integers(3, 120, 4000)
    plan = batches.plan(lengths, 32 * 60, 0, 0)
    chosen = forecast.tried(plan, lengths)
    longest = [int(lengths[batch].max()) for batch in chosen]
    assert longest[0] == lengths.max()
    every, tried = (np.mean([lengths[batch].max() for batch in each]) for each in (plan, chosen[forecast.WARMING :]))
    assert abs(tried - every) < 0.1 * every


@pytest.mark.parametrize(
    ("strategy", "how"),
    [
        (FULL, {"average": "ema"}),
        (STRATEGIES["gradual"], {"precision": "fp16"}),
        (STRATEGIES["top-k"], {}),
        (STRATEGIES["l2-sp"], {}),
    ],
)
def test_steps_that_were_tried_leave_no_trace_in_the_weights(
    tiny_backbone: Path, strategy: Strategy, how: dict[str, Any]
) -> None:
    how = {"batch_rows": 2, "epochs": 1} | how
    _, state = fitted(tiny_backbone, Peers(), strategy, budget=1e6, **how)
    assert state.forecast is not None
    assert state.forecast.steps == forecast.STEPS
    assert 0 < state.forecast.epoch[0] < 60
    _, plain = fitted(tiny_backbone, Peers(), strategy, **how)
    assert plain.forecast is None
    assert state.history == plain.history
    for name, tensor in plain.kept.items():
        assert torch.equal(tensor, state.kept[name]), name


def test_a_training_keeps_to_its_budget_by_fewer_epochs(tiny_backbone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "rehearse", lambda *_: [0.01, 0.01])
    tokens = batches.lengths_of(examples(tiny_backbone, 61)[0].tokens).sum()
    peers = Peers()
    _, state = fitted(tiny_backbone, peers, batch_rows=8, budget=2.9 * 0.01 * int(tokens))
    assert len(state.history) == state.epochs == 2
    assert "of at most 2" in peers.notes[-1]
    assert "in all" in peers.notes[-1]
    _, two = fitted(tiny_backbone, Peers(), FULL, epochs=2, batch_rows=8)
    assert state.history == two.history, "its learning rate came down as that of a shorter training"


def test_a_training_that_turns_out_slower_than_foretold_ends_within_its_budget(
    tiny_backbone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "rehearse", lambda *_: [1e-9, 1e-9])
    _, state = fitted(tiny_backbone, Peers(), batch_rows=8, budget=1e-3)
    assert len(state.history) == 1


def test_a_training_that_goes_on_asks_the_clock_no_more(
    tiny_backbone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "CHECK_STEPS", 1)
    monkeypatch.setattr(loop, "rehearse", lambda *_: [0.01, 0.01])
    tokens = int(batches.lengths_of(examples(tiny_backbone, 61)[0].tokens).sum())
    with pytest.raises(Killed):
        fitted(tiny_backbone, Peers(folder=tmp_path, die_at=1.5), batch_rows=8, budget=2.9 * 0.01 * tokens)
    monkeypatch.setattr(loop, "rehearse", None)
    _, state = fitted(tiny_backbone, Peers(folder=tmp_path), batch_rows=8, budget=2.9 * 0.01 * tokens)
    assert len(state.history) == 2
    assert state.forecast is not None
    assert len(state.meter.epochs) == 2, "what was measured before the kill counts"


def test_people_read_times_in_the_unit_they_would_use() -> None:
    assert forecast.span(61, 62.2) == "61 s to 62.2 s"
    assert forecast.span(600, 9000) == "10 min to 2.5 h"
    assert forecast.span(600, 600) == "10 min"
