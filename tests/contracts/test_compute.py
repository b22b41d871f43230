"""The compute contract, on Ray and in this process alike."""

import dataclasses
import json
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from headstart.adapters.ray_compute import RayCompute
from headstart.compute import Alone, Compute, InlineCompute, Peers, SearchJob, TrainJob
from headstart.errors import ComputeError, DataError
from headstart.spec import ComputeSpec
from headstart.threads import ThreadCompute
from headstart.training import loop, saver, sharding
from headstart.training.nearby import Sums
from tests.support.training import fitted

HERE: Mapping[str, Callable[[], Compute]] = {"inline": InlineCompute, "threads": ThreadCompute}


def quiet(done: float, total: float, note: str) -> None:
    assert 0 <= done <= total


@pytest.fixture(scope="module")
def ray() -> Iterator[RayCompute]:
    with RayCompute() as compute:
        yield compute


@pytest.fixture(params=["inline", "threads", "ray"])
def compute(request: pytest.FixtureRequest) -> Compute:
    return HERE[request.param]() if request.param in HERE else request.getfixturevalue("ray")


def scaled(item: int, shared: Mapping[str, Any]) -> float:
    return item * float(shared["array"].sum())


def searching(
    function: Callable[[int, Mapping[str, Any]], Iterator[float]], trials: Sequence[int], folder: Path, **how: Any
) -> SearchJob[int, float]:
    settings: dict[str, Any] = {"budget_seconds": 600, "shared": {"array": np.ones(1000)}} | how
    return SearchJob(
        function=function,
        trials=trials,
        measure=lambda result: {"score": result},
        storage=str(folder),
        name="search",
        **settings,
    )


def nearer(item: int, shared: Mapping[str, Any]) -> Iterator[float]:
    """Two results, the last of which is what a trial is worth."""
    yield 0.0
    yield scaled(item, shared)


def refusing_trial(item: int, shared: Mapping[str, Any]) -> Iterator[float]:
    yield refusing(item, shared)


def unkept(number: int, result: float) -> None:
    """For who does not keep results."""


def refusing(item: int, shared: Mapping[str, Any]) -> float:
    if item == 2:
        raise DataError("data/no-rows", "there are no records.", remedy="Label some.", where="item 2")
    return 0.0


def test_results_come_in_the_order_of_the_items(compute: Compute, tmp_path: Path) -> None:
    shared = {"array": np.ones(1000)}
    assert compute.map(scaled, range(20), shared, quiet) == [1000.0 * item for item in range(20)]
    assert compute.map(scaled, [], shared, quiet) == []
    assert compute.search(searching(nearer, range(6), tmp_path), quiet, unkept) == [1000.0 * item for item in range(6)]


def handed(item: int, shared: Mapping[str, Any]) -> float:
    return item * float(shared["handle"].get().sum())


def test_what_is_shared_is_read_by_every_task(compute: Compute) -> None:
    handle = compute.share(np.ones(1000))
    assert float(handle.get().sum()) == 1000.0
    assert compute.map(handed, range(4), {"handle": handle}, quiet) == [1000.0 * item for item in range(4)]


def test_progress_is_told_to_the_end(compute: Compute, tmp_path: Path) -> None:
    told: list[tuple[float, float]] = []
    compute.map(scaled, range(5), {"array": np.ones(1)}, lambda done, total, note: told.append((done, total)))
    assert told[-1] == (5, 5)
    told.clear()
    compute.search(searching(nearer, range(5), tmp_path), lambda done, total, note: told.append((done, total)), unkept)
    assert told[-1] == (5, 5)


def test_each_result_of_a_search_is_handed_over_as_soon_as_it_is_the_last(compute: Compute, tmp_path: Path) -> None:
    kept: dict[int, float] = {}
    here = threading.Lock()  # cannot be sent anywhere, as what keeps results often cannot

    def keep(number: int, result: float) -> None:
        with here:
            kept[number] = result

    compute.search(searching(nearer, range(4), tmp_path), quiet, keep)
    assert kept == {number: 1000.0 * number for number in range(4)}


