"""Linear discriminant analysis: scikit-learn's, for every shrinkage."""

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from headstart.heads import lda
from headstart.heads.fitted import outputs
from tests.unit.heads.test_heads import blobs


@pytest.mark.filterwarnings("ignore:Only one sample available")
@pytest.mark.parametrize(("rows", "labels", "width"), [(200, 2, 12), (300, 5, 12), (30, 3, 40), (160, 77, 20)])
def test_every_shrinkage_answers_as_scikit_learns(rows: int, labels: int, width: int) -> None:
    x, targets = blobs(rows, labels, width=width, spread=1.0)
    population = [*lda.settings(8), {"shrinkage": 0.5}]
    for setting, head in zip(population, lda.fit(x, targets, labels, population, 0), strict=True):
        theirs = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=setting["shrinkage"]).fit(x, targets)
        found, expected = outputs(head, x), theirs.decision_function(x)
        if labels == 2:
            found = found[:, 1] - found[:, 0]
        else:  # equal up to a term that all labels share
            found = found - found.mean(axis=1, keepdims=True)
            expected = expected - expected.mean(axis=1, keepdims=True)
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())
        assert (outputs(head, x).argmax(axis=1) == theirs.predict(x)).mean() > 0.99


def test_without_shrinkage_a_direction_in_which_no_label_varies_does_not_decide_everything() -> None:
    x, targets = blobs(30, 3, width=40)
    (head,) = lda.fit(x, targets, 3, [{"shrinkage": 0.0}], 0)
    assert np.isfinite(head["weight"]).all()


def test_a_row_a_label_leaves_the_nearest_centroid() -> None:
    x, targets = blobs(5, 5)
    for head in lda.fit(x, targets, 5, lda.settings(3), 0):
        assert (outputs(head, x).argmax(axis=1) == targets).all()
