"""On which rows candidates are judged."""

import numpy as np

from headstart.search import judging
from headstart.search.judging import FOLDS, REPEATS, SMALL
from headstart.search.space import FEW


def test_many_training_rows_are_judged_on_the_validation_rows() -> None:
    targets = np.arange(SMALL + 300) % 5
    found = judging(targets, [str(row) for row in range(len(targets))], train=SMALL)
    ((fit, judge),) = found.folds
    assert (found.by, found.rows) == ("validation", 300)
    assert list(fit) == list(range(SMALL))
    assert list(judge) == list(range(SMALL, SMALL + 300))


def test_fewer_are_cross_validated_among_themselves_each_once() -> None:
    targets = np.arange(FEW + 100) % 5
    found = judging(targets, [str(row) for row in range(len(targets))], train=FEW)
    assert (found.by, found.rows, len(found.folds)) == ("cross-validation", FEW, FOLDS)
    assert sorted(np.concatenate([judge for _, judge in found.folds])) == list(range(FEW))


def test_very_few_are_cross_validated_on_several_sets_of_folds() -> None:
    targets = np.arange(150) % 5
    found = judging(targets, [str(row) for row in range(150)], train=100)
    assert (found.rows, len(found.folds)) == (100, FOLDS * REPEATS)
    judged = [tuple(judge) for _, judge in found.folds]
    assert len(set(judged)) == len(judged)
    assert sorted(np.concatenate(judged)) == sorted([*range(100)] * REPEATS)
