"""Test rows next to training rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.evaluation import neighbours
from headstart.evaluation.metrics import score
from tests.support.steady import STEADY


@STEADY
@given(st.integers(1, 40), st.integers(2, 30), st.integers(0, 9))
def test_the_nearest_training_row_is_the_one_of_least_angle_from_the_mean(tests: int, trains: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    test, train = (generator.normal(5, 1, (rows, 6)).astype(np.float32) for rows in (tests, trains))
    index, cosine = neighbours.nearest(test, train)
    middle = train.mean(axis=0)
    for row in range(tests):
        ours = test[row] - middle
        angles = [
            float(ours @ (each - middle) / np.linalg.norm(ours) / np.linalg.norm(each - middle)) for each in train
        ]
        assert cosine[row] == pytest.approx(max(angles), abs=1e-4)
        assert angles[index[row]] == pytest.approx(max(angles), abs=1e-4)


def test_a_copy_is_found_in_any_block_though_all_vectors_point_the_same_way() -> None:
    generator = np.random.default_rng(0)
    train = (generator.normal(0, 1, (3000, 16)) + 50).astype(np.float32)
    test = np.concatenate([train[[7, 2999]], (generator.normal(0, 1, (2500, 16)) + 50).astype(np.float32), train[[11]]])
    index, cosine = neighbours.nearest(test, train)
    assert [int(index[row]) for row in (0, 1, -1)] == [7, 2999, 11]
    assert cosine[[0, 1, -1]] == pytest.approx(1, abs=1e-4)
    assert (cosine >= neighbours.THRESHOLD).sum() < 10


def test_the_score_without_neighbours_is_that_of_the_other_rows() -> None:
    targets = np.array([0, 1, 0, 1, 0, 1])
    predicted = np.array([0, 1, 0, 1, 1, 0])
    near = np.array([True, True, False, False, False, False])
    found = neighbours.without(near, "accuracy", targets, predicted, 2)
    assert found is not None
    assert found.value == score("accuracy", targets[2:], predicted[2:], 2) == 0.5
    assert found.low <= 0.5 <= found.high
    assert neighbours.without(np.ones(6, bool), "accuracy", targets, predicted, 2) is None
    assert neighbours.without(np.zeros(6, bool), "accuracy", targets, predicted, 2) is None


def test_examples_are_the_nearest_first_and_only_those_that_count() -> None:
    cosine = np.array([0.5, 0.96, 0.99], np.float32)
    found = neighbours.examples(["a", "b", "c" * 900], ["x", "y"], np.array([0, 1, 0]), cosine)
    assert found == (("c" * 200, "x", 0.99), ("b", "y", 0.96))


def test_of_very_many_training_rows_some_are_compared() -> None:
    assert neighbours.sample(5).tolist() == [0, 1, 2, 3, 4]
    chosen = neighbours.sample(neighbours.MOST + 1)
    assert len(chosen) == neighbours.MOST
    assert (np.diff(chosen) > 0).all()
