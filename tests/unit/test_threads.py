"""Searches in threads: side by side, a thread of arithmetic each, and near where the work is small."""

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from headstart.adapters.ray_compute import RayCompute
from headstart.compute import InlineCompute, SearchJob
from headstart.threads import ThreadCompute


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def meeting(item: int, shared: Mapping[str, Any]) -> Iterator[int]:
    """Ends where as many trials run at once as are to meet."""
    shared["barrier"].wait(timeout=60)
    yield torch.get_num_threads()


def job(function: Any, trials: int, folder: Path, **shared: Any) -> SearchJob[int, int]:
    return SearchJob(function, range(trials), shared, lambda each: {"score": each}, 600, str(folder), "search")


def test_trials_run_side_by_side_with_a_thread_each(two_threads: None, tmp_path: Path) -> None:
    found = ThreadCompute().search(
        job(meeting, 2, tmp_path, barrier=threading.Barrier(2)), lambda *told: None, lambda *kept: None
    )
    assert found == [1, 1]
    assert torch.get_num_threads() == 2


def test_results_are_kept_by_the_thread_that_searches(two_threads: None, tmp_path: Path) -> None:
    kept_by: set[int] = set()
    shared = {"barrier": threading.Barrier(1)}
    ThreadCompute().search(
        job(meeting, 4, tmp_path, **shared), lambda *told: None, lambda *kept: kept_by.add(threading.get_ident())
    )
    assert kept_by == {threading.get_ident()}


def test_work_of_seconds_is_done_nearby_and_more_of_it_where_workers_are() -> None:
    inline = InlineCompute()
    assert inline.for_work(1e9) is inline
    with RayCompute() as ray:
        assert isinstance(ray.for_work(1.0), ThreadCompute)
        assert ray.for_work(1.0) is ray.for_work(2.0), "what is shared there is shared once"
        assert ray.for_work(3600.0) is ray
