"""Training on Ray Train: one worker process a share, DDP between them, checkpoints in the run's storage."""

import contextlib
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from headstart.adapters.ray_storage import storage
from headstart.compute import TrainJob
from headstart.ending import STATUS, terminable
from headstart.errors import ComputeError, UsageError
from headstart.spec import ComputeSpec

_KEPT = 2  # checkpoints: the newest, and one to be had while a newer one is stored
_GRACE_SECONDS = 25.0  # Kubernetes gives 30
_POLL_SECONDS = 0.2


def train(job: TrainJob, board: Any) -> None:
    """Run the job, continuing an earlier run of its name, and drop its checkpoints when it is done.

    Raises:
        ComputeError: The workers do not fit into the cluster.
        UsageError: A worker found something wrong with the spec or the data.
    """
    import ray
    from ray.train import CheckpointConfig, FailureConfig, RunConfig, ScalingConfig
    from ray.train.torch import TorchConfig, TorchTrainer

    cpus, gpus = _resources(job)
    most, least = job.compute.workers, job.compute.least_workers
    workers: Any = most if least is None or least >= most else (least, most)
    trainer = TorchTrainer(
        _worker,
        train_loop_config={"job": job, "board": board, "threads": cpus},
        torch_config=TorchConfig(backend="nccl" if gpus else "gloo"),
        scaling_config=ScalingConfig(
            num_workers=workers,
            use_gpu=gpus > 0,
            resources_per_worker={"CPU": cpus} | ({"GPU": gpus} if gpus else {}),
        ),
        run_config=RunConfig(
            name=job.name,
            failure_config=FailureConfig(max_failures=job.compute.max_failures),
            checkpoint_config=CheckpointConfig(num_to_keep=_KEPT),
            **storage(job.storage),
        ),
    )
    with _interruptible(), terminable(lambda: _leave(board), lambda: _Ended(STATUS)):
        result = trainer.fit()
    result.filesystem.delete_dir(result.path)
    refusal: UsageError | None = ray.get(board.refusal.remote())
    if refusal is not None:
        raise refusal


class _Ended(SystemExit):
    """The process was told to end, by SIGTERM, and no command line says how."""


def _leave(board: Any) -> None:
    """Let the workers keep a checkpoint before the process ends, as long as Kubernetes waits for that."""
    import ray

    board.leave.remote()
    deadline = time.monotonic() + _GRACE_SECONDS
    while time.monotonic() < deadline and not ray.get(board.has_left.remote()):
        time.sleep(_POLL_SECONDS)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Make Ctrl-C a KeyboardInterrupt again.

    Ray Train handles the signal by stopping its workers and ending the process with a status of its own, and
    leaves its handler behind, which would later end the process as if all were well.
    """
    handler = signal.getsignal(signal.SIGINT)
    try:
        yield
    except _Ended:
        raise
    except SystemExit as ended:
        raise KeyboardInterrupt from ended
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, handler)


def _resources(job: TrainJob) -> tuple[int, int]:
    """CPUs and GPUs of each worker. Ray would wait for ever for what the cluster does not have."""
    import ray

    has = ray.cluster_resources()
    compute = job.compute
    cpus = _each("CPU", compute, compute.cpus_per_worker, int(has.get("CPU", 0)), least=1)
    gpus = _each("GPU", compute, compute.gpus_per_worker, int(has.get("GPU", 0)), least=0)
    return cpus, gpus


def _each(kind: str, compute: ComputeSpec, wanted: int | Literal["auto"], there: int, least: int) -> int:
    """What each worker gets: what the spec says, or an even share (of GPUs at most one)."""
    share = there // compute.workers
    each = wanted if wanted != "auto" else max(least, share if kind == "CPU" else min(1, share))
    workers = min(compute.workers, compute.least_workers or compute.workers)
    if each * workers > there:
        raise ComputeError(
            "compute/not-enough",
            f"{workers} workers with {each} {kind} each need {each * workers}, and there are {there}.",
            remedy=f"Lower compute.workers or compute.{kind.lower()}s_per_worker, or use a larger machine or cluster.",
            where="compute",
        )
    return each


def _worker(config: Mapping[str, Any]) -> None:
    import ray
    import torch

    torch.set_num_threads(config["threads"])
    job: TrainJob = config["job"]
    board = config["board"]
    if ray.get(board.refusal.remote()) is not None:
        return  # Ray tries again, whatever the error; what the user has to mend stays as it is
    try:
        job.worker(job.config, _RayPeers(board))
    except UsageError as error:
        ray.get(board.refuse.remote(error))
        raise


class _RayPeers:
    """Fills :class:`headstart.compute.Peers` inside a Ray Train worker."""

    keeps = True

    def __init__(self, board: Any) -> None:
        from ray.train import get_context

        self._board = board
        self.rank: int = get_context().get_world_rank()
        self.world: int = get_context().get_world_size()

    def place(self, network: Any) -> Any:
        from ray.train.torch import get_device

        return network.to(get_device())

    @contextlib.contextmanager
    def resume(self) -> Iterator[Path | None]:
        from ray.train import get_checkpoint

        checkpoint = get_checkpoint()
        if checkpoint is None:
            yield None
            return
        with checkpoint.as_directory() as folder:
            yield Path(folder)

    def progress(self, done: float, total: float, note: str) -> None:
        self._board.post.remote(done, total, note)

    def tell(self, figures: Mapping[str, float]) -> None:
        self._board.tell.remote(dict(figures))

    def report(self, metrics: Mapping[str, Any], checkpoint: Path | None = None) -> None:
        from ray.train import Checkpoint, CheckpointUploadMode, report

        given = Checkpoint.from_directory(checkpoint) if checkpoint else None
        report(dict(metrics), checkpoint=given, checkpoint_upload_mode=CheckpointUploadMode.ASYNC)

    def is_leaving(self) -> bool:
        import ray

        return self.rank == 0 and bool(ray.get(self._board.is_leaving.remote()))

    def settle(self) -> None:
        from ray.train import CheckpointConsistencyMode, get_all_reported_checkpoints

        get_all_reported_checkpoints(consistency_mode=CheckpointConsistencyMode.COMMITTED)
        if self.rank == 0:
            self._board.left.remote()
