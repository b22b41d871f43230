"""What a model's answers promise, and what became of it on the test rows, as sentences."""

from collections.abc import Iterator

from headstart.evaluation.abstention import fewest
from headstart.evaluation.decision import Decision
from headstart.evaluation.promises import Calibration
from headstart.report.templates import share
from headstart.spec import CalibrationSpec

_LEARNED_ON = {
    "validation": "the {rows} validation rows",
    "cross-validation": "{rows} training rows, each answered by a head that was fitted without it",
}
_SCALED = {
    "none": "Probabilities are as the model was fitted: to scale them once more gained nothing that is sure.",
    "temperature": "Probabilities are scaled by one more temperature.",
    "vector": "Probabilities are scaled label by label.",
}
_NOTHING = "The answers promise nothing beyond their probabilities, for want of validation rows to learn it from."


def promises(decision: Decision, spec: CalibrationSpec) -> Iterator[str]:
    """A sentence or two on each promise, with what it came to on the test rows."""
    calibration, reliability = decision.calibration, decision.reliability
    if calibration.learned_on == "nothing":
        yield _NOTHING
    else:
        learned = _LEARNED_ON[calibration.learned_on].format(rows=calibration.rows)
        yield f"All this was learned from {learned}. {_SCALED[calibration.scaling.method]}"
    yield (
        f"Probabilities miss the share that is right by {reliability.expected} (expected calibration error; 0 is "
        f"perfect), and by {reliability.debiased:.3f} without what chance alone gives."
    )
    if calibration.learned_on != "nothing":
        yield _sets(calibration, decision, spec)
        yield _abstention(calibration, decision, spec)
        yield _unusual(calibration, decision)


def _sets(calibration: Calibration, decision: Decision, spec: CalibrationSpec) -> str:
    sets, covered = calibration.sets, decision.kept.covered
    if sets is None or covered is None:
        return f"Prediction sets: too few rows for sets that hold the true label {share(spec.coverage)} of the time."
    alone = share(decision.kept.sizes[0], decision.test_rows)
    return (
        f"Prediction sets hold the true label {share(sets.coverage)} of the time, on texts of the same kind and over "
        f"all labels together; learned from so many rows, between {share(sets.expected.low)} and "
        f"{share(sets.expected.high)}. On the test rows: {covered}; {alone} of the sets are one label."
    )


def _abstention(calibration: Calibration, decision: Decision, spec: CalibrationSpec) -> str:
    found, kept, wished = calibration.abstention, decision.kept, share(spec.precision)
    if found is None or kept.answered is None or kept.precision is None:
        return (
            f"Abstaining: no threshold can be trusted to make {wished} of the answers right; that takes at least "
            f"{fewest(spec.precision)} rows answered without a mistake."
        )
    if not found.threshold:
        return f"Abstaining is not needed for {wished} of the answers to be right. On the test rows: {kept.precision}."
    return (
        f"The model abstains below a probability of {found.threshold:.3f}, so that {wished} of the other answers are "
        f"right. On the test rows it answers {kept.answered}, rightly {kept.precision}."
    )


def _unusual(calibration: Calibration, decision: Decision) -> str:
    if calibration.unusual is None or decision.kept.unusual is None:
        return "Unusual texts: too few rows to tell them."
    most = share(1 - calibration.unusual.flagged)
    return (
        f"Texts are flagged as unusual that are less like any label's training rows than {most} of ordinary ones are. "
        f"On the test rows: {decision.kept.unusual}."
    )
