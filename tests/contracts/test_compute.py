"""The compute contract, on Ray and in this process alike."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headstart.adapters.ray_compute import RayCompute
from headstart.compute import Compute, InlineCompute, Peers, TrainJob
from headstart.errors import ComputeError, DataError
from headstart.spec import ComputeSpec


def quiet(done: float, total: float, note: str) -> None:
    assert 0 <= done <= total


@pytest.fixture(scope="module")
def ray() -> Iterator[RayCompute]:
    with RayCompute() as compute:
        yield compute


@pytest.fixture(params=["inline", "ray"])
def compute(request: pytest.FixtureRequest) -> Compute:
    return InlineCompute() if request.param == "inline" else request.getfixturevalue("ray")


def scaled(item: int, shared: Mapping[str, Any]) -> float:
    return item * float(shared["array"].sum())


def refusing(item: int, shared: Mapping[str, Any]) -> float:
    if item == 2:
        raise DataError("data/no-rows", "there are no records.", remedy="Label some.", where="item 2")
    return 0.0


def test_results_come_in_the_order_of_the_items(compute: Compute) -> None:
    shared = {"array": np.ones(1000)}
    assert compute.map(scaled, range(20), shared, quiet) == [1000.0 * item for item in range(20)]
    assert compute.search(scaled, range(6), shared, 600, quiet) == [1000.0 * item for item in range(6)]
    assert compute.map(scaled, [], shared, quiet) == []


def test_progress_is_told_to_the_end(compute: Compute) -> None:
    for run in (compute.map, lambda *arguments: compute.search(*arguments[:3], 600, arguments[3])):
        told: list[tuple[float, float]] = []
        run(scaled, range(5), {"array": np.ones(1)}, lambda done, total, note, told=told: told.append((done, total)))  # type: ignore[operator]
        assert told[-1] == (5, 5)


@pytest.mark.parametrize("how", ["map", "search"])
def test_our_own_errors_come_back_as_they_were_raised(compute: Compute, how: str) -> None:
    with pytest.raises(DataError) as caught:
        compute.map(refusing, range(4), {}, quiet) if how == "map" else compute.search(
            refusing, range(4), {}, 60, quiet
        )
    assert (caught.value.code, caught.value.where, caught.value.remedy) == ("data/no-rows", "item 2", "Label some.")


def broken(item: int, shared: Mapping[str, Any]) -> float:
    return 1 / 0


def test_a_bug_on_a_worker_is_told_with_its_last_line(ray: RayCompute) -> None:
    with pytest.raises(ComputeError, match="division by zero"):
        ray.map(broken, [0], {}, quiet)


def test_a_search_that_finishes_nothing_in_its_budget_says_so(compute: Compute) -> None:
    with pytest.raises(ComputeError, match="finished"):
        compute.search(scaled, range(3), {"array": np.ones(1)}, 0.0, quiet) if isinstance(
            compute, InlineCompute
        ) else compute.search(endless, range(3), {}, 1.0, quiet)


def endless(item: int, shared: Mapping[str, Any]) -> float:
    while True:
        sum(range(10_000))


def writing(config: Mapping[str, Any], peers: Peers) -> None:
    with peers.resume() as folder:
        assert folder is None
    peers.progress(1, 2, "half way")
    peers.report({"loss": 1.0})
    (Path(config["folder"]) / f"{peers.rank}-of-{peers.world}").touch()


def refusing_worker(config: Mapping[str, Any], peers: Peers) -> None:
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


def test_an_error_of_ours_in_a_training_comes_back_as_it_was_raised(ray: RayCompute, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no records"):
        ray.train(job(refusing_worker, tmp_path, "refusing", max_failures=0), quiet)


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
        raise DataError("data/no-rows", "died.", remedy="Try again.")


def test_a_training_that_died_goes_on_from_its_checkpoint_by_itself(ray: RayCompute, tmp_path: Path) -> None:
    ray.train(job(dying_once, tmp_path, "retried", max_failures=1), quiet)
    assert [(tmp_path / f"attempt-{number}").read_text() for number in (0, 1)] == ["", "after epoch 1"]


def test_a_new_driver_goes_on_from_the_checkpoint_of_a_dead_one(ray: RayCompute, tmp_path: Path) -> None:
    with pytest.raises(DataError):
        ray.train(job(dying_once, tmp_path, "again", max_failures=0), quiet)
    ray.train(job(dying_once, tmp_path, "again", max_failures=0), quiet)
    assert [(tmp_path / f"attempt-{number}").read_text() for number in (0, 1)] == ["", "after epoch 1"]


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
