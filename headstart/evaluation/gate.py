"""Whether a candidate takes over the alias: an absolute floor, and a paired comparison with the champion."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict

from headstart.arrays import Outputs, Targets
from headstart.evaluation import metrics
from headstart.evaluation.calibration import expected_calibration_error, log_loss
from headstart.evaluation.estimate import Estimate
from headstart.evaluation.intervals import bootstrap, percentile, resamplings
from headstart.evaluation.neighbours import Neighbours
from headstart.spec import GateSpec
from headstart.values import Value


class Scored(BaseModel):
    """A contender on the test rows; the metrics by name, and the gain over the control in the gate's metric."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    scores: Mapping[str, Estimate]
    gain: Estimate | None = None


class LabelScore(BaseModel):
    """How the candidate does on one label: F1, and how many test rows have it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str
    f1: float
    rows: int


class Decision(Value):
    """Promote or keep, why, and the numbers behind it; kept on rejection too.

    ``candidate`` is the digest of the model that was judged, ``champion`` the version that stood against
    it as ``name@version``, or empty. ``confusion`` has the true label as row. ``log_loss`` is in nats.
    """

    kind: ClassVar[str] = "decision"

    promote: bool
    reason: str
    gate: GateSpec
    candidate: str
    candidate_name: str
    champion: str
    test_rows: int
    contenders: tuple[Scored, ...]
    gain_over_champion: Estimate | None
    confidence_of_gain: float | None
    labels: tuple[LabelScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    log_loss: float
    calibration_error: float
    neighbours: Neighbours

    def summary(self) -> str:
        """One line for people."""
        return f"{'promote' if self.promote else 'do not promote'} the {self.candidate_name}: {self.reason}"

    def scored(self, name: str) -> Scored:
        """The contender of this name."""
        return next(each for each in self.contenders if each.name == name)


CONTROL, CHAMPION = "TF-IDF and logistic regression", "champion"


def decide(
    gate: GateSpec,
    targets: Targets,
    labels: tuple[str, ...],
    outputs: Mapping[str, Outputs],
    control: Targets,
    candidate: tuple[str, str],
    champion: tuple[str, Outputs] | None,
    neighbours: Neighbours,
) -> Decision:
    """Judge the candidate on today's test rows.

    Args:
        gate: The floor, the least gain, and how sure it must be.
        targets: The test rows' targets.
        labels: The vocabulary.
        outputs: The calibrated outputs of each of our models by name.
        control: The labels that the bag of words gives.
        candidate: The name among ``outputs`` of the model to judge, and its digest.
        champion: The standing version and its outputs on the same rows, in our label order; if there is one.
        neighbours: The test rows that stand next to a training row.
    """
    name, digest = candidate
    predicted = {each: found.argmax(axis=1) for each, found in outputs.items()} | {CONTROL: control}
    if champion is not None:
        predicted[CHAMPION] = champion[1].argmax(axis=1)
    weights = resamplings(len(targets))
    estimates = {
        each: {metric: bootstrap(metric, targets, found, len(labels), weights) for metric in metrics.METRICS}
        for each, found in predicted.items()
    }
    judged = {each: by_metric[gate.metric] for each, by_metric in estimates.items()}

    def gain(mine: str, theirs: str) -> tuple[Estimate, float]:
        samples = judged[mine][1] - judged[theirs][1]
        return percentile(judged[mine][0].value - judged[theirs][0].value, samples), float(
            np.mean(samples > gate.min_gain)
        )

    over_champion, confidence = gain(name, CHAMPION) if champion else (None, None)
    promote, reason = _rule(gate, judged[name][0], over_champion, confidence)
    f1 = metrics.per_label_f1(targets, predicted[name], len(labels))
    rows = np.bincount(targets, minlength=len(labels))
    return Decision(
        promote=promote,
        reason=reason,
        gate=gate,
        candidate=digest,
        candidate_name=name,
        champion=champion[0] if champion else "",
        test_rows=len(targets),
        contenders=tuple(
            Scored(
                name=each,
                scores={metric: estimate for metric, (estimate, _) in by_metric.items()},
                gain=None if each == CONTROL else gain(each, CONTROL)[0],
            )
            for each, by_metric in estimates.items()
        ),
        gain_over_champion=over_champion,
        confidence_of_gain=confidence,
        labels=tuple(
            LabelScore(label=label, f1=float(f1[index]), rows=int(rows[index])) for index, label in enumerate(labels)
        ),
        confusion=tuple(tuple(map(int, row)) for row in metrics.confusion(targets, predicted[name], len(labels))),
        log_loss=log_loss(outputs[name], targets),
        calibration_error=expected_calibration_error(outputs[name], targets),
        neighbours=neighbours,
    )


def _rule(gate: GateSpec, score: Estimate, gain: Estimate | None, confidence: float | None) -> tuple[bool, str]:
    if score.value < gate.min:
        return False, f"{gate.metric} {score} is below the floor of {gate.min:g}"
    reached = f"{gate.metric} {score}" + (f" reaches the floor of {gate.min:g}" if gate.min else "")
    if gain is None or confidence is None:
        return True, f"{reached}, and there is no champion yet"
    if gain.low == gain.high == 0:
        return False, "it scores as the champion does on every resampling of the test rows"
    sure = f"gain {gain.signed()} over the champion exceeds {gate.min_gain:g} with confidence {confidence:.2f}"
    if confidence < gate.confidence:
        return False, f"{sure}, less than the {gate.confidence:g} asked for"
    return True, f"{sure}; {reached}"
