"""Prediction sets hold the true label as often as they promise, on invented and on real data."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.arrays import softmax
from headstart.evaluation.conformal import Sets, sets
from tests.support.shared_data import messages
from tests.unit.evaluation.test_calibration import calibrated


def covered(found: Sets, probabilities: np.ndarray, targets: np.ndarray) -> float:
    return float(found.of(probabilities)[np.arange(len(targets)), targets].mean())


@pytest.mark.parametrize("rows", [50, 300])
@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_over_many_draws_the_coverage_is_what_was_promised_and_its_spread_what_is_said(
    rows: int, coverage: float
) -> None:
    outputs, targets = calibrated(4000)
    probabilities = softmax(outputs * 4)  # however wrong the probabilities are
    generator = np.random.default_rng(0)
    found, kept = [], []
    for _ in range(200):
        order = generator.permutation(len(targets))
        fit, judge = order[:rows], order[rows:]
        made = sets(probabilities[fit], targets[fit], coverage)
        assert made is not None
        found.append(covered(made, probabilities[judge], targets[judge]))
        kept.append(made.expected.low - 0.01 <= found[-1] <= made.expected.high + 0.01)
    assert np.mean(found) >= coverage - 0.01
    assert np.mean(kept) > 0.9


def test_on_real_messages_the_coverage_is_what_was_promised(banking77: Path) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    train, test = (messages(banking77, name) for name in ("train", "test"))
    vectorizer = TfidfVectorizer()
    model = LogisticRegression(max_iter=50).fit(vectorizer.fit_transform(train[0][::5]), train[1][::5])
    probabilities = model.predict_proba(vectorizer.transform(test[0]))
    targets = np.searchsorted(model.classes_, test[1])
    order = np.random.default_rng(0).permutation(len(targets))
    fit, judge = order[:1000], order[1000:]
    for coverage in (0.8, 0.9, 0.95):
        made = sets(probabilities[fit], targets[fit], coverage)
        assert made is not None
        error = 3 * np.sqrt(coverage * (1 - coverage) / len(judge))
        assert made.expected.low - error <= covered(made, probabilities[judge], targets[judge])
        assert covered(made, probabilities[judge], targets[judge]) <= made.expected.high + error


@given(coverage=st.floats(0.01, 0.99), rows=st.integers(0, 60))
def test_there_are_sets_just_where_enough_rows_are_there(coverage: float, rows: int) -> None:
    outputs, targets = calibrated(60)
    made = sets(softmax(outputs[:rows]), targets[:rows], coverage)
    assert (made is None) == (rows + 1 < rows * 0 + 1 / (1 - coverage) - 1e-9) or abs(
        rows * (1 - coverage) - coverage
    ) < 1e-6
    if made is not None:
        assert made.expected.low <= made.expected.value <= made.expected.high
        assert made.expected.value >= coverage - 1e-9


def test_the_answer_is_in_its_set_even_where_nothing_is_probable() -> None:
    made = sets(np.array([[0.9, 0.1]] * 30), np.zeros(30, dtype=np.int64), 0.5)
    assert made is not None
    assert made.of(np.array([[0.6, 0.4]])).tolist() == [[True, False]]
