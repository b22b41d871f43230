"""The verdict is right where the truth is known: features that help, that do not, and labels that are noise."""

from collections.abc import Sequence

import numpy as np
import pytest

from headstart.compute import InlineCompute
from headstart.evaluation import verdict
from headstart.evaluation.verdict import CONTROLS, Verdict
from tests.support import tiny
from tests.unit.heads.test_heads import blobs


def judged(texts: Sequence[str], targets: np.ndarray, features: np.ndarray) -> Verdict:
    folds = verdict.plan(targets, [str(row) for row in range(len(targets))])
    labels = int(targets.max()) + 1
    shared = {
        "texts": texts,
        "targets": targets,
        "labels": labels,
        "folds": folds,
        "metric": "accuracy",
        "features": {"probe": features},
    }
    items = [(name, number) for name in (*CONTROLS, "probe") for number in range(len(folds))]
    scores = InlineCompute().map(verdict.judge_fold, items, shared, lambda *state: None)
    by_name = {
        name: [score for (each, _), score in zip(items, scores, strict=True) if each == name]
        for name in (*CONTROLS, "probe")
    }
    return verdict.conclude("accuracy", folds, by_name, {"probe": "identity"})


def test_features_that_hold_the_answer_beat_texts_that_do_not() -> None:
    x, targets = blobs(200, 3)
    found = judged([f"row {number}" for number in range(200)], targets, x)
    assert found.answer == "transfer"
    assert found.backbone == "identity"


def test_features_that_hold_nothing_lose_to_words_that_tell_all() -> None:
    rows = tiny.texts(150)
    targets = np.array([sorted(tiny.WORDS).index(label) for _, label in rows])
    noise, _ = blobs(150, 3, seed=9)
    found = judged([text for text, _ in rows], targets, noise)
    assert found.answer == "do-not-transfer"
    assert found.reason.startswith("the frozen features of probe lose to TF-IDF")


def test_labels_that_are_noise_tell_nothing() -> None:
    x, _ = blobs(200, 3)
    targets = np.random.default_rng(5).integers(0, 3, 200)
    found = judged([f"row {number}" for number in range(200)], targets, x)
    assert found.answer == "cannot-tell"


def test_every_score_lies_in_its_interval_and_the_interval_in_what_is_possible() -> None:
    x, targets = blobs(100, 2, spread=0.01)
    found = judged(["one", "two"] * 50, targets, x)
    for each in (*found.controls, *found.probes):
        assert 0 <= each.score.low <= each.score.value <= each.score.high <= 1
    assert all(each.gain is None for each in found.controls)
    assert all(each.gain is not None for each in found.probes)


@pytest.mark.parametrize("texts", [["😀", "😡"] * 20, ["中文", "日本語"] * 20, ["\x00", "\u200b"] * 20])
def test_the_bag_of_words_reads_any_script(texts: list[str]) -> None:
    targets = np.arange(40) % 2
    np.testing.assert_array_equal(verdict.bag_of_words(texts, targets, texts[:4]), targets[:4])


def test_few_rows_are_folded_several_times_over_and_many_once() -> None:
    assert len(verdict.plan(np.arange(100) % 2, [str(row) for row in range(100)])) == 15
    assert len(verdict.plan(np.arange(2000) % 2, [str(row) for row in range(2000)])) == 5
