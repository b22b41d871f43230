"""Abstaining: the promise is broken no more often than once in twenty, and asks for enough rows."""

import numpy as np
import pytest

from headstart.evaluation.abstention import Abstention, abstention, fewest


def drawn(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Confidences, and whether the answers are right: as often as the confidence squared says."""
    generator = np.random.default_rng(seed)
    confidence = generator.random(rows) ** 0.3
    return confidence, generator.random(rows) < confidence**2


def precision_of(found: Abstention) -> float:
    confidence, right = drawn(200_000, 10_000)
    return float(right[confidence >= found.threshold].mean())


@pytest.mark.parametrize("precision", [0.75, 0.8])
def test_the_promise_is_kept_by_nineteen_of_twenty_thresholds(precision: float) -> None:
    found = [abstention(*drawn(400, seed), precision) for seed in range(200)]
    made = [each for each in found if each is not None]
    assert len(made) > 150
    broken = np.mean([precision_of(each) < precision for each in made])
    assert broken <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / len(made))


def test_more_rows_let_more_be_answered() -> None:
    few, many = abstention(*drawn(300, 0), 0.8), abstention(*drawn(20_000, 0), 0.8)
    assert few is not None
    assert many is not None
    assert few.answered < many.answered


def test_where_all_answers_are_good_enough_none_is_held_back() -> None:
    found = abstention(np.linspace(0.5, 1, 500), np.ones(500, dtype=bool), 0.95)
    assert found is not None
    assert (found.threshold, found.answered) == (0.0, 1.0)


def test_no_threshold_is_trusted_on_too_few_rows() -> None:
    rows = fewest(0.95)
    assert rows == 104
    assert abstention(np.full(rows - 1, 0.9), np.ones(rows - 1, dtype=bool), 0.95) is None
    assert abstention(np.full(rows, 0.9), np.ones(rows, dtype=bool), 0.95) is not None


def test_a_model_that_is_never_right_answers_nothing() -> None:
    assert abstention(np.linspace(0, 1, 1000), np.zeros(1000, dtype=bool), 0.5) is None
