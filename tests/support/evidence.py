"""A run's values without a run: for what only shows them."""

import numpy as np

from headstart.backbone import Backbone, Backbones
from headstart.blobs import File
from headstart.dataset import Dataset
from headstart.evaluation.abstention import Abstention
from headstart.evaluation.conformal import Sets
from headstart.evaluation.decision import Cost, Decision, TestUse
from headstart.evaluation.estimate import Estimate
from headstart.evaluation.findings import Findings
from headstart.evaluation.gate import Candidate, Champion, decide
from headstart.evaluation.mistakes import Mistake
from headstart.evaluation.neighbours import Neighbours
from headstart.evaluation.novelty import Unusual
from headstart.evaluation.paired import Gain
from headstart.evaluation.promises import Calibration
from headstart.evaluation.robustness import Change
from headstart.evaluation.scaling import NONE
from headstart.evaluation.slices import sliced
from headstart.evaluation.suspects import Suspect, Suspects
from headstart.evidence import Evidence
from headstart.head import Head
from headstart.labels.reconciling.account import Lengths, Reconciliation, Rejected, Source, Vocabulary
from headstart.model import Manifest, Model
from headstart.passport import Passport
from headstart.registry import Lineage, Version
from headstart.search import Candidate as Tried
from headstart.spec import Spec
from headstart.training.forecast import Forecast
from headstart.training.history import Epoch, Pace, Spent
from headstart.views import View
from tests.support.verdicts import verdict

_FILE = File(path="model.safetensors", sha256="0" * 64, size=1)


NEIGHBOURS = Neighbours(
    count=1, of=20, among=50, examples=(("<b>a</b> test text", "a training text", 0.97),), others=Estimate(value=0.7, low=0.6, high=0.8)
)  # fmt: skip


FINDINGS = Findings(
    neighbours=NEIGHBOURS,
    mistakes=(
        Mistake(
            place="export.csv, line 7", text="<i>a text</i>", label="a", said="b", probability=0.97, near="another text", near_label="b",
            cosine=0.4,
        ),
    ),
    suspects=Suspects(
        count=1, of=50, rows=(Suspect(place="export.csv, line 9", text="<b>text</b>", label="a", rather="b", probability=0.93),)
    ),
    changes=(
        Change(
            name="capitals", altered=40,
            effect=Gain(rows=40, differing=3, gain=Estimate(value=-0.05, low=-0.11, high=0.01), confidence=0.05, detectable=0.08),
        ),
    ),
)  # fmt: skip
CALIBRATION = Calibration(
    learned_on="validation",
    rows=200,
    scaling=NONE,
    sets=Sets(coverage=0.9, threshold=0.2, expected=Estimate(value=0.905, low=0.86, high=0.94)),
    abstention=Abstention(precision=0.95, threshold=0.6, answered=0.8, bound=0.951),
    unusual=Unusual(threshold=0.1, flagged=0.05),
)
USE = TestUse(rows="f" * 64, candidates=1)
COST = Cost(seconds=2.5, machine="2 CPU cores, x86_64", size=1000)


def candidate(rows: int, name: str = "tuned model", digest: str = "m") -> Candidate:
    """A candidate for the gate, with a calibration and nothing unusual."""
    return Candidate(name, digest, CALIBRATION, np.ones(rows, np.float32), "r", COST)


def evidence(
    labels: tuple[str, ...] = ("a", "b"), trained: bool = True, champion: bool = False, control: float = 0.5
) -> Evidence:
    """Values that fit together, for any vocabulary."""
    spec = Spec.model_validate({"name": "shown", "data": "export.csv"})
    tried = Tried(
        view=View(layers=(1,), pooling="mean"), family="ridge", setting={"strength": 0.5}, score=0.8, log_loss=0.4,
        temperature=1.0, complete=True, seconds=0.01,
    )  # fmt: skip
    history = (
        (Epoch(train_loss=0.5, score=0.7, log_loss=0.6), Epoch(train_loss=0.2, score=0.8, log_loss=0.5))
        if trained
        else ()
    )
    return Evidence(
        spec=spec,
        dataset=_dataset(labels),
        backbones=Backbones(candidates=(_backbone(),)),
        verdict=verdict(labels, backbone=_backbone().identity),
        head=Head(
            backbone=_backbone().identity,
            metric="macro_f1",
            judged_by="validation",
            judged=len(labels),
            pass_seconds=2.5,
            chosen=tried,
            tried=(
                tried,
                tried.model_copy(update={"view": View(layers=(2,), pooling="mean"), "score": 0.7}),
                tried.model_copy(update={"complete": False, "score": 0.9}),
            ),
            file=_FILE,
            refitted=None,
        ),
        model=_model(labels, history),
        decision=_decision(labels, champion, control),
    )