@pytest.mark.parametrize("how", ["map", "search"])
def test_our_own_errors_come_back_as_they_were_raised(compute: Compute, how: str, tmp_path: Path) -> None:
    def run() -> object:
        if how == "map":
            return compute.map(refusing, range(4), {}, quiet)
        return compute.search(searching(refusing_trial, range(4), tmp_path), quiet, unkept)

    with pytest.raises(DataError) as caught:
        run()
    assert (caught.value.code, caught.value.where, caught.value.remedy) == ("data/no-rows", "item 2", "Label some.")


def broken(item: int, shared: Mapping[str, Any]) -> float:
    return 1 / 0


def test_a_bug_on_a_worker_is_told_with_its_last_line(ray: RayCompute) -> None:
    with pytest.raises(ComputeError, match="division by zero"):
        ray.map(broken, [0], {}, quiet)


def test_a_search_that_finishes_nothing_in_its_budget_says_so(compute: Compute, tmp_path: Path) -> None:
    function, budget = (nearer, 0.0) if isinstance(compute, InlineCompute) else (endless, 1.0)
    with pytest.raises(ComputeError, match="finished"):
        compute.search(searching(function, range(3), tmp_path, budget_seconds=budget), quiet, unkept)


def endless(item: int, shared: Mapping[str, Any]) -> Iterator[float]:
    yield 0.0
    while True:
        sum(range(10_000))


def rising(item: int, shared: Mapping[str, Any]) -> Iterator[float]:
    for part in range(1, 9):
        yield item + part / 10


def test_with_halving_trials_that_lag_behind_end_early_and_are_not_handed_over(ray: RayCompute, tmp_path: Path) -> None:
    kept: dict[int, float] = {}
    trials = list(reversed(range(12)))  # the best come first, so that the others are seen to lag
    found = ray.search(searching(rising, trials, tmp_path, halving=True), quiet, kept.__setitem__)
    assert len(found) == 12
    assert kept[0] == found[0] == 11.8
    ended_early = [number for number in range(12) if number not in kept]
    assert ended_early
    assert all(found[number] < trials[number] + 0.8 for number in ended_early)


def test_a_search_can_be_looked_at_in_tensorboard(ray: RayCompute, tmp_path: Path) -> None:
    ray.search(searching(nearer, [3], tmp_path), quiet, unkept)
    (events,) = tmp_path.rglob("events.out.tfevents.*")
    assert b"score" in events.read_bytes()


def writing(config: Mapping[str, Any], peers: Peers) -> None:
    with peers.resume() as folder:
        assert folder is None
    peers.progress(1, 2, "half way")
    peers.report({"loss": 1.0})
    (Path(config["folder"]) / f"{peers.rank}-of-{peers.world}").touch()


def refusing_worker(config: Mapping[str, Any], peers: Peers) -> None:
    with (Path(config["folder"]) / f"refused-by-{peers.rank}").open("a") as log:
        log.write("once\n")
    raise DataError("data/no-rows", "there are no records.", remedy="Label some.", where=f"rank {peers.rank}")


def job(worker: Any, folder: Path, name: str, **compute: Any) -> TrainJob:
    return TrainJob(worker, {"folder": str(folder)}, name, str(folder / "ray"), ComputeSpec(**compute))


def test_a_training_runs_to_its_end(compute: Compute, tmp_path: Path) -> None:
    compute.train(job(writing, tmp_path, "one"), quiet)
    assert (tmp_path / "0-of-1").exists()


def test_every_worker_of_a_training_runs_and_no_checkpoint_is_left(ray: RayCompute, tmp_path: Path) -> None:
    ray.train(job(writing, tmp_path, "two", workers=2, cpus_per_worker=1), quiet)
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {"0-of-2", "1-of-2"}
    assert not list((tmp_path / "ray").rglob("*.safetensors"))


