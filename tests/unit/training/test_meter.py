"""What a training measures of itself, and who hears it."""

from pathlib import Path

import pytest
import torch

from headstart.training import meter as meters
from headstart.training.meter import Meter, busy, peak_memory
from headstart.training.strategy import STRATEGIES
from tests.support.training import Peers, fitted


class Heard(Peers):
    def __init__(self) -> None:
        super().__init__()
        self.figures: list[dict[str, float]] = []

    def tell(self, figures: object) -> None:
        self.figures.append(dict(figures))  # type: ignore[call-overload]


def test_a_training_tells_its_losses_rates_and_speed_step_by_step_and_its_scores_epoch_by_epoch(
    tiny_backbone: Path,
) -> None:
    peers = Heard()
    _, state = fitted(tiny_backbone, peers, batch_rows=4, epochs=2)
    steps = [each for each in peers.figures if "train_loss" in each]
    scores = [each for each in peers.figures if "validation_accuracy" in each]
    assert [each["step"] for each in steps] == sorted({each["step"] for each in steps})
    assert [each["step"] for each in scores] == [15.0, 30.0]
    assert [each["validation_accuracy"] for each in scores] == [epoch.score for epoch in state.history]
    assert all(each["rows_per_second"] > 0 and each["tokens_per_second"] > 0 for each in steps)
    assert 0 < max(each["learning_rate"] for each in steps) <= STRATEGIES["full"].rate
    assert all(each["memory_bytes"] > 2**20 for each in steps)


def test_what_was_spent_counts_every_row_of_every_epoch(tiny_backbone: Path) -> None:
    peers = Peers()
    _, state = fitted(tiny_backbone, peers, batch_rows=4, epochs=2)
    spent = state.spent(peers)
    assert len(spent.epochs) == 2
    assert spent.seconds >= sum(61 / epoch.rows_per_second for epoch in spent.epochs) * 0.999
    assert spent.device == "cpu"
    assert spent.workers == 1
    assert 0 < spent.epochs[1].rate < spent.epochs[0].rate < 1


def test_a_meter_that_goes_on_counts_what_came_before() -> None:
    meter, other = Meter(torch.device("cpu")), Meter(torch.device("cpu"))
    meter.start()
    meter.count(10, 100, 0.5)
    meter.lap()
    other.load(meter.said())
    other.start()
    other.count(10, 100, 1.0)
    other.lap()
    other.end_epoch()
    (epoch,) = other.epochs
    assert epoch.rate == 0.75
    assert epoch.tokens_per_second == pytest.approx(epoch.rows_per_second * 10)
    assert other.seconds >= 20 / epoch.rows_per_second * 0.999


def test_how_busy_a_gpu_was_is_told_at_each_look_and_as_a_mean_over_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, shares = iter([0.0, 1.0, 4.0, 5.0, 7.0, 8.0, 9.0]), iter([0.4, 0.8, None])
    monkeypatch.setattr(meters.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(meters, "busy", lambda device: next(shares))
    meter = Meter(torch.device("cpu"))
    meter.start()
    assert [meter.lap()["gpu_busy"], meter.lap()["gpu_busy"]] == [0.4, 0.8]
    assert "gpu_busy" not in meter.lap()  # this time it was not told
    meter.end_epoch()
    assert meter.epochs[0].busy == pytest.approx((0.4 * 3 + 0.8 * 1) / 4)


def test_what_cannot_be_told_of_a_gpu_stops_no_training() -> None:
    assert busy(torch.device("cpu")) is None
    assert busy(torch.device("cuda")) is None or torch.cuda.is_available()


def test_memory_is_that_of_this_process_at_its_largest() -> None:
    before = peak_memory(torch.device("cpu"))
    held = torch.ones(before // 4 + 2**26)
    assert peak_memory(torch.device("cpu")) > before
    del held
