"""Scores and gains out of fold: of all rows together, and never surer than so many rows allow."""

import numpy as np
import pytest

from headstart.arrays import Targets
from headstart.evaluation import metrics
from headstart.evaluation.estimate import Estimate
from headstart.evaluation.out_of_fold import Answers, OutOfFold
from headstart.spec import Metric
from tests.support.assessing import ground_of

METRICS: tuple[Metric, ...] = ("accuracy", "macro_f1")


class Judged:
    """Rows of some labels, and ways that are wrong on a part of them, by chance and each by itself."""

    def __init__(self, targets: Targets, metric: Metric, generator: np.random.Generator) -> None:
        self.ground = ground_of(["text"] * len(targets), targets, [np.zeros((len(targets), 1), np.float32)], metric)
        self.found = OutOfFold(self.ground)
        self._generator = generator

    def way(self, wrong: float) -> Answers:
        targets, labels = self.ground.labeled.targets, self.ground.labels
        turned = self._generator.random(len(targets)) < wrong
        other = (targets + self._generator.integers(1, labels, len(targets))) % labels
        answers = np.where(turned, other, targets)
        return [answers[judge] for _, judge in self.ground.folds]


def judged(rows: int, metric: Metric, seed: int = 0) -> Judged:
    return Judged(np.arange(rows) % 3, metric, np.random.default_rng(seed))


def width(found: Estimate) -> float:
    return found.high - found.low


@pytest.mark.parametrize("metric", METRICS)
def test_rows_without_an_error_leave_as_much_open_as_so_few_rows_do(metric: Metric) -> None:
    scores = {rows: judged(rows, metric).found.score(judged(rows, metric).way(0.0)) for rows in (15, 60, 600)}
    assert all(each.value == each.high == 1 for each in scores.values())
    # The rule of three: with n rows and no error, the share of errors may well be 3 / n.
    assert all(each.low < 1 - 3 / rows for rows, each in scores.items())
    assert scores[15].low < scores[60].low < scores[600].low < 1


@pytest.mark.parametrize("metric", METRICS)
def test_ways_that_answer_alike_on_few_rows_are_not_said_to_be_equal_for_certain(metric: Metric) -> None:
    few, many = (judged(rows, metric).found for rows in (15, 600))
    alike = {rows: judged(rows, metric).way(0.0) for rows in (15, 600)}
    assert few.gain(alike[15], alike[15]).low < -0.1 < 0.1 < few.gain(alike[15], alike[15]).high
    assert 0 < width(many.gain(alike[600], alike[600])) < 0.02


def test_the_score_is_that_of_all_rows_together_and_not_the_mean_of_folds() -> None:
    # One row in ten has the rare label, so that folds without it would count as perfect.
    targets = (np.arange(30) % 10 == 0).astype(np.int64)
    made = Judged(targets, "macro_f1", np.random.default_rng(0))
    never = [np.zeros(len(judge), dtype=np.int64) for _, judge in made.ground.folds]
    assert made.found.value(never) == pytest.approx(metrics.score("macro_f1", targets, np.zeros_like(targets), 2))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    ("rows", "mine", "theirs"), [(12, 0.0, 0.02), (30, 0.01, 0.01), (30, 0.03, 0.1), (60, 0.2, 0.25)]
)
def test_intervals_hold_the_truth_as_often_as_they_say(metric: Metric, rows: int, mine: float, theirs: float) -> None:
    held = []
    for seed in range(120):
        made = judged(rows, metric, seed)
        one, other = made.way(mine), made.way(theirs)
        score, gain = made.found.score(one), made.found.gain(one, other)
        held.append((score.low <= 1 - mine <= score.high, gain.low <= theirs - mine <= gain.high))
    # 95 % less three standard deviations of so many draws
    assert np.mean(held, axis=0) == pytest.approx([1, 1], abs=0.05 + 3 * np.sqrt(0.05 * 0.95 / 120))


def test_a_gain_is_the_likelier_above_zero_the_farther_its_interval_lies_above() -> None:
    found = judged(60, "accuracy").found
    around = [Estimate(value=gain, low=gain - 0.1, high=gain + 0.1) for gain in (-0.2, 0.0, 0.05, 0.1, 0.2)]
    likely = [found.is_better(each) for each in around]
    assert likely == sorted(likely)
    assert likely[1] == 0.5
    assert likely[3] == pytest.approx(0.975)  # the interval's end is at zero
    assert likely[0] == pytest.approx(1 - likely[4])


def test_of_ways_that_are_equal_one_is_seldom_said_to_be_better_for_certain() -> None:
    sure = []
    for seed in range(200):
        made = judged(60, "accuracy", seed)
        sure.append(made.found.is_better(made.found.gain(made.way(0.2), made.way(0.2))))
    assert np.mean(np.array(sure) > 0.9) <= 0.1 + 3 * np.sqrt(0.1 * 0.9 / 200)
    assert np.mean(sure) == pytest.approx(0.5, abs=0.1)