def summing(config: Mapping[str, Any], peers: Peers) -> None:
    sums = Sums(peers, torch.device("cpu"))
    brought = torch.full((3,), float(peers.rank + 1))
    sums.add_up([brought])
    (Path(config["folder"]) / f"{peers.rank}.json").write_text(json.dumps([sums.shares_memory, brought.tolist()]))


def test_workers_of_one_machine_sum_in_memory_that_they_share(ray: RayCompute, tmp_path: Path) -> None:
    ray.train(job(summing, tmp_path, "summing", workers=2, cpus_per_worker=1), quiet)
    assert [json.loads((tmp_path / f"{rank}.json").read_text()) for rank in (0, 1)] == [[True, [3.0, 3.0, 3.0]]] * 2


def telling(config: Mapping[str, Any], peers: Peers) -> None:
    peers.tell({"step": 8, "train_loss": 0.75})


def test_the_figures_of_a_training_are_exported_by_ray_for_prometheus(ray: RayCompute, tmp_path: Path) -> None:
    told: list[Mapping[str, float]] = []
    made = dataclasses.replace(job(telling, tmp_path, "telling"), title="support-intents")
    ray.train(made, quiet, told.append)
    assert told == [{"step": 8, "train_loss": 0.75}]
    import ray as cluster

    (node,) = cluster.nodes()
    page, deadline = "", time.monotonic() + 60  # Ray gathers them every ten seconds
    while "ray_headstart_train_loss{" not in page and time.monotonic() < deadline:
        with urllib.request.urlopen(f"http://127.0.0.1:{node['MetricsExportPort']}/metrics") as answer:
            page = answer.read().decode()
    (line,) = (each for each in page.splitlines() if each.startswith("ray_headstart_train_loss{"))
    assert 'model="support-intents"' in line
    assert 'training="telling"' in line
    assert line.endswith(" 0.75")


@pytest.mark.parametrize("tries", [0, 2])
def test_what_the_user_has_to_mend_comes_back_as_it_was_raised_and_is_not_tried_again(
    ray: RayCompute, tmp_path: Path, tries: int
) -> None:
    with pytest.raises(DataError, match="no records"):
        ray.train(job(refusing_worker, tmp_path, "refusing", max_failures=tries), quiet)
    assert (tmp_path / "refused-by-0").read_text() == "once\n"


def dying_once(config: Mapping[str, Any], peers: Peers) -> None:
    marks = Path(config["folder"])
    with peers.resume() as folder:
        found = (folder / "state.txt").read_text() if folder else ""
    (marks / f"attempt-{len(list(marks.glob('attempt-*')))}").write_text(found)
    if not found:
        checkpoint = marks / "checkpoint"
        checkpoint.mkdir()
        (checkpoint / "state.txt").write_text("after epoch 1")
        peers.report({"loss": 1.0}, checkpoint)
        peers.settle()  # it is stored in the background, and what is not stored yet dies with the worker
        raise RuntimeError("died")


def test_a_training_that_died_goes_on_from_its_checkpoint_by_itself(ray: RayCompute, tmp_path: Path) -> None:
    ray.train(job(dying_once, tmp_path, "retried", max_failures=1), quiet)
    assert [(tmp_path / f"attempt-{number}").read_text() for number in (0, 1)] == ["", "after epoch 1"]


def test_a_new_driver_goes_on_from_the_checkpoint_of_a_dead_one(ray: RayCompute, tmp_path: Path) -> None:
    with pytest.raises(ComputeError, match="died"):
        ray.train(job(dying_once, tmp_path, "again", max_failures=0), quiet)
    ray.train(job(dying_once, tmp_path, "again", max_failures=0), quiet)
    assert [(tmp_path / f"attempt-{number}").read_text() for number in (0, 1)] == ["", "after epoch 1"]


