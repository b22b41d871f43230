"""The Bayesian head: surer where it may be, and less sure where it has seen nothing."""

import numpy as np
import pytest
from scipy import integrate

from headstart.arrays import Array, Outputs, Targets
from headstart.evaluation.calibration import log_loss
from headstart.heads import bayes, linear
from headstart.heads.fitted import Fitted, outputs
from headstart.heads.spectrum import spectrum
from tests.unit.heads.test_heads import blobs


def variance(head: Fitted, x: Array) -> Outputs:
    plain = {name: head[name] for name in ("weight", "bias")}
    sureness = outputs(head, x) / outputs(plain, x)
    np.testing.assert_allclose(sureness, sureness[:, :1].repeat(sureness.shape[1], axis=1), rtol=1e-3)
    return (sureness[:, 0] ** -2 - 1) * 8 / np.pi


@pytest.mark.parametrize("labels", [2, 5])
@pytest.mark.parametrize("seed", range(4))
def test_on_few_rows_its_log_loss_is_lower_than_that_of_the_likeliest_linear_head(labels: int, seed: int) -> None:
    x, targets = blobs(1000, labels, width=24, seed=seed, spread=4.0)  # labels overlap
    few = slice(0, 8 * labels)
    (head,) = bayes.fit(x[few], targets[few], labels, bayes.settings(1), 0)
    (likeliest,) = linear.fit(x[few], targets[few], labels, [{"c": 1e4}], 0)
    rest = slice(8 * labels, None)
    assert log_loss(outputs(head, x[rest]), targets[rest]) < log_loss(outputs(likeliest, x[rest]), targets[rest])


def test_the_variance_is_that_of_the_gaussian_posterior() -> None:
    x, targets = blobs(40, 2, width=6)
    (head,) = bayes.fit(x, targets, 2, bayes.settings(1), 0)
    # The logistic regression on (x, 1) by itself: precision from the head's own gradient condition.
    logits = x @ (head["weight"][1] - head["weight"][0]) + (head["bias"][1] - head["bias"][0])
    p = 1 / (1 + np.exp(-logits.astype(np.float64)))
    difference = (head["weight"][1] - head["weight"][0]).astype(np.float64)
    precision = float((x.T @ ((targets == 1) - p)) @ difference / (difference @ difference))
    augmented = np.column_stack([x, np.ones(len(x))]).astype(np.float64)
    hessian = (augmented.T * (p * (1 - p))) @ augmented + precision * np.diag([1.0] * 6 + [0.0])
    expected = np.einsum("ij,ji->i", augmented, np.linalg.solve(hessian, augmented.T))
    np.testing.assert_allclose(variance(head, x), expected, rtol=2e-2)


def test_a_row_unlike_those_of_training_is_answered_less_surely() -> None:
    x, targets = blobs(60, 3, width=10)
    flat = np.concatenate([x, np.zeros((60, 10), np.float32)], axis=1)
    strange = flat[:, ::-1].copy()
    (head,) = bayes.fit(flat, targets, 3, bayes.settings(1), 0)
    assert variance(head, strange).min() > np.median(variance(head, flat))


def test_the_evidence_ranks_precisions_as_the_integral_over_the_weights_does() -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(30, 1)).astype(np.float32)
    x -= x.mean()
    targets: Targets = (x[:, 0] + generator.normal(size=30, scale=0.8) > 0).astype(np.int64)
    precisions = [0.01, 0.1, 1.0, 10.0, 100.0]
    heads = linear.fit(x, targets, 2, [{"c": 1 / precision} for precision in precisions], 0)
    values = spectrum(x).values
    found = [bayes.log_evidence(head, x, targets, values, each) for head, each in zip(heads, precisions, strict=True)]

    def exact(precision: float, bias: float) -> float:
        def integrand(w: float) -> float:
            fit = -np.logaddexp(0, -(2 * targets - 1) * (w * x[:, 0] + bias)).sum()
            return float(np.exp(fit - precision * w * w / 2) * np.sqrt(precision / (2 * np.pi)))

        return float(np.log(integrate.quad(integrand, -60, 60, points=[0, 3], limit=400)[0]))

    wanted = [
        exact(each, float(head["bias"][1] - head["bias"][0])) for head, each in zip(heads, precisions, strict=True)
    ]
    np.testing.assert_allclose(np.array(found) - found[2], np.array(wanted) - wanted[2], atol=0.2)
    assert int(np.argmax(found)) == int(np.argmax(wanted))


def test_the_evidence_of_two_labels_is_laplaces_with_a_diagonal_hessian() -> None:
    x, targets = blobs(80, 2, width=6, spread=2.0)
    values = spectrum(x).values

    def laplace(precision: float) -> float:
        (head,) = linear.fit(x, targets, 2, [{"c": 1 / precision}], 0)
        weight = (head["weight"][1] - head["weight"][0]).astype(np.float64)
        logits = x @ weight + (head["bias"][1] - head["bias"][0])
        p = 1 / (1 + np.exp(-logits))
        fit = -np.logaddexp(0, -(2 * targets - 1) * logits).sum()
        determined = np.log1p((p * (1 - p)).mean() * values / precision).sum()
        expected = float(fit - precision / 2 * weight @ weight - determined / 2)
        assert bayes.log_evidence(head, x, targets, values, precision) == pytest.approx(expected, abs=1e-3)
        return expected

    assert laplace(0.1) != laplace(10.0)
