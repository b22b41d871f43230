"""The ROC curve: that of scikit-learn where there are two labels, with thresholds that are probabilities."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from headstart.arrays import softmax
from headstart.evaluation.roc import roc
from tests.unit.evaluation.test_calibration import calibrated


def test_the_curve_is_of_the_rarer_label_and_ends_at_both_corners() -> None:
    generator = np.random.default_rng(0)
    targets = np.repeat([0, 1], [2900, 1100])
    outputs = np.eye(2)[targets] + generator.normal(size=(4000, 2))
    found = roc(outputs, targets, ("ham", "spam"))
    assert found is not None
    assert found.label == "spam"
    assert found.area == pytest.approx(roc_auc_score(targets, softmax(outputs)[:, 1]))
    first, *_, last = found.points
    assert (first.threshold, first.false_positive_rate, first.true_positive_rate) == (1.0, 0.0, 0.0)
    assert (last.false_positive_rate, last.true_positive_rate) == (1.0, 1.0)
    assert len(found.points) <= 200
    for one, other in zip(found.points, found.points[1:], strict=False):
        assert one.threshold >= other.threshold
        assert one.true_positive_rate <= other.true_positive_rate
    said = softmax(outputs)[:, 1] >= found.points[100].threshold
    assert found.points[100].true_positive_rate == pytest.approx(said[targets == 1].mean())


def test_there_is_none_for_more_labels_or_where_the_rows_have_one_alone() -> None:
    assert roc(*calibrated(60), ("a", "b", "c")) is None
    assert roc(np.zeros((9, 2)), np.zeros(9, dtype=int), ("a", "b")) is None