def dividing(config: Mapping[str, Any], peers: Peers) -> None:
    """Train with divided weights; the first attempt dies once its first checkpoint is stored."""
    folder = Path(config["folder"])
    saver.SHARE, loop.CHECK_STEPS = 1e9, 1
    watched = Watched(peers, folder)
    made, _ = fitted(Path(config["backbone"]), watched, dropout=False, batch_rows=8, shard=config["shard"])  # type: ignore[arg-type]
    blocks = [each for block in made.encoder.blocks or () for each in block.parameters()]  # type: ignore[operator]
    held = sum((each.to_local() if sharding.is_sharded(made) else each).numel() for each in blocks)
    weights = sharding.whole(made.state_dict(), keeps=peers.rank == 0)
    (folder / f"held-{peers.rank}").write_text(f"{held} of {sum(each.numel() for each in blocks)}")
    if peers.rank == 0:
        save_file(weights, folder / "weights.safetensors")


class Watched:
    """Peers that count the steps of each attempt, and fail once, when a checkpoint was stored."""

    keeps = True

    def __init__(self, peers: Peers, folder: Path) -> None:
        self._peers, self._folder, self._is_first = peers, folder, not (folder / "died").exists()
        self.rank, self.world = peers.rank, peers.world

    def __getattr__(self, name: str) -> Any:
        return getattr(self._peers, name)

    def progress(self, done: float, total: float, note: str) -> None:
        with (self._folder / "steps").open("a") as steps:
            steps.write(f"{done:.4f}\n")

    def report(self, metrics: Mapping[str, Any], checkpoint: Path | None = None) -> None:
        self._peers.report(metrics, checkpoint)
        if self._is_first and "step" in metrics:
            self._peers.settle()
            if self.rank == 0:  # the other is ended with it, and would end it too early if it died first
                (self._folder / "died").touch()
                raise RuntimeError("died")


def test_a_training_with_divided_weights_dies_and_goes_on_from_its_checkpoint(
    ray: RayCompute, tmp_path: Path, tiny_backbone: Path
) -> None:
    config = {"folder": str(tmp_path), "backbone": str(tiny_backbone), "shard": "always"}
    compute = ComputeSpec(workers=2, cpus_per_worker=1, max_failures=1)
    ray.train(TrainJob(dividing, config, "divided", str(tmp_path / "ray"), compute), quiet)
    held = [(tmp_path / f"held-{rank}").read_text().split(" of ") for rank in (0, 1)]
    assert all(2 * int(part) == int(everything) for part, everything in held), held
    steps = Counter((tmp_path / "steps").read_text().split())
    assert (tmp_path / "died").exists()
    assert len(steps) == 3 * 8
    assert steps[min(steps)] == 1, "it began anew"
    alone, _ = fitted(tiny_backbone, Alone(), dropout=False, batch_rows=8)
    for name, tensor in load_file(tmp_path / "weights.safetensors").items():
        torch.testing.assert_close(tensor, alone.state_dict()[name], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("wanted", [{"workers": 999}, {"cpus_per_worker": 999}, {"gpus_per_worker": 99}])
def test_more_than_the_machine_has_is_refused_instead_of_waited_for(
    ray: RayCompute, tmp_path: Path, wanted: dict[str, int]
) -> None:
    with pytest.raises(ComputeError) as caught:
        ray.train(job(writing, tmp_path, "large", **wanted), quiet)
    assert caught.value.code == "compute/not-enough"


def test_the_clusters_token_is_readable_by_its_owner_alone(ray: RayCompute) -> None:
    import os

    ray.map(scaled, [1], {"array": np.ones(1)}, quiet)
    token = Path(os.environ["RAY_AUTH_TOKEN_PATH"])
    assert token.stat().st_mode & 0o077 == 0
    assert token.parent.stat().st_mode & 0o077 == 0
    assert len(token.read_text()) >= 32
