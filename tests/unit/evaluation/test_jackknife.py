"""The jackknife leaves out each row, and knows how uncertain a score is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.arrays import Targets
from headstart.evaluation import metrics
from headstart.evaluation.jackknife import influences, weight
from headstart.evaluation.metrics import METRICS
from headstart.spec import Metric

LABELS = 4
answers = st.lists(st.tuples(st.integers(0, LABELS - 1), st.integers(0, LABELS - 1)), min_size=2, max_size=40)


@pytest.mark.parametrize("metric", METRICS)
@given(rows=answers)
def test_influences_are_those_of_leaving_out_one_row_after_the_other(
    metric: Metric, rows: list[tuple[int, int]]
) -> None:
    targets, predicted = (np.array(each, dtype=np.int64) for each in zip(*rows, strict=True))
    without = np.array(
        [metrics.score(metric, np.delete(targets, row), np.delete(predicted, row), LABELS) for row in range(len(rows))]
    )
    expected = (len(rows) - 1) * (without.mean() - without)
    np.testing.assert_allclose(influences(metric, targets, predicted, LABELS), expected, atol=1e-9)


def test_the_variance_is_that_of_the_score_over_many_draws() -> None:
    generator = np.random.default_rng(0)

    def draw() -> tuple[Targets, Targets]:
        targets = generator.choice(3, size=300, p=[0.6, 0.3, 0.1])
        return targets, np.where(generator.random(300) < 0.8, targets, generator.integers(0, 3, 300))

    draws = [draw() for _ in range(800)]
    scores = [metrics.score("macro_f1", *each, 3) for each in draws]
    errors = [np.sqrt((influences("macro_f1", *each, 3) ** 2).sum()) / 300 for each in draws[:100]]
    assert np.mean(errors) == pytest.approx(np.std(scores), rel=0.1)


def test_rows_of_rare_labels_weigh_more_in_a_mean_over_labels() -> None:
    even, rare = np.arange(100) % 2, (np.arange(100) < 5).astype(np.int64)
    assert weight("accuracy", rare) == weight("macro_f1", even) == pytest.approx(1)
    assert weight("macro_f1", rare) > 5
