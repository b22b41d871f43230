"""How cross-entropy is shaped."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from headstart.tasks.objective import Objective, balanced, loss

OUTPUTS = torch.tensor([[2.0, 0.0, -1.0], [0.0, 1.0, 0.0], [-1.0, 0.5, 3.0]])
TARGETS = torch.tensor([0, 2, 2])


def probabilities() -> torch.Tensor:
    return OUTPUTS.softmax(1)[torch.arange(3), TARGETS]


def test_unshaped_it_is_the_sum_of_the_negative_log_probabilities() -> None:
    torch.testing.assert_close(loss(OUTPUTS, TARGETS, Objective()), -probabilities().log().sum())


def test_focal_loss_weights_rows_by_how_badly_they_are_answered() -> None:
    expected = -((1 - probabilities()) ** 2 * probabilities().log()).sum()
    torch.testing.assert_close(loss(OUTPUTS, TARGETS, Objective(focus=2.0)), expected)


def test_smoothing_spreads_its_share_over_all_labels() -> None:
    spread = -OUTPUTS.log_softmax(1).mean(1).sum()
    expected = 0.9 * loss(OUTPUTS, TARGETS, Objective()) + 0.1 * spread
    torch.testing.assert_close(loss(OUTPUTS, TARGETS, Objective(smoothing=0.1)), expected)


def test_weights_multiply_the_rows_of_their_label() -> None:
    each = -probabilities().log()
    torch.testing.assert_close(loss(OUTPUTS, TARGETS, Objective(weights=(1.0, 1.0, 3.0))), each[0] + 3 * each[1:].sum())


@given(st.lists(st.integers(0, 4), min_size=1, max_size=50))
def test_balanced_weights_have_mean_one_and_give_all_labels_that_occur_the_same_sum(rows: list[int]) -> None:
    targets = np.array(rows, dtype=np.int64)
    weights = np.array(balanced(targets, 5))
    assert np.isclose(weights[targets].mean(), 1)
    sums = weights * np.bincount(targets, minlength=5)
    assert np.allclose(sums[sums > 0], sums.max())
    assert (weights > 0).sum() == len(set(rows))
