"""A worker killed by SIGKILL, whose checkpoints lie on a real S3 server: the training goes on from the last one."""

from collections import Counter
from pathlib import Path

from headstart import drill
from headstart.adapters.ray_compute import RayCompute
from headstart.compute import TrainJob
from headstart.spec import ComputeSpec
from headstart.store import open_store


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
    # It dies some steps after the first checkpoint is stored; had it begun anew, all before them were done twice too.
    assert steps.total() - len(steps) == drill._STEPS_AFTER
    assert (tmp_path / "weights.safetensors").exists()
    assert not list(open_store(bucket).list("ray/")), "what a finished training leaves behind"
