"""Whether a candidate takes over the alias: floors, and a paired comparison with the champion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headstart.arrays import Array, Outputs, Targets
from headstart.evaluation import metrics, shares
from headstart.evaluation.decision import CHAMPION, CONTROL, Against, Cost, Decision, LabelScore, Scored, TestUse
from headstart.evaluation.estimate import Estimate
from headstart.evaluation.findings import Findings
from headstart.evaluation.intervals import bootstrap, distinct, resamplings
from headstart.evaluation.kept import kept
from headstart.evaluation.paired import Gain, compare
from headstart.evaluation.promises import Calibration
from headstart.evaluation.reliability import reliability
from headstart.evaluation.roc import roc
from headstart.evaluation.slices import FEWEST, Slice
from headstart.listing import listed
from headstart.spec import GateSpec

_NAMED = 5  # labels that a reason names


@dataclass(frozen=True)
class Candidate:
    """The model to judge: its name among the contenders, its digest, its calibration, and what its answers cost.

    ``nearness`` is that of the test rows to its landmarks, shape (rows,). ``reference`` is the digest of what is
    kept of them.
    """

    name: str
    digest: str
    calibration: Calibration
    nearness: Array
    reference: str
    cost: Cost


@dataclass(frozen=True)
class Champion:
    """The standing version, its answers to the test rows in our label numbers, and which of them it has not seen.

    ``how`` says how it is known which rows it has seen.
    """

    version: str
    predicted: Targets
    is_fresh: npt.NDArray[np.bool]
    how: str


def decide(
    gate: GateSpec,
    targets: Targets,
    labels: tuple[str, ...],
    outputs: Mapping[str, Outputs],
    control: Targets,
    candidate: Candidate,
    champion: Champion | None,
    slices: Sequence[Slice],
    test_use: TestUse,
    findings: Findings,
) -> Decision:
    """Judge the candidate on today's test rows.

    Args:
        gate: The floors, the least gain, and how sure it must be.
        targets: The test rows' targets, two at least.
        labels: The vocabulary.
        outputs: The calibrated outputs of each of our models by name.
        control: The labels that the bag of words gives.
        candidate: The model among ``outputs`` to judge.
        champion: The standing version, if there is one.
        slices: The candidate's scores on slices of the rows.
        test_use: Which rows these are, and how often they were used.
        findings: What else was found.
    """
    predicted = {each: found.argmax(axis=1) for each, found in outputs.items()} | {CONTROL: control}
    mine = predicted[candidate.name]
    contenders = _scored(gate, targets, predicted | ({CHAMPION: champion.predicted} if champion else {}), len(labels))
    score = next(each for each in contenders if each.name == candidate.name).scores[gate.metric]
    by_label = _by_label(targets, mine, labels)
    against = _against(gate, targets, mine, champion, len(labels)) if champion else None
    refusal = _too_few(gate, by_label, score) or _below(gate, score, by_label, slices)
    promote, reason = (False, refusal) if refusal else _takes_over(gate, score, against)
    return Decision(
        promote=promote,
        reason=reason + _untested(by_label),
        gate=gate,
        candidate=candidate.digest,
        candidate_name=candidate.name,
        test_rows=len(targets),
        test_use=test_use,
        contenders=contenders,
        against=against,
        labels=by_label,
        slices=tuple(slices),
        confusion=tuple(tuple(map(int, row)) for row in metrics.confusion(targets, mine, len(labels))),
        roc=roc(outputs[candidate.name], targets, labels),
        reliability=reliability(outputs[candidate.name], targets),
        calibration=candidate.calibration,
        kept=kept(candidate.calibration, outputs[candidate.name], candidate.nearness, targets),
        findings=findings,
        reference=candidate.reference,
        cost=candidate.cost,
    )


def _scored(gate: GateSpec, targets: Targets, predicted: Mapping[str, Targets], labels: int) -> tuple[Scored, ...]:
    """Every contender with bootstrap intervals, and its gain over the control."""
    # Rows that all contenders answer alike are one kind of row: resampling kinds is resampling rows, for less.
    kinds, counts = distinct([targets, *predicted.values()])
    drawn = resamplings(len(targets), counts)
    estimates = {
        each: {metric: bootstrap(metric, targets, found, labels, drawn, kinds)[0] for metric in metrics.METRICS}
        for each, found in predicted.items()
    }
    control = predicted[CONTROL]
    return tuple(
        Scored(
            name=each,
            scores=scores,
            gain=None if each == CONTROL else compare(gate.metric, targets, predicted[each], control, labels).gain,
        )
        for each, scores in estimates.items()
    )


def _by_label(targets: Targets, predicted: Targets, labels: tuple[str, ...]) -> tuple[LabelScore, ...]:
    rows, said = (np.bincount(each, minlength=len(labels)).tolist() for each in (targets, predicted))
    hits = np.bincount(targets[targets == predicted], minlength=len(labels)).tolist()
    return tuple(
        LabelScore(
            label=label,
            rows=rows[number],
            said=said[number],
            hits=hits[number],
            f1=shares.f1(hits[number], rows[number] + said[number] - hits[number]),
            precision=shares.wilson(hits[number], said[number]),
            recall=shares.wilson(hits[number], rows[number]),
        )
        for number, label in enumerate(labels)
    )


def _against(gate: GateSpec, targets: Targets, mine: Targets, champion: Champion, labels: int) -> Against:
    fresh = champion.is_fresh
    rows = int(fresh.sum())
    gain = None
    if rows >= max(2, gate.min_rows):
        answers = targets[fresh], mine[fresh], champion.predicted[fresh]
        gain = compare(gate.metric, *answers, labels, gate.min_gain, gate.confidence)
    return Against(version=champion.version, seen=len(targets) - rows, how=champion.how, gain=gain)


def _too_few(gate: GateSpec, labels: Sequence[LabelScore], score: Estimate) -> str:
    rows = sum(each.rows for each in labels)
    if rows < gate.min_rows:
        return f"{rows} test rows are fewer than the {gate.min_rows} asked for: they leave {gate.metric} at {score}"
    only = [each.label for each in labels if each.rows]
    return f"all {rows} test rows have one label, {only[0]!r}" if len(only) == 1 else ""


def _untested(labels: Sequence[LabelScore]) -> str:
    """Which labels the test rows say nothing of; empty where they have all."""
    missing = [repr(each.label) for each in labels if not each.rows]
    if not missing:
        return ""
    return f"; no test row has the label{'s' if missing[1:] else ''} {listed(missing, _NAMED)}"


def _below(gate: GateSpec, score: Estimate, labels: Sequence[LabelScore], slices: Sequence[Slice]) -> str:
    """Which floor is not reached; empty where all are."""
    if score.value < gate.min:
        return f"{gate.metric} {score} is below the floor of {gate.min:g}"
    weak = [each for each in labels if each.rows >= FEWEST and each.f1.value < gate.min_label]
    if weak:
        worst = min(weak, key=lambda each: each.f1.value)
        said = f"F1 {worst.f1} of the label {worst.label!r} on {worst.rows} rows"
        return f"{said} is below the floor of {gate.min_label:g} for each label{_others(len(weak))}"
    poor = [each for each in slices if each.rows >= FEWEST and each.score.value < gate.min_slice]
    if poor:
        lowest = min(poor, key=lambda each: each.score.value)
        said = f"{gate.metric} {lowest.score} where {lowest.field} is {lowest.value!r}, on {lowest.rows} rows,"
        return f"{said} is below the floor of {gate.min_slice:g} for each slice{_others(len(poor))}"
    return ""


def _others(count: int) -> str:
    return f"; so are {count - 1} more" if count > 1 else ""


def _takes_over(gate: GateSpec, score: Estimate, against: Against | None) -> tuple[bool, str]:
    reached = f"{gate.metric} {score}" + (f" reaches the floor of {gate.min:g}" if gate.min else "")
    if against is None:
        return True, f"{reached}, and there is no champion yet"
    found = against.gain
    if found is None:
        seen = f"the champion was made from {against.seen} of today's test rows"
        return False, f"{seen}, and the others are fewer than the {gate.min_rows} asked for"
    if not found.differing and gate.min_gain >= 0:
        return False, "it answers as the champion does on every test row"
    sure = f"gain {found.gain.signed()} over the champion {_exceeds(gate, found)}"
    return (True, f"{sure}; {reached}") if found.confidence >= gate.confidence else (False, sure)


def _exceeds(gate: GateSpec, found: Gain) -> str:
    said = f"exceeds {gate.min_gain:g} with confidence {found.confidence:.2f}"
    if found.confidence >= gate.confidence:
        return said
    beyond = gate.min_gain + found.detectable
    power = f"with {found.rows} test rows, a true gain must be about {beyond:+.3f} to be found four times in five"
    return f"{said}, less than the {gate.confidence:g} asked for; {power}"
