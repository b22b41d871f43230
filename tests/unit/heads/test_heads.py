"""Every head family: what it fits, and that a population is the same as its members one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import NearestCentroid

from headstart.arrays import Array, Targets, unit
from headstart.heads import FAMILIES
from headstart.heads.fitted import outputs, scaled


def blobs(rows: int, labels: int, width: int = 12, seed: int = 0, spread: float = 0.6) -> tuple[Array, Targets]:
    """Unit-length points around one centre a label."""
    generator = np.random.default_rng(seed)
    targets = generator.integers(0, labels, rows)
    targets[:labels] = np.arange(labels)
    centres = generator.normal(size=(labels, width))
    x = centres[targets] + generator.normal(size=(rows, width), scale=spread)
    return unit(x.astype(np.float32)), targets.astype(np.int64)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_learns_to_tell_labels_apart(family: str) -> None:
    x, targets = blobs(400, 4)
    for head in FAMILIES[family].fit(x[:300], targets[:300], 4, FAMILIES[family].settings(3), 0):
        assert (outputs(head, x[300:]).argmax(axis=1) == targets[300:]).mean() > 0.8


@pytest.mark.parametrize("family", FAMILIES)
def test_a_population_gives_the_same_heads_as_its_members_alone(family: str) -> None:
    x, targets = blobs(120, 3)
    population = FAMILIES[family].settings(4)
    together = FAMILIES[family].fit(x, targets, 3, population, 0)
    for setting, head in zip(population, together, strict=True):
        (alone,) = FAMILIES[family].fit(x, targets, 3, [setting], 0)
        np.testing.assert_allclose(outputs(head, x), outputs(alone, x), rtol=2e-2, atol=2e-2)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_label_without_training_rows_has_an_output_and_is_never_preferred(family: str) -> None:
    x, targets = blobs(90, 3)
    fit = targets != 1
    for head in FAMILIES[family].fit(x[fit], targets[fit], 3, FAMILIES[family].settings(2), 0):
        found = outputs(head, x)
        assert found.shape == (90, 3)
        assert np.isfinite(found).all()
        assert (found[fit].argmax(axis=1) != 1).mean() > 0.95


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_gives_no_more_settings_than_asked_for(family: str) -> None:
    for most in (1, 2, 5, 1000):
        population = FAMILIES[family].settings(most)
        assert 1 <= len(population) <= most
        assert len({tuple(sorted(each.items())) for each in population}) == len(population)


def test_the_ridge_is_scikit_learns() -> None:
    x, targets = blobs(200, 5)
    for setting in FAMILIES["ridge"].settings(4):
        (head,) = FAMILIES["ridge"].fit(x, targets, 5, [setting], 0)
        theirs = Ridge(alpha=setting["strength"]).fit(x.astype(np.float64), np.eye(5)[targets])
        np.testing.assert_allclose(outputs(head, x), theirs.predict(x), atol=1e-4)


@pytest.mark.parametrize("labels", [2, 4])
def test_the_linear_head_answers_as_scikit_learns(labels: int) -> None:
    x, targets = blobs(300, labels)
    for setting in FAMILIES["linear"].settings(3):
        (head,) = FAMILIES["linear"].fit(x, targets, labels, [setting], 0)
        theirs = LogisticRegression(C=setting["c"], tol=1e-8, max_iter=5000).fit(x.astype(np.float64), targets)
        found = outputs(head, x)
        probabilities = np.exp(found) / np.exp(found).sum(axis=1, keepdims=True)
        np.testing.assert_allclose(probabilities, theirs.predict_proba(x), atol=2e-3)


def test_the_centroid_without_shrinkage_answers_as_scikit_learns() -> None:
    x, targets = blobs(300, 6)
    (head,) = FAMILIES["centroid"].fit(x, targets, 6, [{"shrinkage": 0.0}], 0)
    theirs = NearestCentroid().fit(x, targets)
    assert (outputs(head, x).argmax(axis=1) == theirs.predict(x)).mean() > 0.99


def test_the_same_seed_gives_the_same_perceptrons_and_another_gives_others() -> None:
    x, targets = blobs(100, 3)
    fit = FAMILIES["mlp"].fit
    population = FAMILIES["mlp"].settings(2)
    first, again, other = (fit(x, targets, 3, population, seed)[0]["weight"] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


@given(temperature=st.floats(0.05, 20))
@settings(max_examples=25, deadline=None)
def test_scaling_divides_the_outputs_by_the_temperature(temperature: float) -> None:
    x, targets = blobs(40, 3)
    for family in ("ridge", "mlp"):
        (head,) = FAMILIES[family].fit(x, targets, 3, FAMILIES[family].settings(1), 0)
        np.testing.assert_allclose(
            outputs(scaled(head, temperature), x), outputs(head, x) / temperature, rtol=1e-3, atol=1e-4
        )
