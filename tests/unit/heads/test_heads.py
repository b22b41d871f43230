"""Every head family: what it fits, and that a population is the same as its members one by one."""

from functools import lru_cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import NearestCentroid

from headstart.arrays import Array, Targets, unit
from headstart.heads import FAMILIES
from headstart.heads.fitted import Fitted, outputs, scaled
from headstart.training.network import HeadModule


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


@lru_cache
def heads_of_blobs(family: str) -> tuple[Array, list[Fitted]]:
    x, targets = blobs(60, 3)
    return x, heads_of(family, x, targets, 3, most=2)


@given(temperature=st.floats(0.05, 20), family=st.sampled_from(sorted(FAMILIES)))
@settings(max_examples=40)
def test_scaling_divides_the_outputs_by_the_temperature(temperature: float, family: str) -> None:
    x, heads = heads_of_blobs(family)
    for head in heads:
        np.testing.assert_allclose(
            outputs(scaled(head, temperature), x), outputs(head, x) / temperature, rtol=1e-3, atol=1e-4
        )


@pytest.mark.parametrize("family", FAMILIES)
def test_a_head_as_a_torch_module_answers_alike_and_gives_its_tensors_back(family: str) -> None:
    x, heads = heads_of_blobs(family)
    for head in heads:
        module = HeadModule(scaled(head, 0.5))
        found = module(torch.from_numpy(x)).detach().numpy()
        np.testing.assert_allclose(found, outputs(scaled(head, 0.5), x), rtol=1e-4, atol=1e-5)
        assert module.fitted().keys() == head.keys()
        for name, tensor in module.fitted().items():
            np.testing.assert_array_equal(tensor, scaled(head, 0.5)[name])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_trainable_where_its_module_has_parameters(family: str) -> None:
    _, (head, *_) = heads_of_blobs(family)
    assert any(True for _ in HeadModule(head).parameters()) == FAMILIES[family].TRAINABLE  # type: ignore[index]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("rows", "labels"), [(1, 2), (5, 5), (77, 77), (100, 77)])
def test_a_row_a_label_is_enough(family: str, rows: int, labels: int) -> None:
    x, targets = blobs(max(rows, labels), labels, width=100, spread=0.1)
    x, targets = x[:rows], targets[:rows]
    found = [outputs(head, x) for head in heads_of(family, x, targets, labels, most=4)]
    assert all(each.shape == (rows, labels) and np.isfinite(each).all() for each in found)
    assert max((each.argmax(axis=1) == targets).mean() for each in found) > 0.9


@pytest.mark.parametrize("family", FAMILIES)
def test_rows_of_one_label_are_answered_with_that_label(family: str) -> None:
    x, _ = blobs(20, 2)
    for head in heads_of(family, x, np.full(20, 2, np.int64), 4, most=3):
        assert (outputs(head, x).argmax(axis=1) == 2).all()


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "mlp"])  # its batches follow the order
@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_changes_no_answer(family: str, seed: int) -> None:
    x, targets = blobs(60, 3)
    order = np.random.default_rng(seed).permutation(60)
    _, plain = heads_of_blobs(family)
    for head, other in zip(heads_of(family, x[order], targets[order], 3, most=2), plain, strict=True):
        np.testing.assert_allclose(outputs(head, x), outputs(other, x), rtol=2e-2, atol=2e-2)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_rows_and_seed_give_the_same_head(family: str) -> None:
    x, targets = blobs(60, 3)
    _, plain = heads_of_blobs(family)
    for head, other in zip(heads_of(family, x, targets, 3, most=2), plain, strict=True):
        for name in head:
            np.testing.assert_array_equal(head[name], other[name])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_row_of_zeros_and_equal_rows_do_no_harm(family: str) -> None:
    x, targets = blobs(30, 3)
    x[3] = 0
    x[10:20] = x[10]
    for head in heads_of(family, x, targets, 3, most=3):
        assert np.isfinite(outputs(head, x)).all()


def heads_of(family: str, x: Array, targets: Targets, labels: int, most: int) -> list[Fitted]:
    return FAMILIES[family].fit(x, targets, labels, FAMILIES[family].settings(most), 0)  # type: ignore[index]
