"""Several nodes: a training that loses one in an epoch goes on with the workers that are left."""

import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ray
from ray.cluster_utils import Cluster

from headstart import drill
from headstart.adapters.ray_compute import RayCompute
from headstart.compute import InlineCompute, Peers, TrainJob
from headstart.spec import ComputeSpec


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    # Ray waits so long for the workers that it would rather have, before it goes on with fewer.
    monkeypatch.setenv("RAY_TRAIN_WORKER_GROUP_START_TIMEOUT_S", "10")
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    monkeypatch.setenv("RAY_ADDRESS", made.address)
    yield made
    ray.shutdown()
    made.shutdown()


def worker(config: Mapping[str, Any], peers: Peers) -> None:
    """The drill's training, which says where each worker is."""
    node = ray.get_runtime_context().get_node_id()
    (Path(config["folder"]) / f"{peers.rank}-of-{peers.world}").write_text(node)
    drill.worker(config, peers)


def last_losses(told: list[Mapping[str, float]]) -> list[float]:
    """The training's and the validation's loss, as told last."""
    return [[each[name] for each in told if name in each][-1] for name in ("train_loss", "validation_log_loss")]


@pytest.mark.slow
def test_a_training_that_loses_a_node_goes_on_with_fewer_workers_from_its_checkpoint(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = cluster.add_node(num_cpus=1)
    drill.prepare(tmp_path)
    (tmp_path / "victim").write_text("driver")  # after the first checkpoint, rank 0 waits for what happens to it
    compute = ComputeSpec(workers=2, least_workers=1, cpus_per_worker=1)
    job = TrainJob(worker, {"folder": str(tmp_path)}, "lost-node", str(tmp_path / "ray"), compute)

    told: list[Mapping[str, float]] = []

    def train() -> None:
        with RayCompute() as on:
            on.train(job, lambda done, total, note: None, told.append)

    running = threading.Thread(target=train)
    running.start()
    while not (tmp_path / "due").exists():
        assert running.is_alive()
        running.join(0.2)
    nodes = {(tmp_path / f"{rank}-of-2").read_text() for rank in (0, 1)}
    assert len(nodes) == 2, "both workers were on one node"
    cluster.remove_node(second, allow_graceful=False)
    running.join()

    steps = Counter((tmp_path / "steps").read_text().split())
    assert len(steps) == 48
    assert 0 < steps.total() - 48 < 24, "it began anew, or lost nothing"
    assert (tmp_path / "0-of-1").exists()
    assert (tmp_path / "weights.safetensors").exists()

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # for checkpoints that nobody takes
    alone, undisturbed = tmp_path / "alone", list[Mapping[str, float]]()
    alone.mkdir()
    drill.prepare(alone)
    (alone / "victim").write_text("nobody")
    by_one = TrainJob(drill.worker, {"folder": str(alone)}, "alone", str(alone), ComputeSpec())
    InlineCompute().train(by_one, lambda done, total, note: None, undisturbed.append)
    assert steps.keys() == set((alone / "steps").read_text().split()), "not the batches of every epoch"
    # Dropout is drawn by rank, so that losses are alike and not equal.
    np.testing.assert_allclose(last_losses(told), last_losses(undisturbed), rtol=0.05)
