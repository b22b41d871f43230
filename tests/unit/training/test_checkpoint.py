"""Checkpoints: what was written comes back, whole or not at all, and costs little."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import IntegrityError
from headstart.tasks.objective import Objective
from headstart.training import checkpoint, sharding
from headstart.training.arithmetic import Arithmetic
from headstart.training.checkpoint import Snapshot
from headstart.training.saver import SHARE, Saver, pause
from headstart.training.step import Stepper
from headstart.training.strategy import STRATEGIES
from tests.support.training import TASK, Peers, examples, network


def test_an_optimiser_goes_on_from_what_was_written(tiny_backbone: Path, tmp_path: Path) -> None:
    train, _ = examples(tiny_backbone, 8)
    batch = torch.arange(8).numpy()

    def stepper() -> Stepper:
        made = network(tiny_backbone, STRATEGIES["full"], dropout=False)
        arithmetic = Arithmetic("fp32", torch.device("cpu"))
        return Stepper(made, STRATEGIES["full"], TASK, Objective(), arithmetic, Peers())

    one, other = stepper(), stepper()
    one.take(batch, train.tokens, train.targets, 8, 1.0)
    groups = {
        "network": sharding.whole(one.network.state_dict()),
        "optimizer": sharding.whole(checkpoint.optimizer_tensors(one.optimizer)),
    }
    checkpoint.write(tmp_path, Snapshot(groups, {"step": 1}))
    assert {path.suffix for path in tmp_path.iterdir()} == {".safetensors", ".json"}, "nothing is pickled"
    found = checkpoint.read(tmp_path)
    assert found.progress == {"step": 1}
    other.network.load_state_dict(dict(found.tensors["network"]))
    checkpoint.restore(other.optimizer, found.tensors["optimizer"])
    for each in (one, other):
        each.take(batch, train.tokens, train.targets, 8, 0.5)
    for name, tensor in one.network.state_dict().items():
        assert torch.equal(tensor, other.network.state_dict()[name]), name


@pytest.mark.parametrize("harm", ["flipped", "cut"])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, harm: str) -> None:
    checkpoint.write(tmp_path, Snapshot({"network": {"weight": torch.ones(8)}}, {}))
    path = tmp_path / "network.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data if harm == "flipped" else data[:-1])
    with pytest.raises(IntegrityError):
        checkpoint.read(tmp_path)


@given(cost=st.floats(0, 1e4), least=st.floats(0, 100))
def test_checkpoints_take_at_most_their_share_of_the_time(cost: float, least: float) -> None:
    assert cost <= SHARE * pause(cost, least) * (1 + 1e-9)


def test_a_snapshot_is_of_the_moment_and_handed_over_when_it_is_written(tmp_path: Path) -> None:
    weight = torch.ones(4)
    saver = Saver(Peers(folder=tmp_path), 0.0)
    saver.begin(lambda: Snapshot({"network": sharding.whole({"weight": weight})}, {}))
    weight.zero_()
    assert not saver.is_due, "one is being written"
    saver.finish()
    assert saver.is_written
    saver.hand_over({})
    assert not saver.is_written
    assert checkpoint.read(tmp_path).tensors["network"]["weight"].tolist() == [1, 1, 1, 1]


def test_a_checkpoint_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(folder: Path, snapshot: Snapshot) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(checkpoint, "write", full)
    saver = Saver(Peers(folder=tmp_path), 0.0)
    saver.begin(lambda: Snapshot({}, {}))
    saver.finish()
    with pytest.raises(OSError, match="No space left"):
        saver.hand_over({})
    saver.close()
