"""Judging on the test rows: which of our models is the candidate, and whether it takes over."""

import os
import platform
import time
from typing import TYPE_CHECKING

from headstart import champion, contest, reads, reference
from headstart.arrays import Computed, Targets
from headstart.assess import trainable
from headstart.backbone import Backbone
from headstart.compute import Report
from headstart.contest import Contender, Frozen, Tuned, Words
from headstart.context import Context
from headstart.crossfit import cross_fitted
from headstart.dataset import Dataset, Rows
from headstart.evaluation import gate
from headstart.evaluation.controls import Labeled, bag_of_words
from headstart.evaluation.decision import CONTROL, Cost, Decision
from headstart.head import Head
from headstart.model import Model, calibrated
from headstart.scrutiny import Scrutiny
from headstart.spec import Spec
from headstart.training.strategy import BAG

if TYPE_CHECKING:
    from headstart.predictor import Predictor


def evaluate(
    spec: Spec, dataset: Dataset, backbone: Backbone, head: Head, model: Model, on: Context, report: Report
) -> Decision:
    """Choose between head and tuned model on the validation rows, then read the test rows, once, for all."""
    train, validation, test = (dataset.read(on.workspace, split) for split in ("train", "validation", "test"))
    labels = len(dataset.labels)
    frozen = Frozen(dataset, backbone, head, on)
    contenders: list[Contender] = [frozen]  # the cheapest first
    if model.strategy == BAG:
        contenders.insert(0, Words(model, dataset, spec.gate.metric, on, report))
    elif model.strategy != "head":
        contenders.append(Tuned(model, on, report))
    held_out = {each.name: each.on(validation) for each in contenders}
    name = contest.choose(spec.gate, validation, {each: found.outputs for each, found in held_out.items()}, labels)
    chosen = next(each for each in contenders if each.name == name)
    cross = cross_fitted(frozen.features(train), train, head, labels, on, report)
    landmarks = chosen.landmarks(train)
    calibration = contest.calibrate(
        spec.calibration, validation, held_out[name], landmarks, train, cross if chosen is frozen else None
    )
    published = calibrated(chosen.model(), calibration, landmarks, on.workspace)
    on.workspace.save(published)
    predictor = contest.load(published, on)

    def answer(texts: list[str]) -> Targets:
        found = predictor.outputs(texts, lambda done, total: report(done, total, "changed texts"))
        best: Targets = found.argmax(axis=1)
        return best

    mine, cost = _timed(predictor, published, test, name, report)
    outputs = {
        each.name: mine.outputs if each is chosen else each.on(test).outputs
        for each in contenders
        if each is chosen or each.name != CONTROL  # which knows all other rows below
    }
    report(1, 1, CONTROL)
    control = mine.outputs.argmax(axis=1) if name == CONTROL else _control(spec, dataset, test, on)
    looked = Scrutiny(spec.gate, dataset, mine.outputs, backbone, on)
    return gate.decide(
        gate=spec.gate,
        targets=test.targets,
        labels=dataset.labels,
        outputs=outputs,
        control=control,
        candidate=gate.Candidate(
            name,
            published.digest,
            calibration,
            landmarks.nearness(mine.features),
            reference.keep(mine, on.workspace).digest,
            cost,
        ),
        champion=champion.standing(spec, dataset, test),
        slices=looked.slices(),
        test_use=reads.record(dataset, published.digest, spec.name, on.workspace),
        findings=looked.findings(cross, train, answer),
    )


def _control(spec: Spec, dataset: Dataset, test: Rows, on: Context) -> Targets:
    """What the bag of words of all other rows answers."""
    seen = trainable(dataset, on)
    return bag_of_words(Labeled(seen.texts, seen.targets, seen.groups), test.texts, spec.gate.metric)


def _timed(predictor: "Predictor", model: Model, test: Rows, name: str, report: Report) -> tuple[Computed, Cost]:
    """What the candidate makes of the test rows, and what its answers cost."""
    from headstart.encoder import device

    started = time.perf_counter()
    found = predictor.compute(test.texts, lambda done, total: report(done, total, name))
    seconds = (time.perf_counter() - started) * 1000 / len(test)
    place = "GPU" if device().type == "cuda" and model.strategy != BAG else f"{os.cpu_count()} CPU cores"
    return found, Cost(
        seconds=round(seconds, 2),
        machine=f"{place}, {platform.machine()}",
        size=sum(file.size for file in model.files),
    )
