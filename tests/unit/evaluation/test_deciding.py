"""The rule of the verdict, case by case."""

from dataclasses import replace

import pytest

from headstart.evaluation.deciding import Known, decide
from headstart.evaluation.estimate import Estimate
from headstart.evaluation.learning_curve import learning_curve, sizes
from headstart.evaluation.verdict import ShortTrainings
from tests.support.verdicts import SHORT

GROWING = learning_curve(500, {size: [0.95 - size**-0.4] * 3 for size in sizes(400, 2)}, None)
FLAT = learning_curve(500, {size: [0.8] * 3 for size in sizes(400, 2)}, None)


def about(value: float, reach: float = 0.02) -> Estimate:
    return Estimate(value=value, low=value - reach, high=value + reach)


def short(over_head: Estimate, over_control: Estimate | None = None) -> ShortTrainings:
    return SHORT.model_copy(update={"tuned_over_head": over_head, "tuned_over_control": over_control or over_head})


KNOWN = Known(
    metric="accuracy",
    backbone="model",
    head=about(0.85),
    control=about(0.75),
    control_name="TF-IDF",
    gain=about(0.10),
    better=0.99,
    chance=0.5,
    chance_name="the majority class",
    learned=about(0.35),
    learner="head on frozen features",
    tells=0.99,
    short=short(about(0.0)),
    curve=FLAT,
    rows=500,
    rows_a_label=250,
    rare=0.0,
    target=None,
)


def test_a_head_that_beats_the_control_is_enough_where_tuning_gains_too_little() -> None:
    found = decide(KNOWN)
    assert (found.answer, found.strategy) == ("head-is-enough", "head")


@pytest.mark.parametrize(("gain", "word"), [(about(0.05), "surely"), (about(0.05, 0.08), "probably")])
def test_tuning_that_gains_is_advised_and_how_surely_is_said(gain: Estimate, word: str) -> None:
    found = decide(replace(KNOWN, short=short(gain)))
    assert (found.answer, found.strategy) == ("fine-tune", "lp-ft")
    assert word in found.reason


def test_tuning_that_was_not_tried_is_neither_advised_nor_ruled_out() -> None:
    found = decide(replace(KNOWN, short=None))
    assert (found.answer, found.strategy) == ("head-is-enough", None)
    assert "not tried" in found.reason


def test_a_head_that_is_worse_than_the_control_is_negative_transfer() -> None:
    found = decide(replace(KNOWN, gain=about(-0.05)))
    assert (found.answer, found.negative_transfer, found.strategy) == ("do-not-transfer", True, "bag-of-words")


def test_a_control_that_leaves_nothing_to_gain_is_not_replaced() -> None:
    found = decide(replace(KNOWN, gain=about(-0.001, 0.015), control=about(0.995, 0.004)))
    assert (found.answer, found.negative_transfer, found.strategy) == ("do-not-transfer", False, "bag-of-words")


def test_a_gain_that_is_too_small_to_matter_is_none() -> None:
    assert decide(replace(KNOWN, gain=about(0.0, 0.009))).answer == "do-not-transfer"


@pytest.mark.parametrize(
    ("gain", "answer"),
    [
        (about(0.05, 0.02), "beat"),
        (about(0.05, 0.07), "probably beat"),
        (about(0.05, 0.08), "cannot be told from"),
        (about(0.004, 0.005), "nothing worth having"),
    ],
)
def test_a_head_that_is_probably_better_by_enough_is_advised_and_how_surely_is_said(
    gain: Estimate, answer: str
) -> None:
    found = decide(replace(KNOWN, gain=gain))
    assert answer in found.reason
    assert (found.answer == "head-is-enough") == ("beat" in answer)


def test_many_rows_that_do_not_settle_it_cannot_tell_and_few_call_for_labels() -> None:
    unsettled = replace(KNOWN, gain=about(0.03, 0.06))
    assert decide(unsettled).answer == "cannot-tell"
    assert decide(replace(unsettled, rows=100)).answer == "label-more-first"
    assert decide(replace(unsettled, rows_a_label=3)).answer == "label-more-first"


def test_labels_that_the_texts_do_not_tell_are_no_case_for_transfer() -> None:
    assert decide(replace(KNOWN, learned=about(0.0, 0.05))).answer == "do-not-transfer"
    assert decide(replace(KNOWN, learned=about(0.0, 0.3))).answer == "label-more-first"


def test_two_rows_of_a_label_do_not_show_that_it_cannot_be_learned() -> None:
    found = decide(replace(KNOWN, learned=about(0.0, 0.05), rare=0.5))
    assert found.answer == "label-more-first"
    assert "labels of fewer than 8 rows make up 50% of the score" in found.reason
    assert decide(replace(KNOWN, learned=about(0.0, 0.05), rare=0.1)).answer == "do-not-transfer"


def test_what_only_the_tuned_network_learns_counts() -> None:
    gained = short(about(0.2), about(0.15))
    found = decide(replace(KNOWN, learned=about(0.0, 0.05), gain=about(0.0), short=gained))
    assert found.answer == "fine-tune"
    assert "only the tuned network" in found.reason


def test_random_weights_that_do_better_are_negative_transfer() -> None:
    better = SHORT.model_copy(update={"scratch_over_head": about(0.1)})
    found = decide(replace(KNOWN, short=better))
    assert (found.answer, found.negative_transfer) == ("do-not-transfer", True)


def test_a_missed_target_calls_for_labels_where_they_promise_more_than_tuning() -> None:
    missed = replace(KNOWN, target=0.95)
    assert decide(replace(missed, curve=GROWING)).answer == "label-more-first"
    assert decide(missed).answer == "head-is-enough"
    assert decide(replace(missed, curve=GROWING, short=short(about(0.2)))).answer == "fine-tune"
    assert decide(replace(missed, curve=GROWING, target=0.8)).answer == "head-is-enough"
