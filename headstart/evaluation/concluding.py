"""From what was found on the folds to the verdict."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from headstart.arrays import Targets
from headstart.evaluation import metrics
from headstart.evaluation.betting import HEAD, THE_HEAD, bet
from headstart.evaluation.controls import NAMES, Control
from headstart.evaluation.cross_validation import Ground, Judged, Probed, Winner
from headstart.evaluation.deciding import FEW_A_LABEL, Known, decide
from headstart.evaluation.learning_curve import LearningCurve, learning_curve
from headstart.evaluation.out_of_fold import Answers, OutOfFold
from headstart.evaluation.transferability import Transferability
from headstart.evaluation.verdict import Contender, LabelFound, LayerFound, Option, ShortTrainings, Verdict
from headstart.spec import Metric

_CHANCE: tuple[Control, ...] = ("majority", "guess")
_SURE = 1.64  # standard errors by which a label's rows must have gained to be said to gain from more


@dataclass(frozen=True)
class Found:
    """Everything that was measured.

    ``names`` and ``identities`` are the backbones'. ``controls`` and ``probes`` (one list a backbone) have an entry a
    fold; ``layers`` is keyed by backbone and layer, ``sized`` by rows and fold. ``row_seconds`` is what a row costs in
    a training step, ``pass_seconds`` a forward pass over all rows.
    """

    names: tuple[str, ...]
    identities: tuple[str, ...]
    labels: tuple[str, ...]
    of: int
    target: float | None
    controls: Mapping[Control, Sequence[Judged]]
    probes: Sequence[Sequence[Probed]]
    layers: Mapping[tuple[int, int], Transferability]
    sized: Mapping[tuple[int, int], Targets]
    short: ShortTrainings | None
    not_tuned: str
    row_seconds: float
    pass_seconds: float | None


def winner(ground: Ground, probes: Sequence[Sequence[Probed]]) -> Winner:
    """The backbone with the best score, and the layer and the setting that most of its folds chose."""
    estimates = OutOfFold(ground)
    backbone = max(range(len(probes)), key=lambda number: estimates.value(_answers(probes[number])))
    chosen = [each.chosen for each in probes[backbone]]
    layer = Counter(each.layer for each in chosen).most_common(1)[0][0]
    settings = Counter(tuple(each.setting.items()) for each in chosen if each.layer == layer)
    return Winner(backbone, layer, dict(settings.most_common(1)[0][0]))


def conclude(ground: Ground, best: Winner, found: Found) -> Verdict:
    """The verdict on everything that was found."""
    estimates = OutOfFold(ground)
    controls = {name: _answers(judged) for name, judged in found.controls.items()}
    values = {name: estimates.value(answers) for name, answers in controls.items()}
    nested = _nested(found.probes)
    control = max(values, key=lambda name: values[name])
    chance = max(_CHANCE, key=lambda name: values[name])
    informed = nested if estimates.value(nested) >= values["tfidf"] else controls["tfidf"]
    curve = _curve(estimates, found)
    counts = np.bincount(ground.labeled.targets, minlength=ground.labels)
    gain, learned = estimates.gain(nested, controls[control]), estimates.gain(informed, controls[chance])
    head = Contender(name=HEAD, score=estimates.score(nested), gain=gain)
    known = Known(
        metric=ground.metric,
        backbone=found.names[best.backbone],
        head=head.score,
        control=estimates.score(controls[control]),
        control_name=NAMES[control],
        gain=gain,
        better=estimates.is_better(gain),
        chance=values[chance],
        chance_name=NAMES[chance],
        learned=learned,
        learner=THE_HEAD if informed is nested else NAMES["tfidf"],
        tells=estimates.is_better(learned),
        short=found.short,
        curve=curve,
        rows=found.of,
        rows_a_label=float(np.median(counts)) * found.of / len(ground.labeled.targets),
        rare=_rare(ground.metric, counts),
        target=found.target,
    )
    decided = decide(known)
    return Verdict(
        answer=decided.answer,
        reason=decided.reason,
        bet=bet(known, decided.strategy),
        negative_transfer=decided.negative_transfer,
        metric=ground.metric,
        backbone=found.identities[best.backbone],
        backbone_name=found.names[best.backbone],
        layer=best.layer,
        strategy=decided.strategy,
        rows=len(ground.labeled.targets),
        of=found.of,
        folds=len(ground.folds),
        controls=tuple(
            Contender(name=NAMES[name], score=estimates.score(each), gain=None) for name, each in controls.items()
        ),
        probes=tuple(
            Contender(name=name, score=estimates.score(each), gain=estimates.gain(each, controls[control]))
            for name, probes in zip(found.names, found.probes, strict=True)
            for each in (_answers(probes),)
        ),
        head=head,
        learned=learned,
        layers=_layers(found),
        short=found.short,
        not_tuned=found.not_tuned,
        curve=curve,
        labels=_labels(ground, found, counts),
        options=_options(found),
    )


def _answers(folds: Sequence[Judged] | Sequence[Probed]) -> Answers:
    return [each.answers for each in folds]


def _nested(probes: Sequence[Sequence[Probed]]) -> Answers:
    """On each fold, the answers of the backbone that did best on the inner folds."""
    return [max(fold, key=lambda each: each.chosen.inner).answers for fold in zip(*probes, strict=True)]


def _rare(metric: Metric, counts: Targets) -> float:
    """The share of the score that labels with fewer than :data:`FEW_A_LABEL` rows make up."""
    few = counts[(counts > 0) & (counts < FEW_A_LABEL)]
    return float(few.sum() / counts.sum() if metric == "accuracy" else len(few) / np.count_nonzero(counts))


def _curve(estimates: OutOfFold, found: Found) -> LearningCurve:
    by_size: dict[int, list[Targets]] = {}
    for (size, _), answers in sorted(found.sized.items()):
        by_size.setdefault(size, []).append(answers)
    curve = learning_curve(
        found.of, {size: estimates.by_fold(answers) for size, answers in by_size.items()}, found.target
    )
    points = (each.model_copy(update={"score": estimates.no_narrower(each.score)}) for each in curve.points)
    return curve.model_copy(update={"points": tuple(points)})


def _layers(found: Found) -> tuple[LayerFound, ...]:
    return tuple(
        LayerFound(
            backbone=found.names[backbone],
            layer=layer,
            scores=scores,
            chosen=float(np.mean([each.chosen.layer == layer for each in found.probes[backbone]])),
        )
        for (backbone, layer), scores in found.layers.items()
    )


def _labels(ground: Ground, found: Found, counts: Targets) -> tuple[LabelFound, ...]:
    """Every label, the weakest first; starved are weak ones whose rows the last doubling helped, or that have few."""
    sizes = sorted({size for size, _ in found.sized})
    halved = min(sizes, key=lambda size: abs(size - sizes[-1] / 2))
    rows = np.concatenate([judge for _, judge in ground.folds])
    targets = ground.labeled.targets[rows]
    half, full = (
        np.concatenate([found.sized[size, fold] for fold in range(len(ground.folds))]) for size in (halved, sizes[-1])
    )
    f1, before = (metrics.per_label_f1(targets, each, ground.labels) for each in (full, half))
    repeats = len(rows) / len(ground.labeled.targets)
    bar = found.target if found.target is not None else float(f1[counts > 0].mean())
    labels = []
    for number, name in enumerate(found.labels):
        own = targets == number
        won = float((own & (full == number) & (half != number)).sum()) / repeats
        lost = float((own & (full != number) & (half == number)).sum()) / repeats
        helped = won - lost > _SURE * np.sqrt(won + lost)
        labels.append(
            LabelFound(
                label=name,
                rows=int(counts[number]),
                f1=float(f1[number]),
                gained=float(f1[number] - before[number]),
                starved=bool(f1[number] < bar and (helped or counts[number] < FEW_A_LABEL)),
            )
        )
    return tuple(sorted(labels, key=lambda each: (not each.starved, each.f1, each.label)))


def _options(found: Found) -> tuple[Option, ...]:
    fitting = float(np.mean([each.seconds for each in found.controls["tfidf"]]))
    epoch = found.row_seconds * found.of
    known = found.pass_seconds is not None
    return (
        Option(
            name=NAMES["tfidf"], seconds=fitting, cost="to fit, its settings included; no network is needed to predict"
        ),
        Option(
            name=HEAD,
            seconds=found.pass_seconds,
            cost="for one forward pass over the rows, and the search for a head on top"
            if known
            else "one forward pass over the rows, and the search for a head on top",
        ),
        Option(name="fine-tuning", seconds=epoch, cost="an epoch on one core, estimated from a few steps"),
        Option(
            name="the same network from random weights", seconds=epoch, cost="an epoch on one core, and many of them"
        ),
    )
