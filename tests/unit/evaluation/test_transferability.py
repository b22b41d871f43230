"""Transferability scores are what their authors define, and rank layers as real heads do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from headstart.arrays import unit
from headstart.evaluation.transferability import h_score, left_out, logme, shortlist, transferability
from headstart.heads import FAMILIES
from headstart.heads.fitted import outputs
from tests.unit.heads.test_heads import blobs


def evidence_of(x: np.ndarray, y: np.ndarray, a: float, b: float) -> float:
    """The log evidence of y = Fm + noise with m ~ N(0, 1/a), noise ~ N(0, 1/b), from its density: y ~ N(0, C)."""
    covariance = np.eye(len(y)) / b + x @ x.T / a
    _, determinant = np.linalg.slogdet(covariance)
    return float(-(y @ np.linalg.solve(covariance, y) + determinant + len(y) * np.log(2 * np.pi)) / 2)


@pytest.mark.parametrize(("rows", "width"), [(60, 12), (20, 40)])
def test_logme_is_the_greatest_evidence_of_the_linear_model(rows: int, width: int) -> None:
    x, targets = blobs(rows, 3, width=width)
    wide = x.astype(np.float64)
    precisions = np.geomspace(1e-2, 1e6, 60)
    greatest = [max(evidence_of(wide, y, a, b) for a in precisions for b in precisions) for y in np.eye(3)[targets].T]
    assert logme(x, targets, 3) == pytest.approx(np.mean(greatest) / rows, abs=0.02)


def test_the_h_score_is_the_trace_of_its_definition() -> None:
    from sklearn.covariance import LedoitWolf

    x, targets = blobs(80, 4)
    fitted = LedoitWolf().fit(x.astype(np.float64))
    means = np.stack([x[targets == label].mean(axis=0) for label in range(4)])[targets]
    between = np.cov(means.T, bias=True)
    expected = np.trace(np.linalg.inv(fitted.covariance_) @ ((1 - fitted.shrinkage_) * between))
    assert h_score(x, targets) == pytest.approx(expected, rel=1e-3)


def test_what_is_left_out_is_what_refitting_without_each_row_gives() -> None:
    x, targets = blobs(40, 3, spread=1.2)
    best = 0.0
    for strength in np.logspace(-2, 1, 4):
        right = 0
        for row in range(40):
            kept = np.arange(40) != row
            (head,) = FAMILIES["ridge"].fit(x[kept], targets[kept], 3, [{"strength": float(strength)}], 0)
            right += int(outputs(head, x[row : row + 1]).argmax() == targets[row])
        best = max(best, right / 40)
    assert left_out(x, targets, 3, "accuracy") == pytest.approx(best)


@settings(max_examples=40)
@given(seed=st.integers(0, 1000), rows=st.integers(4, 40), width=st.integers(1, 30), labels=st.integers(2, 5))
def test_scores_are_finite_for_any_shape_and_for_rows_that_are_all_alike(
    seed: int, rows: int, width: int, labels: int
) -> None:
    generator = np.random.default_rng(seed)
    targets = generator.integers(0, labels, rows)
    for x in (generator.normal(size=(rows, width)), np.ones((rows, width))):
        found = transferability(unit(x.astype(np.float32)), targets, labels, "macro_f1")
        assert np.isfinite([found.logme, found.h_score, found.left_out]).all()


def test_they_rank_features_of_growing_noise_as_real_heads_do() -> None:
    noises = (0.2, 0.6, 1.0, 1.5, 2.5, 6.0)
    scores, real = [], []
    for noise in noises:
        x, targets = blobs(400, 5, spread=noise)
        found = transferability(x[:300], targets[:300], 5, "accuracy")
        scores.append((found.logme, found.h_score, found.left_out))
        (head,) = FAMILIES["linear"].fit(x[:300], targets[:300], 5, [{"c": 10.0}], 0)
        real.append((outputs(head, x[300:]).argmax(axis=1) == targets[300:]).mean())
    for each in zip(*scores, strict=True):
        assert spearmanr(each, real).statistic > 0.9


def test_the_shortlist_holds_the_best_of_both_and_then_the_next_by_both() -> None:
    assert shortlist([3, 1, 2], [1, 3, 2], 2) == [0, 1]
    assert shortlist([3, 1, 2], [3, 1, 2], 2) == [0, 2]
    assert shortlist([1.0], [1.0], 2) == [0]
