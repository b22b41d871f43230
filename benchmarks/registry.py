"""Publishing to a registry and pulling from it, against tools that only copy files, on one S3 server in one run.

``python -m benchmarks.registry`` starts the S3 server of the tests, or uses the one that AWS_ENDPOINT_URL names (a
real one: ``python -m tests.support.rgw python -m benchmarks.registry``). Peers: s3transfer by boto3 and `rclone
copy`, both from .venv-servers, and s3fs. They move the same file and neither hash nor record it; rclone's start is
counted. ``--mlflow PYTHON`` adds MLflow's log_model and registration, by a Python that has mlflow and boto3. Every
attempt moves bytes of its own, in turn.
"""

import contextlib
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from headstart.adapters.s3 import file_system
from headstart.blobs import Blobs
from headstart.digest import sha256_file
from headstart.registry import Registry
from headstart.stores.local import LocalStore
from tests.support.drafts import draft
from tests.support.servers import S3Server, s3_server

SIZE = 256 * 2**20
HEAD = 256 * 2**10
ATTEMPTS = 5
FOLDERS = ((64, 4 * 2**20), (500, 64 * 2**10))  # files, and bytes of each
PUBLISHERS, PUBLICATIONS = 16, 8
SERVERS = Path(__file__).parents[1] / ".venv-servers" / "bin"

_BOTO = """
import sys, time, boto3
what, bucket, key, path = sys.argv[1:]
client = boto3.client("s3")
began = time.perf_counter()
client.upload_file(path, bucket, key) if what == "put" else client.download_file(bucket, key, path)
print(time.perf_counter() - began)
"""
_FOLDER = """
import os, sys, time, boto3
from boto3.s3.transfer import create_transfer_manager, TransferConfig
what, bucket, folder = sys.argv[1:]
names = sys.stdin.read().split()
client = boto3.client("s3")
os.makedirs(folder, exist_ok=True)
began = time.perf_counter()
with create_transfer_manager(client, TransferConfig()) as manager:
    for name in names:
        path = os.path.join(folder, name)
        manager.upload(path, bucket, name) if what == "put" else manager.download(bucket, name, path)
print(time.perf_counter() - began)
"""
_MLFLOW = """
import os, sys, time, mlflow
bucket, folder, size, attempts = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
path = f"{folder}/weights"
mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
experiment = mlflow.create_experiment("e", artifact_location=f"s3://{bucket}/mlflow")
class Model(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input):
        return model_input
for number in range(2 * attempts):
    if number % 2 == 0:
        with open(path, "wb") as file:
            file.write(os.urandom(size))
    began = time.perf_counter()
    with mlflow.start_run(experiment_id=experiment):
        mlflow.pyfunc.log_model(name="m", python_model=Model(), artifacts={"w": path}, registered_model_name="m",
                                pip_requirements=[])
    print(time.perf_counter() - began, flush=True)
"""


def main() -> None:
    """Print a table for docs/benchmarks.md."""
    with _server() as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _throughput(server, folder)
        for count, size in FOLDERS:
            _folder(server, folder, count, size)
        _versions(server, folder)
        if "--mlflow" in sys.argv:
            _mlflow(server, folder, sys.argv[sys.argv.index("--mlflow") + 1])
        _crowd(server, folder)


@contextlib.contextmanager
def _server() -> Iterator[S3Server]:
    if "AWS_ENDPOINT_URL" in os.environ:
        yield S3Server(os.environ["AWS_ENDPOINT_URL"])
        return
    with s3_server() as server:
        yield server


