"""Drift: no alarm, but as seldom as is said, where nothing changed, and one where something plainly did."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from headstart.arrays import Computed, unit
from headstart.evaluation import drift as drifts
from headstart.evaluation.drift import FEWEST, RISK, ROWS, Drift, Seen, What, drift, holm
from tests.support.steady import STEADY

LABELS = ("a", "b", "c")
_HEAD = np.random.default_rng(7).normal(size=(16, 3))


def seen(generator: np.random.Generator, rows: int, mean: float = 0.0, prior: float = 0.0, scale: float = 3.0) -> Seen:
    """Features of one kind, and the answers and confidence that a fixed head gives to them."""
    x = generator.normal(size=(rows, 16)) + mean * np.eye(16)[3]
    x = unit(x.astype(np.float32))
    return Seen.of(Computed(x, x @ _HEAD * scale + prior * np.eye(3)[0]))


def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drifts, "_DRAWS", 399)  # the p-values stay exact, and a little coarser


def found(old: Seen, new: Seen) -> Drift:
    made = drift(old, new, LABELS)
    assert made is not None
    return made


def test_fresh_rows_of_the_same_kind_are_called_drifted_as_seldom_as_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    times, alarms, below = 120, 0, np.zeros(3)
    for number in range(times):
        generator = np.random.default_rng(number)
        made = found(seen(generator, 60), seen(generator, 80))
        alarms += made.is_found
        below += [each.p <= 0.1 for each in made.shifts]
    assert alarms <= binom.ppf(0.999, times, RISK)
    # Each test by itself holds its level, and is not so timid that it never finds anything.
    assert np.all(below <= binom.ppf(0.9997, times, 0.1))
    assert np.all(below >= binom.ppf(0.0003, times, 0.1))


@pytest.mark.parametrize(
    ("what", "change"), [("features", {"mean": 1.0}), ("labels", {"prior": 2.0}), ("confidence", {"scale": 1.0})]
)
def test_a_plain_change_is_found_where_it_is(
    monkeypatch: pytest.MonkeyPatch, what: What, change: dict[str, float]
) -> None:
    quick(monkeypatch)
    generator = np.random.default_rng(1)
    made = found(seen(generator, 300), seen(generator, 300, **change))
    shifts = {each.what: each for each in made.shifts}
    assert shifts[what].is_found
    assert shifts[what].effect > shifts[what].chance
    assert made.summary().startswith("drift in ")
    assert shifts["features"].is_found == ("mean" in change)


def test_the_effect_on_features_is_how_often_new_rows_are_told_from_old_ones() -> None:
    generator = np.random.default_rng(2)
    alike, apart = (found(seen(generator, 200), seen(generator, 200, mean)).shifts[0] for mean in (0.0, 9.0))
    assert alike.effect == pytest.approx(0.5, abs=0.06)
    assert alike.chance == pytest.approx(0.5, abs=0.01)
    assert apart.effect > 0.99


def test_labels_whose_share_changed_most_stand_first() -> None:
    generator = np.random.default_rng(3)
    made = found(seen(generator, 400), seen(generator, 400, prior=2.0))
    assert made.labels[0].label == "a"
    assert made.labels[0].now > made.labels[0].then
    assert sum(each.now for each in made.labels) == pytest.approx(1)


def test_too_few_rows_say_nothing_and_of_many_some_are_compared() -> None:
    generator = np.random.default_rng(4)
    assert drift(seen(generator, FEWEST - 1), seen(generator, 100), LABELS) is None
    assert drift(seen(generator, 100), seen(generator, FEWEST - 1), LABELS) is None
    assert len(seen(generator, ROWS + 5).sample().answers) == ROWS


def test_rows_that_are_all_the_same_are_no_drift_and_no_division_by_zero() -> None:
    same = Seen(np.ones((60, 4), np.float16), np.zeros(60, np.int64), np.ones(60, np.float32))
    made = found(same, same)
    assert not made.is_found
    assert [each.effect for each in made.shifts] == [0.5, 0.0, 0.0]


@STEADY
@given(st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_adjusted_p_values_are_no_smaller_keep_their_order_and_the_least_is_bonferronis(ps: list[float]) -> None:
    adjusted = holm(ps)
    assert all(one <= other <= 1 for one, other in zip(ps, adjusted, strict=True))
    assert [adjusted[each] for each in np.argsort(ps, kind="stable")] == sorted(adjusted)
    assert min(adjusted) == pytest.approx(min(1.0, len(ps) * min(ps)))
