"""Folds: each row is judged once, labels are spread, groups are kept together."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headstart.evaluation.folds import spread, stratified, subsample

rows = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 12)), min_size=5, max_size=80)


@given(rows=rows, count=st.integers(2, 5), seed=st.integers(0, 5))
def test_every_row_is_judged_exactly_once_and_never_by_itself(
    rows: list[tuple[int, int]], count: int, seed: int
) -> None:
    targets = np.array([label for label, _ in rows])
    found = stratified(targets, [str(group) for _, group in rows], count, seed)
    assert len(found) == count
    assert sorted(np.concatenate([judge for _, judge in found])) == list(range(len(rows)))
    for fit, judge in found:
        assert sorted([*fit, *judge]) == list(range(len(rows)))


@given(rows=rows, count=st.integers(2, 5), seed=st.integers(0, 5))
def test_no_group_stands_on_both_sides(rows: list[tuple[int, int]], count: int, seed: int) -> None:
    groups = [str(group) for _, group in rows]
    for fit, judge in stratified(np.array([label for label, _ in rows]), groups, count, seed):
        assert {groups[row] for row in fit}.isdisjoint({groups[row] for row in judge})


@given(labels=st.lists(st.integers(0, 4), min_size=10, max_size=100), seed=st.integers(0, 5))
def test_without_groups_each_label_is_spread_as_evenly_as_its_rows_allow(labels: list[int], seed: int) -> None:
    targets = np.array(labels)
    found = stratified(targets, [str(row) for row in range(len(labels))], 5, seed)
    for label in set(labels):
        per_fold = [int((targets[judge] == label).sum()) for _, judge in found]
        assert max(per_fold) - min(per_fold) <= 1


def test_groups_are_dealt_out_so_that_labels_and_sizes_stay_balanced() -> None:
    generator = np.random.default_rng(0)
    targets = generator.integers(0, 5, 600)
    groups = [str(group) for group in generator.integers(0, 150, 600)]
    sizes = [len(judge) for _, judge in stratified(targets, groups, 5, 0)]
    assert max(sizes) - min(sizes) <= 30
    for label in range(5):
        per_fold = Counter(
            {
                number: int((targets[judge] == label).sum())
                for number, (_, judge) in enumerate(stratified(targets, groups, 5, 0))
            }
        )
        assert max(per_fold.values()) <= 2 * min(per_fold.values())


@given(targets=st.lists(st.integers(0, 3), min_size=1, max_size=80), seed=st.integers(0, 99))
def test_every_beginning_of_a_spread_holds_each_label_in_proportion(targets: list[int], seed: int) -> None:
    found = np.array(targets)
    order = spread(found, seed)
    assert sorted(order) == list(range(len(targets)))
    for size in (len(targets) // 2, len(targets) // 4):
        for label in range(4):
            expected = size * (found == label).mean()
            assert abs((found[order[:size]] == label).sum() - expected) <= 4


def test_smaller_samples_are_nested_in_larger_ones() -> None:
    targets = np.arange(100) % 3
    small, large = (subsample(range(100), targets, most, 5) for most in (20, 60))
    assert list(large[:20]) == list(small)
    assert len(subsample([3, 4], targets, 10, 0)) == 2