def _throughput(server: S3Server, folder: Path) -> None:
    ways: dict[str, Callable[[str, Path, Path], tuple[float, float]]] = {
        "headstart publish, pull": _headstart,
        "s3transfer (boto3)": _boto,
        "s3fs put_file, get_file": _s3fs,
        "rclone copyto": _rclone,
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    hashing: list[float] = []
    for attempt in range(ATTEMPTS):
        for name in sorted(ways, key=lambda name: (list(ways).index(name) + attempt) % len(ways)):
            # Each begins with the disk at rest and finds the memory that the one before has left.
            with tempfile.TemporaryDirectory(dir=folder) as own:
                os.environ["HEADSTART_CACHE"] = f"{own}/cache"
                source = Path(own) / "source"
                source.write_bytes(os.urandom(SIZE))
                os.sync()
                hashing.append(_seconds(lambda: sha256_file(source)))  # noqa: B023
                taken[name].append(ways[name](server.make_bucket(), source, Path(own) / "target"))
    seconds = {name: tuple(map(statistics.median, zip(*each, strict=True))) for name, each in taken.items()}
    _print_throughput(seconds, statistics.median(hashing))


def _print_throughput(seconds: dict[str, tuple[float, ...]], hashing: float) -> None:
    best = [min(each) for each in zip(*list(seconds.values())[1:], strict=True)]  # of the peers
    seconds = seconds | {"the best peer, and sha256 of the file": tuple(each + hashing for each in best)}
    print(f"| {SIZE >> 20} MiB, median of {ATTEMPTS} | up, MB/s | ÷ best peer | down, MB/s | ÷ best peer |")
    print("|---|---|---|---|---|")
    for name, each in seconds.items():
        cells = [f"{SIZE / 1e6 / took:.0f} | {least / took:.2f}" for took, least in zip(each, best, strict=True)]
        print(f"| {name} | {' | '.join(cells)} |")


def _headstart(bucket: str, source: Path, target: Path) -> tuple[float, float]:
    workspace = Blobs(LocalStore(target.with_name("workspace")))
    brought = draft(workspace, {"model.safetensors": source.read_bytes()})
    registry = Registry(bucket)
    registry.prepare()
    up = _seconds(lambda: registry.publish(brought, workspace, "tx"))
    down = _seconds(lambda: registry.pull("intents", target))
    return up, down


def _boto(bucket: str, source: Path, target: Path) -> tuple[float, float]:
    def seconds(what: str, path: Path) -> float:
        command = [SERVERS / "python", "-c", _BOTO, what, bucket.removeprefix("s3://"), "key", str(path)]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    return seconds("put", source), seconds("get", target)


def _s3fs(bucket: str, source: Path, target: Path) -> tuple[float, float]:
    files = file_system()
    key = f"{bucket}/key"
    return _both(lambda: files.put_file(str(source), key), lambda: files.get_file(key, str(target)))


def _rclone(bucket: str, source: Path, target: Path) -> tuple[float, float]:
    remote = f":s3,provider=Other,env_auth=true,endpoint='{os.environ['AWS_ENDPOINT_URL']}':"
    key = f"{remote}{bucket.removeprefix('s3://')}/key"

    def run(*what: str) -> None:
        subprocess.run([SERVERS / "rclone", "--config", "/dev/null", "copyto", *what], check=True)

    return _both(lambda: run(str(source), key), lambda: run(key, str(target)))


def _folder(server: S3Server, folder: Path, count: int, size: int) -> None:
    """A version of many files, beside s3transfer with its own choice of threads."""
    names = ("headstart publish, pull", "s3transfer (boto3)")
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for attempt in range(ATTEMPTS):
        for name in names[:: 1 if attempt % 2 else -1]:
            with tempfile.TemporaryDirectory(dir=folder) as own:
                os.environ["HEADSTART_CACHE"] = f"{own}/cache"
                source = Path(own) / "source"
                source.mkdir()
                for number in range(count):
                    (source / str(number)).write_bytes(os.urandom(size))
                os.sync()
                way = _headstart_folder if name == names[0] else _boto_folder
                taken[name].append(way(server.make_bucket(), source, Path(own) / "target"))
    print(f"| {count} files of {size >> 10} KiB, median of {ATTEMPTS} | up, s | down, s |")
    print("|---|---|---|")
    for name, each in taken.items():
        up, down = map(statistics.median, zip(*each, strict=True))
        print(f"| {name} | {up:.2f} | {down:.2f} |")


def _headstart_folder(bucket: str, source: Path, target: Path) -> tuple[float, float]:
    workspace = Blobs(LocalStore(target.with_name("workspace")))
    brought = draft(workspace, {path.name: path.read_bytes() for path in source.iterdir()})
    registry = Registry(bucket)
    registry.prepare()
    return _both(lambda: registry.publish(brought, workspace, "tx"), lambda: registry.pull("intents", target))


def _boto_folder(bucket: str, source: Path, target: Path) -> tuple[float, float]:
    names = "\n".join(path.name for path in source.iterdir())

    def seconds(what: str, path: Path) -> float:
        command = [SERVERS / "python", "-c", _FOLDER, what, bucket.removeprefix("s3://"), str(path)]
        return float(subprocess.run(command, input=names, check=True, capture_output=True, text=True).stdout)

    return seconds("put", source), seconds("get", target)


def _versions(server: S3Server, folder: Path) -> None:
    workspace, registry = Blobs(LocalStore(folder / "versions")), Registry(server.make_bucket())
    registry.prepare()
    taken: list[float] = []
    for number in range(2 * ATTEMPTS):
        if number % 2 == 0:
            backbone = os.urandom(SIZE)
        brought = draft(workspace, {"backbone": backbone, "head": os.urandom(HEAD)})
        taken.append(_seconds(lambda: registry.publish(brought, workspace, f"tx{number}")))  # noqa: B023
    print(f"| a version of {SIZE >> 20} MiB, median of {ATTEMPTS} | new weights, s | weights that are there, s |")
    print("|---|---|---|")
    _print_versions("headstart publish", taken)


def _print_versions(name: str, taken: list[float]) -> None:
    print(f"| {name} | {statistics.median(taken[::2]):.2f} | {statistics.median(taken[1::2]):.2f} |")


def _mlflow(server: S3Server, folder: Path, python: str) -> None:
    bucket = server.make_bucket().removeprefix("s3://")
    environment = os.environ | {"MLFLOW_S3_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"]}
    command = [python, "-c", _MLFLOW, bucket, str(folder), str(SIZE), str(ATTEMPTS)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    _print_versions("MLflow log_model and registration", list(map(float, done.stdout.split())))


def _crowd(server: S3Server, folder: Path) -> None:
    bucket = server.make_bucket()
    Registry(bucket).prepare()
    with ProcessPoolExecutor(PUBLISHERS, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_warm, [bucket] * PUBLISHERS))
        began = time.perf_counter()
        numbers = [
            number
            for each in pool.map(_publish, [bucket] * PUBLISHERS, [str(folder)] * PUBLISHERS, range(PUBLISHERS))
            for number in each
        ]
        seconds = time.perf_counter() - began
    there = Registry(bucket).versions("intents")
    lost = len(set(there) ^ set(numbers)) + len(numbers) - len(set(numbers))
    print(f"{PUBLISHERS} publishers at once: {len(numbers) / seconds:.1f} versions/s, {lost} lost")


def _warm(bucket: str) -> None:
    Registry(bucket).models()


def _publish(bucket: str, folder: str, who: int) -> list[int]:
    workspace, registry = Blobs(LocalStore(Path(folder) / f"publisher-{who}")), Registry(bucket)
    drafts = [draft(workspace, {"head": os.urandom(HEAD)}) for _ in range(PUBLICATIONS)]
    return [registry.publish(each, workspace, uuid.uuid4().hex).version for each in drafts]


def _both(up: Callable[[], object], down: Callable[[], object]) -> tuple[float, float]:
    return _seconds(up), _seconds(down)


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
