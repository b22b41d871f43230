"""The loop: two workers compute what one does, a resumed training ends where an undisturbed one does."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.distributed
import torch.multiprocessing

from headstart.compute import Alone
from headstart.encoder import Tokenizer
from headstart.errors import ComputeError, DataError
from headstart.evaluation import metrics
from headstart.spec import TuneSpec
from headstart.training import loop, nearby, saver
from headstart.training.history import is_exhausted
from headstart.training.strategy import STRATEGIES, Strategy
from tests.support import tiny
from tests.support.training import LABELS, TASK, Killed, Peers, examples, fitted, network

pytestmark = pytest.mark.slow

FULL = STRATEGIES["full"]
VARIANTS: list[dict[str, Any]] = [
    {},
    {"average": "ema", "strategy": STRATEGIES["gradual"]},
    {"average": "swa", "label_smoothing": 0.1, "class_weights": "balanced", "focal": 1.0},
    {"strategy": STRATEGIES["top-k"], "schedule": "linear"},
]


def worker(rank: int, world: int, rendezvous: str, backbone: Path, out: Path, how: dict[str, Any]) -> None:
    torch.set_num_threads(1)
    if how.pop("apart"):
        nearby._machine = lambda: None
    torch.distributed.init_process_group("gloo", init_method=f"file://{rendezvous}", rank=rank, world_size=world)
    made, state = fitted(backbone, Peers(rank, world), dropout=False, **how)
    if rank == 0:
        torch.save({"weights": made.state_dict(), "losses": [epoch.train_loss for epoch in state.history]}, out)
    torch.distributed.destroy_process_group()


TRIED = {"budget": 1e6, "batch_rows": 8}  # both workers try the same steps first


@pytest.mark.parametrize("apart", [False, True], ids=["near", "apart"])
@pytest.mark.parametrize("how", [VARIANTS[0], {"strategy": STRATEGIES["top-k"], "class_weights": "balanced"} | TRIED])
def test_two_workers_end_in_the_weights_that_one_worker_ends_in(
    tiny_backbone: Path, tmp_path: Path, how: dict[str, Any], apart: bool
) -> None:
    # 61 rows: batches are uneven over the workers, so that averages of averages would be wrong.
    arguments = (2, str(tmp_path / "rendezvous"), tiny_backbone, tmp_path / "two.pt", how | {"apart": apart})
    torch.multiprocessing.spawn(worker, arguments, nprocs=2)
    two = torch.load(tmp_path / "two.pt", weights_only=True)
    made, state = fitted(tiny_backbone, Peers(), dropout=False, **how)
    assert (state.forecast is not None) == ("budget" in how)
    np.testing.assert_allclose(two["losses"], [epoch.train_loss for epoch in state.history], rtol=1e-4)
    for name, tensor in made.state_dict().items():
        torch.testing.assert_close(tensor, two["weights"][name], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("how", VARIANTS)
@pytest.mark.parametrize("die_at", [0.6, 2.3])
def test_a_training_that_was_killed_in_an_epoch_and_resumed_ends_in_bit_identical_weights(
    tiny_backbone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, die_at: float, how: dict[str, Any]
) -> None:
    monkeypatch.setattr(saver, "SHARE", 1e9)
    begin = saver.Saver.begin
    # Written at once, so that the steps that are lost do not depend on the disk.
    monkeypatch.setattr(saver.Saver, "begin", lambda self, take: (begin(self, take), self.finish()))
    monkeypatch.setattr(loop, "CHECK_STEPS", 1)
    size = {"batch_rows": 8, "epochs": 4}
    undisturbed, whole = fitted(tiny_backbone, Peers(), **size, **how)
    with pytest.raises(Killed):
        fitted(tiny_backbone, Peers(folder=tmp_path, die_at=die_at), **size, **how)
    rest = Peers(folder=tmp_path)
    resumed, state = fitted(tiny_backbone, rest, **size, **how)
    assert 0 < sum("train_loss" in report for report in rest.reports) < 4 or die_at < 1
    assert len(rest.notes) < 4 * 8, "it began anew"
    assert state.history == whole.history
    for name, tensor in undisturbed.state_dict().items():
        assert torch.equal(tensor, resumed.state_dict()[name]), name


def test_a_training_that_is_told_to_end_keeps_what_it_did_up_to_that_step(tiny_backbone: Path, tmp_path: Path) -> None:
    class Told(Peers):
        def is_leaving(self) -> bool:
            return len(self.notes) >= 7  # in its first epoch, which has eight steps

    size = {"batch_rows": 8, "epochs": 2}
    undisturbed, _ = fitted(tiny_backbone, Peers(), **size)
    told = Told(folder=tmp_path)
    with pytest.raises(ComputeError) as caught:
        fitted(tiny_backbone, told, **size)
    assert caught.value.code == "compute/leaving"
    rest = Peers(folder=tmp_path)
    resumed, _ = fitted(tiny_backbone, rest, **size)
    assert len(told.notes) + len(rest.notes) == 16, "a step was done twice, or not told"
    for name, tensor in undisturbed.state_dict().items():
        assert torch.equal(tensor, resumed.state_dict()[name]), name


def test_training_learns_and_ends_with_the_weights_of_the_kept_epoch(tiny_backbone: Path) -> None:
    learning = Strategy("full", "", "fresh", 3e-3, 3e-3)
    made, state = fitted(tiny_backbone, Alone(), learning, rows=100, epochs=12)
    assert state.history[-1].train_loss < state.history[0].train_loss * 0.7
    texts = tiny.texts(120)[100:]
    tokens = Tokenizer(tiny_backbone, 64)([text for text, _ in texts])
    settings = loop.Settings(learning, "accuracy", 3, TuneSpec(precision="fp32"), seed=0)
    outputs = loop.outputs(made, tokens, settings, Alone())
    targets = TASK.encode([label for _, label in texts], LABELS)
    kept = state.history[state.kept_epoch - 1]
    assert metrics.score("accuracy", targets, outputs.argmax(axis=1), 3) == kept.score


def test_training_stops_when_the_validation_rows_gain_nothing_more(tiny_backbone: Path) -> None:
    frozen_in_effect = Strategy("lp-ft", "", "searched", 1e-12, 1e-12)
    _, state = fitted(tiny_backbone, Alone(), frozen_in_effect, epochs=50)
    assert len(state.history) < 50
    assert is_exhausted(state.history)


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_lower_precisions_train_to_about_the_same_loss(tiny_backbone: Path, precision: str) -> None:
    learning = Strategy("full", "", "fresh", 1e-3, 1e-3)
    single, lower = (
        fitted(tiny_backbone, Alone(), learning, dropout=False, precision=each)[1] for each in ("fp32", precision)
    )
    np.testing.assert_allclose(lower.history[-1].train_loss, single.history[-1].train_loss, rtol=0.05)


def test_recomputed_activations_give_the_same_weights(tiny_backbone: Path) -> None:
    kept, again = (fitted(tiny_backbone, Alone(), recompute=each)[0].state_dict() for each in (False, True))
    for name, tensor in kept.items():
        torch.testing.assert_close(tensor, again[name])


def test_a_loss_that_is_no_number_ends_the_training_and_names_the_rows(tiny_backbone: Path) -> None:
    made = network(tiny_backbone, FULL)
    train, judged = examples(tiny_backbone, 61)
    settings = loop.Settings(FULL, "accuracy", 3, TuneSpec(batch_rows=4), seed=0)
    with torch.no_grad():
        made.head.top.weight.fill_(torch.nan)  # type: ignore[union-attr]
    with pytest.raises(DataError, match=r"the loss is nan on the batch of rows row-\d+, row-\d+") as caught:
        loop.fit(made, TASK, train, judged, settings, Alone())
    assert caught.value.code == "tune/not-a-number"
