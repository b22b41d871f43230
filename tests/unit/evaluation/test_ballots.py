"""Votes as arrays: who counts, and what is resampled together."""

from collections import Counter
from itertools import combinations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headstart.evaluation.ballots import Ballots, Vote

STEADY = settings(derandomize=True, max_examples=100, suppress_health_check=[HealthCheck.too_slow])

votes = st.lists(
    st.lists(st.tuples(st.sampled_from([None, "ann", "bob", "eve"]), st.sampled_from("xyz")), max_size=6), max_size=6
)


def counted(item: list[Vote]) -> Counter[Vote]:
    """One vote of each person who does not contradict themselves, and all of nobody's."""
    said = {person: {label for who, label in item if who == person} for person, _ in item if person is not None}
    kept = Counter((person, label) for person, (label, *others) in said.items() if not others)
    return kept + Counter(vote for vote in item if vote[0] is None)


@STEADY
@given(votes)
def test_each_annotator_has_one_vote_on_an_item_and_items_with_fewer_than_two_have_none(said: list[list[Vote]]) -> None:
    ballots = Ballots.of(said)
    expected = [found for found in map(counted, said) if found.total() > 1]
    assert list(ballots.sizes) == [found.total() for found in expected]
    for number, found in enumerate(expected):
        here = ballots.item == number
        assert Counter(ballots.labels[each] for each in ballots.value[here]) == Counter(
            label for (_, label), times in found.items() for _ in range(times)
        )
        assert sorted(Counter(ballots.annotator[here][ballots.annotator[here] >= 0]).values()) == [1] * sum(
            who is not None for who, _ in found
        )
    assert ballots.annotators == len({who for found in expected for who, _ in found if who})


@STEADY
@given(votes)
def test_every_two_labels_of_an_item_are_met_once(said: list[list[Vote]]) -> None:
    cells = Ballots.of(said).cells
    met = [
        (cells.item[a], cells.value[a], cells.value[b])
        for one, other in cells.pairs()
        for a, b in zip(one, other, strict=True)
    ]
    assert Counter(met) == Counter(
        (item, a, b) for item in set(cells.item) for a, b in combinations(sorted(cells.value[cells.item == item]), 2)
    )


def test_a_matrix_of_counts_is_the_votes_that_it_counts() -> None:
    ballots = Ballots.of_counts(np.array([[2, 0, 1], [0, 1, 0], [0, 4, 0]]))
    assert list(ballots.sizes) == [3, 4]  # the item with one vote is left out
    assert list(ballots.value) == [0, 0, 2, 1, 1, 1, 1]
    assert not ballots.all_known


def test_items_are_units_until_there_are_many_and_then_are_dealt_out_evenly() -> None:
    few = Ballots.of([[(None, "x"), (None, "y")]] * 1000)
    assert few.units == 1000
    assert list(few.unit) == list(range(1000))
    many = Ballots.of([[(None, "x"), (None, "y")]] * 2500)
    assert many.units == 1000
    assert set(np.bincount(many.unit)) == {2, 3}
    assert many.by_unit(many.sizes).sum() == 5000


def test_a_sample_is_of_whole_items_and_no_larger_than_asked() -> None:
    ballots = Ballots.of([[("a", n), ("b", n), ("c", -n)] for n in range(1, 100)] + [[(None, 0)] * 60])
    drawn = ballots.sample(50)
    assert set(drawn.sizes) == {3}
    assert len(drawn.sizes) == 16
    assert len(ballots.sample(2).item) == 0
