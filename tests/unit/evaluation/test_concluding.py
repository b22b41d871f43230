"""The verdict is right where the truth is known: features that help, that do not, and labels that are noise."""

import numpy as np
import pytest

from headstart.evaluation.cross_validation import plan
from headstart.evaluation.verdict import Verdict
from tests.support import tiny
from tests.support.assessing import ground_of, judged
from tests.unit.heads.test_heads import blobs

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def helped() -> Verdict:
    x, targets = blobs(200, 3)
    noise, _ = blobs(200, 3, seed=9)
    return judged(ground_of([f"row {number}" for number in range(200)], targets, [noise, x]), target=0.99)


def test_features_that_hold_the_answer_beat_texts_that_do_not(helped: Verdict) -> None:
    assert helped.answer in ("head-is-enough", "label-more-first")
    assert helped.head.gain is not None
    assert helped.head.gain.low > 0
    assert (helped.backbone, helped.layer) == ("identity", 1)


def test_every_score_lies_in_its_interval_and_the_interval_in_what_is_possible(helped: Verdict) -> None:
    for each in (*helped.controls, *helped.probes, helped.head):
        assert 0 <= each.score.low <= each.score.value <= each.score.high <= 1
    assert all(each.gain is None for each in helped.controls)


def test_what_was_not_tuned_is_said_and_leaves_the_strategy_open(helped: Verdict) -> None:
    assert helped.short is None
    assert helped.not_tuned == "there was no time"
    assert helped.strategy is None


def test_a_verdict_has_one_identity_whatever_it_took(helped: Verdict) -> None:
    slower = tuple(each.model_copy(update={"seconds": 1000.0}) for each in helped.options)
    again = helped.model_copy(update={"options": slower})
    assert Verdict.model_validate(again.said()).identity == helped.identity
    assert again.model_copy(update={"answer": "cannot-tell"}).identity != helped.identity


def test_features_that_hold_nothing_lose_to_words_that_tell_all() -> None:
    rows = tiny.texts(150)
    targets = np.array([sorted(tiny.WORDS).index(label) for _, label in rows])
    noise, _ = blobs(150, 3, seed=9)
    found = judged(ground_of([text for text, _ in rows], targets, [noise]))
    assert (found.answer, found.negative_transfer) == ("do-not-transfer", True)
    assert found.reason.startswith("the frozen features of model lose to TF-IDF")


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_labels_that_are_noise_are_no_case_for_transfer(metric: str) -> None:
    x, _ = blobs(400, 3)
    targets = np.random.default_rng(5).integers(0, 3, 400)
    found = judged(ground_of([f"row {number}" for number in range(400)], targets, [x], metric))  # type: ignore[arg-type]
    assert found.answer == "do-not-transfer"
    assert not found.negative_transfer


def test_a_dozen_rows_call_for_labels() -> None:
    x, targets = blobs(14, 2, spread=3.0)
    found = judged(ground_of([f"row {number}" for number in range(14)], targets, [x]))
    assert found.answer in ("label-more-first", "cannot-tell")
    assert found.curve.law is None


def test_a_rare_label_that_is_not_learned_is_starved() -> None:
    x, targets = blobs(300, 3, spread=1.0)
    kept = np.flatnonzero((targets != 2) | (np.cumsum(targets == 2) <= 6))
    found = judged(ground_of([f"row {row}" for row in kept], targets[kept], [x[kept]], "macro_f1"))
    starved = [each.label for each in found.labels if each.starved]
    assert starved[:1] == ["label 2"]
    assert {each.label: each.rows for each in found.labels}["label 2"] == 6


def test_few_rows_are_folded_several_times_over_and_many_once() -> None:
    assert len(plan(np.arange(100) % 2, [str(row) for row in range(100)])) == 15
    assert len(plan(np.arange(2000) % 2, [str(row) for row in range(2000)])) == 5
