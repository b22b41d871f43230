"""Should one transfer at all? The frozen features against models that transfer nothing, on the same folds."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from headstart.arrays import Targets
from headstart.evaluation import metrics
from headstart.evaluation.estimate import Estimate
from headstart.evaluation.folds import Fold, stratified
from headstart.evaluation.intervals import cross_validated
from headstart.heads import FAMILIES
from headstart.heads.fitted import outputs
from headstart.spec import Metric
from headstart.values import Value

FOLDS = 5
REPEATS_WHEN_SMALL, SMALL = (
    3,
    2000,
)  # repeat the folds where there are few rows: it steadies the estimate and costs little
PROBE_C = 10.0
TFIDF_C = 10.0

Answer = Literal["transfer", "do-not-transfer", "cannot-tell"]


class Contender(BaseModel):
    """A way to solve the task: its cross-validated score, and its gain over the best control."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    score: Estimate
    gain: Estimate | None


class Verdict(Value):
    """The answer, its evidence, and the backbone that later steps use (by identity)."""

    kind: ClassVar[str] = "verdict"

    answer: Answer
    reason: str
    metric: Metric
    backbone: str
    rows: int
    folds: int
    controls: tuple[Contender, ...]
    probes: tuple[Contender, ...]

    def summary(self) -> str:
        """One line for people."""
        best = max(self.probes, key=lambda probe: probe.score.value)
        gain = best.gain.signed() if best.gain else ""
        return (
            f"{self.answer.replace('-', ' ')}: frozen features {self.metric} {best.score}, {gain} over the best control"
        )


def plan(targets: Targets, groups: Sequence[str]) -> list[Fold]:
    """Stratified folds that keep groups together, several times over where rows are few."""
    repeats = REPEATS_WHEN_SMALL if len(targets) < SMALL else 1
    return [fold for seed in range(repeats) for fold in stratified(targets, groups, FOLDS, seed)]


def judge_fold(item: tuple[str, int], shared: Mapping[str, Any]) -> float:
    """The score of one contender on one fold.

    Args:
        item: The contender's name and the number of the fold.
        shared: ``texts``, ``targets``, ``labels`` (their number), ``folds``, ``metric``, and ``features``: a
            unit-length array for each probe by its name.
    """
    name, number = item
    fit, judge = shared["folds"][number]
    contender = CONTROLS.get(name, _probe)
    predicted = contender(name, fit, judge, shared)
    return metrics.score(shared["metric"], shared["targets"][judge], predicted, shared["labels"])


def conclude(
    metric: Metric, folds: Sequence[Fold], scores: Mapping[str, Sequence[float]], probes: Mapping[str, str]
) -> Verdict:
    """The verdict from every contender's score on every fold; ``probes`` maps probe names to backbone identities."""
    fit, judge = len(folds[0][0]), len(folds[0][1])
    estimates = {name: cross_validated(each, fit, judge).within(0.0, 1.0) for name, each in scores.items()}
    control = max(CONTROLS, key=lambda name: estimates[name].value)
    gains = {
        name: cross_validated(
            [mine - theirs for mine, theirs in zip(scores[name], scores[control], strict=True)], fit, judge
        )
        for name in probes
    }
    best = max(probes, key=lambda name: estimates[name].value)
    answer, words = _answer(gains[best])
    return Verdict(
        answer=answer,
        reason=f"the frozen features of {best} {words} {NAMES[control]}: {metric} {estimates[best]} "
        f"against {estimates[control]}, difference {gains[best].signed()}",
        metric=metric,
        backbone=probes[best],
        rows=fit + judge,
        folds=len(folds),
        controls=tuple(Contender(name=NAMES[name], score=estimates[name], gain=None) for name in CONTROLS),
        probes=tuple(Contender(name=name, score=estimates[name], gain=gains[name]) for name in probes),
    )


def _answer(gain: Estimate) -> tuple[Answer, str]:
    if gain.low > 0:
        return "transfer", "beat"
    if gain.high < 0:
        return "do-not-transfer", "lose to"
    return "cannot-tell", "cannot be told from"


def _majority(name: str, fit: Targets, judge: Targets, shared: Mapping[str, Any]) -> Targets:
    most = int(np.bincount(shared["targets"][fit]).argmax())
    return np.full(len(judge), most, dtype=np.int64)


def _tfidf(name: str, fit: Targets, judge: Targets, shared: Mapping[str, Any]) -> Targets:
    texts: Sequence[str] = shared["texts"]
    return bag_of_words([texts[row] for row in fit], shared["targets"][fit], [texts[row] for row in judge])


def bag_of_words(texts: Sequence[str], targets: Targets, unseen: Sequence[str]) -> Targets:
    """Labels for unseen texts from TF-IDF over words and pairs of words, and logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    # Every run of characters but white space is a word, so that no script and no emoji is lost.
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+|[^\w\s]+")  # noqa: S106
    model = LogisticRegression(C=TFIDF_C, max_iter=1000)
    model.fit(vectorizer.fit_transform(texts), targets)
    predicted: Targets = model.predict(vectorizer.transform(unseen)).astype(np.int64)
    return predicted


def _probe(name: str, fit: Targets, judge: Targets, shared: Mapping[str, Any]) -> Targets:
    x = shared["features"][name]
    (head,) = FAMILIES["linear"].fit(x[fit], shared["targets"][fit], shared["labels"], [{"c": PROBE_C}], 0)
    predicted: Targets = outputs(head, x[judge]).argmax(axis=1)
    return predicted


CONTROLS: Mapping[str, Callable[[str, Targets, Targets, Mapping[str, Any]], Targets]] = MappingProxyType(
    {"majority": _majority, "tfidf": _tfidf}
)
NAMES = MappingProxyType({"majority": "the majority class", "tfidf": "TF-IDF and logistic regression"})
