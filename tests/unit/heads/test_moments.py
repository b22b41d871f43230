"""Moments: what is added and taken away leaves what is fitted on the rest."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.heads import FAMILIES, FROM_MOMENTS, Moments
from headstart.heads import spectrum as spectra
from headstart.heads.fitted import outputs
from headstart.heads.spectrum import spectrum
from tests.unit.heads.test_heads import blobs


@given(rows=st.integers(8, 60), labels=st.integers(2, 5), width=st.integers(1, 20), seed=st.integers(0, 999))
@settings(max_examples=50)
def test_the_moments_of_all_less_those_of_some_are_those_of_the_rest(
    rows: int, labels: int, width: int, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    x, targets = blobs(rows, labels, width=width, seed=seed)
    some = generator.random(rows) < 0.4
    rest = Moments.of(x, targets, labels) - Moments.of(x[some], targets[some], labels)
    direct = Moments.of(x[~some], targets[~some], labels)
    for name in ("counts", "sums", "scatter"):
        np.testing.assert_allclose(getattr(rest, name), getattr(direct, name), atol=1e-12)
    together = rest + Moments.of(x[some], targets[some], labels)
    np.testing.assert_allclose(together.scatter, x.astype(np.float64).T @ x, atol=1e-12)


@pytest.mark.parametrize("family", FROM_MOMENTS)
@pytest.mark.parametrize(("rows", "width"), [(200, 12), (24, 40)])
def test_a_head_from_what_is_left_answers_as_one_that_was_fitted_on_it(family: str, rows: int, width: int) -> None:
    x, targets = blobs(rows, 3, width=width)
    some = np.arange(rows) % 5 == 0
    moments = Moments.of(x, targets, 3) - Moments.of(x[some], targets[some], 3)
    population = FAMILIES[family].settings(8)  # type: ignore[index]
    direct = FAMILIES[family].fit(x[~some], targets[~some], 3, population, 0)  # type: ignore[index]
    for found, head in zip(FROM_MOMENTS[family](moments, population), direct, strict=True):  # type: ignore[index]
        np.testing.assert_allclose(outputs(found, x), outputs(head, x), rtol=1e-3, atol=1e-3)


def test_a_label_whose_rows_are_all_taken_away_is_never_preferred() -> None:
    x, targets = blobs(60, 3)
    some = targets == 1
    moments = Moments.of(x, targets, 3) - Moments.of(x[some], targets[some], 3)
    for family, fit in FROM_MOMENTS.items():
        for head in fit(moments, FAMILIES[family].settings(2)):
            assert (outputs(head, x[~some]).argmax(axis=1) != 1).all()


def test_rows_of_many_blocks_are_the_rows_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    x, targets = blobs(100, 3)
    whole, found = Moments.of(x, targets, 3), spectrum(x)
    monkeypatch.setattr(spectra, "_BLOCK", 7)
    parts, again = Moments.of(x, targets, 3), spectrum(x)
    np.testing.assert_allclose(parts.sums, whole.sums, atol=1e-12)
    np.testing.assert_allclose(parts.scatter, whole.scatter, atol=1e-12)
    np.testing.assert_allclose(again.values, found.values, atol=1e-10)
    np.testing.assert_allclose(found.projected(x), (x - found.mean) @ found.basis, atol=1e-6)
