"""Metrics: scikit-learn's numbers, also under resampling weights."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

from headstart.evaluation import metrics

pairs = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=60)


@given(pairs=pairs)
def test_accuracy_and_macro_f1_are_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    targets, predicted = (np.array(column) for column in zip(*pairs, strict=True))
    found = metrics.scores(targets, predicted, 6)
    assert np.isclose(found["accuracy"], accuracy_score(targets, predicted))
    assert np.isclose(found["macro_f1"], f1_score(targets, predicted, average="macro", zero_division=0))


@given(pairs=pairs, seed=st.integers(0, 100))
def test_a_weight_of_two_is_a_row_that_stands_twice(pairs: list[tuple[int, int]], seed: int) -> None:
    targets, predicted = (np.array(column) for column in zip(*pairs, strict=True))
    times = np.random.default_rng(seed).integers(0, 3, len(pairs))
    times[0] = max(times[0], 1)
    repeated = np.repeat(np.arange(len(pairs)), times)
    for metric in metrics.METRICS:
        (weighted,) = metrics.weighted(metric, targets, predicted, 6, times[None].astype(float))
        assert np.isclose(weighted, metrics.score(metric, targets[repeated], predicted[repeated], 6))


@given(pairs=pairs)
def test_the_confusion_matrix_has_the_true_label_as_row(pairs: list[tuple[int, int]]) -> None:
    targets, predicted = (np.array(column) for column in zip(*pairs, strict=True))
    np.testing.assert_array_equal(
        metrics.confusion(targets, predicted, 6), confusion_matrix(targets, predicted, labels=range(6))
    )


@given(pairs=pairs)
def test_the_f1_of_each_label_is_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    targets, predicted = (np.array(column) for column in zip(*pairs, strict=True))
    theirs = f1_score(targets, predicted, labels=range(6), average=None, zero_division=0)
    np.testing.assert_allclose(metrics.per_label_f1(targets, predicted, 6), theirs)
