"""What short trainings are summed up to: gains that a few rows cannot make certain."""

import numpy as np

from headstart.arrays import Targets
from headstart.evaluation.estimate import Estimate
from headstart.evaluation.short_evidence import Compared, summed_up
from headstart.evaluation.short_plan import Planned
from headstart.evaluation.verdict import ShortTrainings


def summed(rows: int, tuned_right: float, head_right: float, metric: str = "macro_f1") -> ShortTrainings:
    """Three runs judged on so many rows each; head and tuned network are wrong on rows of their own."""
    generator = np.random.default_rng(0)
    runs = []
    for _ in range(3):
        targets = np.arange(rows) % 2

        def wrong(share: float, targets: Targets = targets) -> Targets:
            return np.where(generator.random(rows) < share, targets, 1 - targets)

        by_name = {"tuned": wrong(tuned_right), "head": wrong(head_right), "control": wrong(0.6), "scratch": wrong(0.5)}
        runs.append(Compared(targets, by_name))
    return summed_up(runs, metric, 2, Planned((), rows, 3), 0.1)  # type: ignore[arg-type]


def reach(estimate: Estimate) -> float:
    return (estimate.high - estimate.low) / 2


def test_two_that_answer_alike_on_few_rows_are_not_said_to_be_equal_for_certain() -> None:
    few, many = summed(8, 1.0, 1.0).tuned_over_head, summed(400, 1.0, 1.0).tuned_over_head
    assert few.value == many.value == 0
    assert few.low < -0.1 < 0.1 < few.high
    assert 0 < reach(many) < reach(few) / 4


def test_a_gain_on_many_rows_is_certain_and_lies_in_its_interval() -> None:
    found = summed(400, 0.9, 0.7).tuned_over_head
    assert 0 < found.low < 0.2 < found.high
    assert summed(20, 0.9, 0.7).tuned_over_head.low < 0


def test_a_score_without_an_error_on_few_rows_is_not_certain() -> None:
    few, many = summed(8, 0.9, 1.0), summed(400, 0.9, 1.0)
    assert few.head.value == few.head.high == 1
    assert few.head.low < 1 - 3 / 24 < many.head.low < 1
