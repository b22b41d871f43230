"""A worker killed by SIGKILL, whose checkpoints lie on a real S3 server: the training goes on from the last one."""

from collections import Counter
from pathlib import Path

from headstart import drill
from headstart.adapters.ray_compute import RayCompute
from headstart.compute import TrainJob
from headstart.spec import ComputeSpec
from headstart.store import open_store
from headstart.training import loop


def test_a_killed_training_goes_on_from_its_checkpoint_on_s3(tmp_path: Path, bucket: str) -> None:
    drill.prepare(tmp_path)
    (tmp_path / "victim").write_text("worker")
    job = TrainJob(
        drill.worker,
        {"folder": str(tmp_path)},
        "drill",
        f"{bucket}/ray",
        ComputeSpec(cpus_per_worker=1, max_failures=1),
    )
    with RayCompute() as compute:
        compute.train(job, lambda done, total, note: None)
    steps = Counter((tmp_path / "steps").read_text().split())
    assert (tmp_path / "due").exists(), "nobody was killed"
    assert len(steps) == 48
    # The first checkpoint is of the first look at the run; had the training begun anew, the steps before it were done twice.
    assert list(steps.values())[: loop.CHECK_STEPS] == [1] * loop.CHECK_STEPS
    assert steps.total() > len(steps)
    assert (tmp_path / "weights.safetensors").exists()
    assert not list(open_store(bucket).list("ray/")), "what a finished training leaves behind"
