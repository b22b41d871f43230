"""The solver of many logistic regressions: its gradient, its minima, and that they are scikit-learn's."""

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from headstart.arrays import Array, Targets
from headstart.heads import FAMILIES, ON_EIGENBASIS, losses
from headstart.heads.fitted import Fitted, outputs
from headstart.heads.spectrum import spectrum
from tests.unit.heads.test_heads import blobs

LINEAR = FAMILIES["linear"]


def problem(rows: int, labels: int, weightings: int, seed: int) -> losses.Loss:
    """Rows drawn at random; of one label the loss for two of them in one logit."""
    generator = np.random.default_rng(seed)
    columns = np.column_stack([generator.normal(size=(rows, 5)), np.ones(rows)]).astype(np.float32)
    targets = torch.from_numpy(generator.integers(0, max(labels, 2), rows))
    weights = torch.from_numpy(generator.uniform(0.2, 3, (weightings, rows)).astype(np.float32))
    if labels == 1:
        return losses.Logistic(torch.from_numpy(columns), targets, weights)
    return losses.Softmax(torch.from_numpy(columns), targets, labels, weights)


@given(rows=st.integers(1, 30), labels=st.integers(1, 5), weightings=st.integers(1, 3), seed=st.integers(0, 99))
@settings(max_examples=40)
def test_the_gradient_is_that_of_finite_differences(rows: int, labels: int, weightings: int, seed: int) -> None:
    loss = problem(rows, labels, weightings, seed)
    generator = torch.Generator().manual_seed(seed)
    at, direction = (torch.randn(weightings, labels, 6, generator=generator) for _ in range(2))
    gradient, _ = loss.gradient(loss.at(losses.logits_of(loss, at))[1])
    reach = 1e-2
    ahead, behind = (loss.at(losses.logits_of(loss, at + sign * reach * direction))[0] for sign in (1, -1))
    expected = (gradient * direction).sum((1, 2)).double()
    torch.testing.assert_close((ahead - behind) / (2 * reach), expected, rtol=5e-3, atol=5e-3 * rows)


@given(rows=st.integers(1, 30), labels=st.integers(1, 5), seed=st.integers(0, 99))
@settings(max_examples=20)
def test_the_curvature_is_the_spread_of_the_probabilities(rows: int, labels: int, seed: int) -> None:
    loss = problem(rows, labels, 2, seed)
    logits = torch.randn(2, labels, rows, generator=torch.Generator().manual_seed(seed))
    p = logits.softmax(1) if labels > 1 else logits.sigmoid()
    expected = torch.stack([(p[s] * (1 - p[s]) * loss.row_weights[s]).sum(1) for s in range(2)])
    found, curvature = loss.at(logits)[1], loss.gradient(loss.at(logits)[1])[1]
    torch.testing.assert_close(found, p)
    torch.testing.assert_close(curvature, expected, rtol=1e-4, atol=1e-5)


@given(rows=st.integers(1, 30), seed=st.integers(0, 99))
@settings(max_examples=20)
def test_one_logit_for_two_labels_loses_what_two_logits_do(rows: int, seed: int) -> None:
    one, two = problem(rows, 1, 2, seed), problem(rows, 2, 2, seed)
    logit = 5 * torch.randn(2, 1, rows, generator=torch.Generator().manual_seed(seed))
    both = torch.cat([-logit / 2, logit / 2], dim=1)
    torch.testing.assert_close(one.at(logit)[0], two.at(both)[0], rtol=1e-5, atol=1e-5)


def objective(head: Fitted, x: Array, targets: Targets, labels: int, c: float, balance: float) -> float:
    """Scikit-learn's, in double precision: for two labels it penalises their difference."""
    weight = head["weight"].astype(np.float64)
    logits = x.astype(np.float64) @ weight.T + head["bias"]
    losses = np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(x)), targets]
    counted = (len(x) / (labels * np.bincount(targets, minlength=labels)))[targets] ** balance
    penalty = (weight**2).sum() if labels > 2 else ((weight[1] - weight[0]) ** 2).sum()
    return float(c * (counted * losses).sum() + penalty / 2)