def version() -> Version:
    """A published version of the evidence."""
    lineage = Lineage(
        dataset="d", passport="p", rows={"train": 1}, backbone="b", backbone_source="./model", backbone_revision="", licence="mit", verdict="v",
        head="h", strategy="lp-ft", model="m", decision="e", spec={}, code="c", headstart="0",
    )  # fmt: skip
    return Version(
        name="shown", version=3, tx="t", created="2026-01-01T00:00:00+00:00", task="text-classification", labels=("a", "b"),
        metrics={"accuracy": Estimate(value=0.8, low=0.7, high=0.9)}, lineage=lineage, files=(_FILE,),
    )  # fmt: skip


def _backbone() -> Backbone:
    return Backbone(
        source="./model", revision="", licence="mit", architecture="bert", layers=2, width=8, parameters=1000, max_tokens=64,
        pooling="mean", files=(_FILE,),
    )  # fmt: skip


def _dataset(labels: tuple[str, ...]) -> Dataset:
    account = Reconciliation(
        sources=(
            Source(
                name="export.csv", format="csv", reason="its name ends in .csv", fields="text from 'text'", records=8
            ),
        ),
        task_reason="labels are names",
        records=len(labels) * 3 + 2,
        rows=len(labels) * 3,
        merged=1,
        outvoted=1,
        rejected=(Rejected(reason="empty-text", records=1, examples=(("export.csv, line 3", ""),)),),
        rejects=None,
        is_closed=True,
        conflicting=0,
        conflicts=(),
        agreement=None,
        vocabulary=Vocabulary(),
        lengths=Lengths(ends=(10,), rows=(len(labels) * 3,), longest=9, median=5),
    )
    passport = Passport(
        method="content", published=(), test=0.2, validation=0.1, seed=0, group_by=None, time=None, cuts={}, rows={}, kept=0,
        earlier="", notes=(), leaks=(),
    )  # fmt: skip
    counts = dict.fromkeys(labels, 1)
    return Dataset(
        task="text-classification",
        labels=labels,
        counts={"train": counts, "validation": counts, "test": counts},
        sizes={"train": len(labels), "validation": len(labels), "test": len(labels)},
        content="c" * 64,
        files=(),
        reconciliation=account,
        passport=passport,
    )


_PACE = Pace(seconds=30.0, rows_per_second=40.0, tokens_per_second=900.0, rate=0.5)
_FORECAST = Forecast(steps=20, epoch=(25.0, 28.0, 35.0), least=2, most=4, memory=2**30)


def _model(labels: tuple[str, ...], history: tuple[Epoch, ...]) -> Model:
    manifest = Manifest(
        task="text-classification", labels=labels, view=View(layers=(2,), pooling="mean"), max_tokens=64
    )
    return Model(
        backbone=_backbone().identity, source="./model", licence="mit", strategy="lp-ft" if history else "head", why="because",
        manifest=manifest, history=history, kept_epoch=len(history), files=(_FILE,), forecast=_FORECAST if history else None,
        spent=Spent(epochs=(_PACE,) * len(history), memory=2**30, workers=2, device="cpu") if history else None,
    )  # fmt: skip


def _decision(labels: tuple[str, ...], champion: bool, control: float) -> Decision:
    generator = np.random.default_rng(0)
    targets = np.arange(len(labels) * 20) % len(labels)
    outputs = np.eye(len(labels))[targets] * 3 + generator.normal(size=(len(targets), len(labels)))
    lost = generator.random(len(targets)) >= control
    claimed = np.where(lost, (targets + 1) % len(labels), targets)
    standing = None
    if champion:
        standing = Champion(
            "shown@1", outputs[:, ::-1].argmax(axis=1), np.arange(len(targets)) > 3, "its list of rows says so"
        )
    gate = Spec.model_validate({"name": "x", "data": "y"}).gate
    slices = sliced(
        gate.metric, targets, outputs.argmax(axis=1), len(labels), {"channel": ["mail", None] * (len(targets) // 2)}, {}
    )
    return decide(
        gate, targets, labels, {"tuned model": outputs}, claimed, candidate(len(targets)), standing, slices, USE, FINDINGS
    )  # fmt: skip
