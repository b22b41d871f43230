"""Nearest neighbours: who votes, and with which weight."""

import numpy as np
import pytest

from headstart.heads import knn
from headstart.heads.fitted import outputs
from tests.unit.heads.test_heads import blobs


@pytest.mark.parametrize("nearest", [1, 3, 10])
@pytest.mark.parametrize("temperature", [0.05, 0.5])
def test_the_nearest_rows_vote_by_their_likeness(nearest: int, temperature: float) -> None:
    x, targets = blobs(80, 4)
    (head,) = knn.fit(x[:60], targets[:60], 4, [{"nearest": nearest, "temperature": temperature}], 0)
    for row, found in zip(x[60:], outputs(head, x[60:]), strict=True):
        likeness = x[:60] @ row
        voters = np.argsort(-likeness)[:nearest]
        weights = np.exp(likeness[voters] / temperature)
        votes = np.bincount(targets[voters], weights / weights.sum(), minlength=4)
        expected = (nearest * votes + 1 / 4) / (nearest + 1)
        np.testing.assert_allclose(np.exp(found), expected, rtol=1e-4, atol=1e-6)


def test_the_outputs_are_logarithms_of_probabilities() -> None:
    x, targets = blobs(50, 3)
    for head in knn.fit(x, targets, 3, knn.settings(8), 0):
        np.testing.assert_allclose(np.exp(outputs(head, x)).sum(axis=1), 1, rtol=1e-4)


def test_of_fewer_rows_than_neighbours_all_vote() -> None:
    x, targets = blobs(4, 3)
    (head,) = knn.fit(x, targets, 3, [{"nearest": 30, "temperature": 0.2}], 0)
    assert head["nearest"] == [4]
    assert np.isfinite(outputs(head, x)).all()


def test_rows_that_are_equally_near_all_vote_whatever_their_order() -> None:
    x = np.array([[1, 0], [1, 0], [1, 0]], dtype=np.float32)
    for order in ([0, 1, 2], [2, 1, 0], [1, 0, 2]):
        (head,) = knn.fit(x, np.array([0, 1, 1])[order], 2, [{"nearest": 1, "temperature": 0.2}], 0)
        np.testing.assert_allclose(np.exp(outputs(head, x[:1])), [[(1 / 3 + 0.5) / 2, (2 / 3 + 0.5) / 2]], rtol=1e-5)


def test_many_rows_are_answered_block_by_block_as_each_alone() -> None:
    x, targets = blobs(1100, 3)
    (head,) = knn.fit(x[:50], targets[:50], 3, knn.settings(1), 0)
    together = outputs(head, x)
    np.testing.assert_allclose(
        together[1020:1030], np.concatenate([outputs(head, x[[row]]) for row in range(1020, 1030)]), rtol=1e-5
    )
    assert outputs(head, x[:0]).shape == (0, 3)
