"""From evidence to the answer: the rule of the verdict, as a pure function.

Each step asks for more than the one before: do the texts tell the labels at all, does transfer beat what transfers
nothing, do more labels promise more than tuning where a target is missed, and does tuning promise more than the head?
"""

from dataclasses import dataclass
from typing import TypeGuard

from headstart.evaluation.estimate import Estimate
from headstart.evaluation.learning_curve import LearningCurve
from headstart.evaluation.verdict import Advised, Answer, ShortTrainings
from headstart.spec import Metric

WORTH = 0.01  # in score: a smaller gain is not worth a costlier way
PART = 0.25  # of the way from chance to perfect: if texts tell less than that at the most, they tell nothing of use
FEW_ROWS, FEW_A_LABEL = 200, 8
PROBABLE = 2 / 3  # of the reach of an interval of 95 %: a gain that exceeds so much is above zero with 90 %


@dataclass(frozen=True)
class Known:
    """What the answer follows from.

    ``head`` and ``control`` (the best one) are cross-validated scores, ``gain`` their paired difference; ``learned`` is
    the paired gain of the better of head and words (``learner``) over ``chance``, the score of what knows no text.
    ``better`` and ``tells`` are the probabilities that these two gains are truly above zero.
    ``rows_a_label`` is the median; ``rare`` is the share of the score that labels of few rows make up. ``target`` is
    the score to reach, if one was named.
    """

    metric: Metric
    backbone: str
    head: Estimate
    control: Estimate
    control_name: str
    gain: Estimate
    better: float
    chance: float
    chance_name: str
    learned: Estimate
    learner: str
    tells: float
    short: ShortTrainings | None
    curve: LearningCurve
    rows: int
    rows_a_label: float
    rare: float
    target: float | None


@dataclass(frozen=True)
class Decided:
    """The answer and its reason, whether transfer is worse than the control, and how far to tune."""

    answer: Answer
    reason: str
    negative_transfer: bool
    strategy: Advised | None


def decide(known: Known) -> Decided:
    """The answer, by the first of the steps that settles it."""
    tuned = known.short
    if tells_nothing(known):
        return _nothing_learned(known)
    if is_beaten_by_scratch(tuned):
        words = f"the same network from random weights does better than the head on the features of {known.backbone}"
        return _do_not(f"{words}: difference {tuned.scratch_over_head.signed()}", known, negative=True)
    if not (_pays(known.gain) or _pays_by_tuning(tuned)):
        return _no_gain(known)
    return _how_far(known)


def tells_nothing(known: Known) -> bool:
    """Whether neither the features, tuned or not, nor the words of the texts are known to tell the labels."""
    return known.learned.low <= 0 and not _pays_by_tuning(known.short)


def is_beaten_by_scratch(short: ShortTrainings | None) -> TypeGuard[ShortTrainings]:
    """Whether the network does better from random weights than the head does on what it knows."""
    return short is not None and short.scratch_over_head.low > 0


def _nothing_learned(known: Known) -> Decided:
    """Neither the features nor the words beat what knows no text."""
    most = known.learned.high
    told = f"difference {known.learned.signed()} to what knows no text"
    if most <= PART * (1 - known.chance) and known.rare < PART:
        words = "neither the features nor the words of the texts tell the labels"
        return _do_not(f"{words}: {known.metric} {told}", known, negative=False)
    words = f"{known.rows} rows do not show yet whether texts tell the labels"
    few = f", and labels of fewer than {FEW_A_LABEL} rows make up {known.rare:.0%} of the score" if known.rare else ""
    return _label_more(f"{words}: {known.metric} {told}{few}", known)


def _no_gain(known: Known) -> Decided:
    """The head is not even probably better than the control."""
    compared = (
        f"{known.control_name}: {known.metric} {known.head} against {known.control}, difference {known.gain.signed()}"
    )
    features = f"the frozen features of {known.backbone}"
    if known.gain.high < 0:
        return _do_not(f"{features} lose to {compared}", known, negative=True)
    if known.gain.high <= WORTH or known.control.value >= 1 - WORTH:
        return _do_not(f"{features} gain nothing worth having over {compared}", known, negative=False)
    if known.rows < FEW_ROWS or known.rows_a_label < FEW_A_LABEL:
        return _label_more(f"{known.rows} rows are too few to tell {features} from {compared}", known)
    return Decided("cannot-tell", f"{features} cannot be told from {compared}", False, _strategy(known.short))


def _how_far(known: Known) -> Decided:
    """Transfer pays; what next?"""
    strategy = _strategy(known.short)
    tuning = known.short.tuned_over_head.value if known.short else 0.0
    doubled = known.curve.doubled
    reached = known.head.value + max(tuning, 0.0)
    beat = "beat" if known.gain.low > 0 else "probably beat"
    beats = (
        f"the frozen features of {known.backbone} {beat} {known.control_name}: {known.metric} {known.head} against "
        f"{known.control}, difference {known.gain.signed()}"
    )
    if known.target is not None and reached < known.target and doubled and doubled.low > 0 and doubled.value > tuning:
        words = f"twice the labels promise {doubled.signed()}, more than tuning, and {known.target:g} is not reached"
        return Decided("label-more-first", f"{words}; {beats}", False, strategy)
    if known.short is None:
        return Decided("head-is-enough", f"{beats}; whether tuning gains more was not tried", False, strategy)
    told = f"{known.short.tuned_over_head.signed()} over the head on {known.short.rows} rows"
    if strategy == "head":
        return Decided("head-is-enough", f"{beats}, and short trainings gained too little: {told}", False, strategy)
    sure = "surely" if known.short.tuned_over_head.low > 0 else "probably"
    if not _pays(known.gain):
        beats = f"only the tuned network beats {known.control_name}: {known.short.tuned_over_control.signed()}"
    return Decided("fine-tune", f"tuning {sure} gains: {told}; {beats}", False, strategy)


def _pays(gain: Estimate) -> bool:
    """Whether the head is better than the control: surely, or probably and by enough.

    A head in vain costs a network to predict with; one left out costs accuracy. Both are tested once more before
    anything is promoted.
    """
    return gain.low > 0 or gain.value >= max(WORTH, PROBABLE * (gain.value - gain.low))


def _pays_by_tuning(short: ShortTrainings | None) -> bool:
    """Whether a tuned network is better than the control and than the head, surely."""
    return short is not None and short.tuned_over_control.low > 0 and short.tuned_over_head.low > 0


def _strategy(short: ShortTrainings | None) -> Advised | None:
    """Tuning where its gain is expected to be worth it; None where that was not measured.

    A tuning in vain costs time alone, for the evaluation keeps the head wherever the tuned network is not better.
    """
    if short is None:
        return None
    return "lp-ft" if short.tuned_over_head.value >= WORTH else "head"


def _do_not(reason: str, known: Known, negative: bool) -> Decided:
    """Words are the model then, but where the head seems better than they are, for something else beats both.

    The evaluation keeps the head all the same where it is better on the validation rows.
    """
    return Decided("do-not-transfer", reason, negative, "bag-of-words" if known.gain.value <= WORTH else "head")


def _label_more(reason: str, known: Known) -> Decided:
    return Decided("label-more-first", reason, False, _strategy(known.short))
