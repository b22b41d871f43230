"""The paired comparison: sure when it may be, and wrong no more often than it says."""

import numpy as np
import pytest

from benchmarks.gate_errors import gate, promoted, world
from headstart.arrays import Targets
from headstart.evaluation.paired import Gain, compare
from headstart.spec import Metric


def differing(rows: int, won: int, lost: int) -> tuple[Targets, Targets, Targets]:
    """Targets of two labels, and the answers of two models that differ on so many rows."""
    targets = np.arange(rows) % 2
    mine, theirs = targets.copy(), targets.copy()
    theirs[:won] = 1 - theirs[:won]
    mine[won : won + lost] = 1 - mine[won : won + lost]
    return targets, mine, theirs


def compared(rows: int, won: int, lost: int, least: float = 0.0, metric: Metric = "accuracy") -> Gain:
    return compare(metric, *differing(rows, won, lost), 2, least)


def test_the_gain_is_the_difference_of_the_scores_and_lies_in_its_interval() -> None:
    found = compared(100, 12, 2)
    assert found.gain.value == pytest.approx(0.1)
    assert found.gain.low < 0.1 < found.gain.high
    assert found.differing == 14


def test_three_rows_alone_prove_nothing_however_many_are_equal() -> None:
    # Exactly: with three rows that differ, all speak for one of two equal models once in eight times.
    assert compared(1000, 3, 0).confidence < 0.95
    assert compared(1000, 12, 0).confidence > 0.99


def test_models_that_answer_alike_are_equally_good_but_only_as_far_as_the_rows_tell() -> None:
    assert compared(100, 0, 0).confidence == 0.5
    assert compared(100, 0, 0, least=-0.02).confidence < 0.95  # exactly: 0.98 ** 100 is 13 percent
    assert compared(400, 0, 0, least=-0.02).confidence > 0.95


def test_to_swap_the_models_turns_the_gain_around() -> None:
    ours, theirs = compared(80, 9, 4, metric="macro_f1"), compared(80, 4, 9, metric="macro_f1")
    assert ours.confidence == pytest.approx(1 - theirs.confidence, abs=0.01)
    assert ours.gain.value == pytest.approx(-theirs.gain.value, abs=0.01)


def test_more_rows_find_smaller_gains() -> None:
    few, many = compared(100, 10, 5), compared(10_000, 1000, 500)
    assert many.detectable == pytest.approx(few.detectable / 10, rel=0.1)


HARD = (
    ("accuracy", np.array([0.05, 0.95]), 30, 0.0),
    ("accuracy", np.full(10, 0.1), 100, -0.05),
    ("macro_f1", np.full(10, 0.1), 30, 0.0),
    ("macro_f1", 1 / np.arange(1, 11) / (1 / np.arange(1, 11)).sum(), 30, 0.0),
    ("macro_f1", np.array([0.05, 0.95]), 100, 0.0),
)


@pytest.mark.parametrize(("metric", "prior", "rows", "least"), HARD)
def test_a_model_that_gains_just_what_must_be_exceeded_is_found_better_no_more_often_than_allowed(
    metric: Metric, prior: np.ndarray, rows: int, least: float
) -> None:
    draws = 400
    wrong = promoted(gate, metric, world(metric, prior, 0.7, 0.0, False, least), rows, least, draws)
    assert wrong <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / draws)


def test_a_better_model_is_mostly_found_where_that_is_said() -> None:
    made = world("macro_f1", np.full(5, 0.2), 0.8, 0.5, False, 0.05)
    found = [compare("macro_f1", *made.draw(800, np.random.default_rng(seed)), 5) for seed in range(60)]
    assert np.mean([each.detectable for each in found]) == pytest.approx(0.05, abs=0.02)
    assert 0.6 < np.mean([each.confidence >= 0.95 for each in found]) <= 1