def theirs(x: Array, targets: Targets, c: float, balance: float) -> Fitted:
    model = LogisticRegression(C=c, class_weight="balanced" if balance else None, tol=1e-9, max_iter=20000)
    model.fit(x.astype(np.float64), targets)
    weight, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        weight, bias = np.vstack([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    return {"weight": weight, "bias": bias}


@pytest.mark.parametrize(("rows", "labels", "width"), [(150, 2, 12), (200, 3, 12), (40, 4, 60), (300, 77, 30)])
def test_every_setting_reaches_scikit_learns_objective(rows: int, labels: int, width: int) -> None:
    x, targets = blobs(rows, labels, width=width, spread=1.0)
    targets[np.random.default_rng(0).random(rows) < 0.2] = 0  # labels of unlike numbers, some wrong
    targets[:labels] = np.arange(labels)
    population = LINEAR.settings(16)[::3]
    assert {each["balance"] for each in population} == {0.0, 1.0}
    for setting, head in zip(population, LINEAR.fit(x, targets, labels, population, 0), strict=True):
        c, balance = setting["c"], setting["balance"]
        wanted = theirs(x, targets, c, balance)
        least = objective(wanted, x, targets, labels, c, balance)
        assert objective(head, x, targets, labels, c, balance) <= least * (1 + 1e-4)
        expected = x @ wanted["weight"].T + wanted["bias"]
        first, second = np.sort(expected, axis=1)[:, [-1, -2]].T
        clear = first - second > 0.05
        assert clear.mean() > 0.8
        assert (outputs(head, x).argmax(axis=1) == expected.argmax(axis=1))[clear].all()


def test_balance_counts_every_label_alike() -> None:
    x, targets = blobs(400, 2, spread=2.0)
    kept = (targets == 0) | (np.arange(400) < 40)
    x, targets = x[kept], targets[kept]
    plain, balanced = LINEAR.fit(x, targets, 2, [{"c": 1.0, "balance": 0.0}, {"c": 1.0, "balance": 1.0}], 0)

    def found(head: Fitted) -> npt.NDArray[np.bool_]:
        return outputs(head, x).argmax(axis=1) == 1

    assert found(balanced).sum() > found(plain).sum()
    assert abs(found(balanced).mean() - 0.5) < abs(found(plain).mean() - 0.5)


def test_the_order_and_repetition_of_settings_change_nothing() -> None:
    x, targets = blobs(100, 3)
    population = [*LINEAR.settings(16)[::-1], LINEAR.settings(16)[3]]
    heads = LINEAR.fit(x, targets, 3, population, 0)
    again = LINEAR.fit(x, targets, 3, LINEAR.settings(16), 0)
    for head, other in zip(heads[:16], again[::-1], strict=True):
        np.testing.assert_array_equal(head["weight"], other["weight"])
    np.testing.assert_array_equal(heads[16]["weight"], again[3]["weight"])


def test_equal_weightings_are_solved_once_and_answer_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    x, targets = blobs(90, 3)
    targets = np.arange(90) % 3
    solved: list[int] = []
    whole = losses.Softmax.gradient

    def counted(self: losses.Softmax, probabilities: torch.Tensor) -> losses.Pair:
        solved.append(len(probabilities))
        return whole(self, probabilities)

    monkeypatch.setattr(losses.Softmax, "gradient", counted)
    plain, balanced = LINEAR.fit(x, targets, 3, [{"c": 1.0, "balance": 0.0}, {"c": 1.0, "balance": 1.0}], 0)
    assert set(solved) == {1}
    np.testing.assert_array_equal(plain["weight"], balanced["weight"])


@pytest.mark.parametrize("labels", [2, 4])
def test_fold_after_fold_on_one_basis_every_head_is_as_exact_as_alone(labels: int) -> None:
    x, targets = blobs(200, labels, spread=1.0)
    basis = spectrum(x).projected(x)
    fitting, population = ON_EIGENBASIS["linear"](), LINEAR.settings(16)
    for fold in range(4):
        fit = np.arange(200) % 4 != fold
        for head, setting in zip(fitting(basis[fit], targets[fit], labels, population, 0), population, strict=True):
            wanted = theirs(basis[fit], targets[fit], setting["c"], setting["balance"])
            found, least = (
                objective(each, basis[fit], targets[fit], labels, setting["c"], setting["balance"])
                for each in (head, wanted)
            )
            assert found <= least * (1 + 1e-4)
        population = population[3:]  # as where some were given up


def test_a_solver_that_meets_other_labels_starts_anew() -> None:
    x, targets = blobs(120, 4)
    fitting = ON_EIGENBASIS["linear"]()
    fitting(x, targets, 4, [{"c": 1.0}], 0)
    kept = targets != 3
    (head,) = fitting(x[kept], targets[kept], 4, [{"c": 1.0}], 0)
    (alone,) = LINEAR.fit(x[kept], targets[kept], 4, [{"c": 1.0}], 0)
    np.testing.assert_allclose(outputs(head, x), outputs(alone, x), atol=2e-2)
