"""Importing a million rows, against what pyarrow needs to read the same file and write it as Parquet.

``python -m benchmarks.import_labels`` makes a CSV and a JSON Lines file of a million rows in a temporary folder and
imports each, three times, in turn with two peers: pyarrow as one uses it, which holds the whole table in memory, and
pyarrow block by block, which does not. Every attempt is a process of its own, so that its peak of memory is its own;
what starting Python and importing libraries takes is not counted, for either.
"""

import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROWS, LABELS = 1_000_000, 77
ATTEMPTS = 3


def main() -> None:
    """Print a table for docs/benchmarks.md, or as a child of such a process what one attempt took."""
    if len(sys.argv) > 1:
        who, file = sys.argv[1:]
        print(json.dumps(_attempt(_WHO[who](), Path(file))))
        return
    print(f"| {ROWS} rows | s | peak memory, MiB | ÷ pyarrow |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for path in _files(Path(folder)):
            taken: dict[str, list[tuple[float, float]]] = {who: [] for who in _WHO}
            for _ in range(ATTEMPTS):
                for who, found in taken.items():
                    found.append(_in_a_process(who, path))
            best = {who: min(seconds for seconds, _ in found) for who, found in taken.items()}
            for who, found in taken.items():
                peak = max(memory for _, memory in found)
                name = f"{path.suffix[1:]} of {path.stat().st_size >> 20} MiB: {who}"
                print(f"| {name} | {best[who]:.2f} | {peak:.0f} | {best[who] / best['pyarrow']:.1f} |")


def _files(folder: Path) -> tuple[Path, Path]:
    """The same rows as CSV and as JSON Lines: texts of 8 to 20 words, all different."""
    generator = random.Random(0)  # noqa: S311 (no secret)
    words = ["".join(generator.choices("abcdefghijklmnoprstuvw", k=generator.randint(2, 9))) for _ in range(2000)]
    table, lines = folder / "rows.csv", folder / "rows.jsonl"
    with table.open("w", newline="") as comma, lines.open("w") as line:
        writer = csv.writer(comma, lineterminator="\n")
        writer.writerow(["text", "label"])
        for number in range(ROWS):
            text = f"{' '.join(generator.choices(words, k=generator.randint(8, 20)))} {number}"
            label = f"label{generator.randrange(LABELS)}"
            writer.writerow([text, label])
            line.write(json.dumps({"text": text, "label": label}) + "\n")
    return table, lines


def _in_a_process(who: str, path: Path) -> tuple[float, float]:
    command = [sys.executable, "-m", "benchmarks.import_labels", who, str(path)]
    seconds, memory = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return seconds, memory


def _attempt(work: Callable[[Path, Path], None], path: Path) -> tuple[float, float]:
    """The seconds that the work took, and the most memory that this process ever held, in MiB."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        work(path, Path(folder))
        seconds = time.perf_counter() - started
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _headstart() -> Callable[[Path, Path], None]:
    from headstart import steps
    from headstart.compute import InlineCompute
    from headstart.context import Context
    from headstart.spec import Spec
    from headstart.workspace import Workspace

    def work(path: Path, folder: Path) -> None:
        spec = Spec.model_validate({"name": "million", "data": str(path), "workspace": str(folder)})
        dataset = steps.import_labels(spec, Context(Workspace.open(str(folder)), InlineCompute()))
        assert dataset.reconciliation.adds_up()

    return work


def _pyarrow() -> Callable[[Path, Path], None]:
    import pyarrow.csv
    import pyarrow.json
    import pyarrow.parquet

    def work(path: Path, folder: Path) -> None:
        read = pyarrow.csv.read_csv if path.suffix == ".csv" else pyarrow.json.read_json
        pyarrow.parquet.write_table(read(path), folder / "rows.parquet")

    return work


def _pyarrow_in_blocks() -> Callable[[Path, Path], None]:
    import pyarrow.csv
    import pyarrow.json
    import pyarrow.parquet

    def work(path: Path, folder: Path) -> None:
        reader = pyarrow.csv.open_csv(path) if path.suffix == ".csv" else pyarrow.json.open_json(path)
        with pyarrow.parquet.ParquetWriter(folder / "rows.parquet", reader.schema) as writer:
            for block in reader:
                writer.write_batch(block)

    return work


# Each gives what is measured once its libraries are imported.
_WHO = {"headstart": _headstart, "pyarrow": _pyarrow, "pyarrow, block by block": _pyarrow_in_blocks}

if __name__ == "__main__":
    main()
