"""What each task takes for a label, and how votes become one answer."""

from collections.abc import Sequence
from itertools import permutations
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.labels.reasons import REASONS
from headstart.labels.reconciling.rules import RULES, Settled
from headstart.labels.records import KINDS, Span
from headstart.spec import TaskName
from tests.support.steady import STEADY

PERSON, PLACE = Span(0, 4, "person"), Span(5, 9, "place")
_values: dict[str, st.SearchStrategy[Any]] = {
    "text-classification": st.sampled_from("xyz").map(lambda name: (name,)),
    "multi-label": st.sets(st.sampled_from("xyz")).map(lambda names: tuple(sorted(names))),
    "token-classification": st.sets(st.sampled_from([PERSON, PLACE])).map(lambda spans: tuple(sorted(spans))),
    "regression": st.floats(-1e6, 1e6),
}


def _settled(task: TaskName, *votes: Any) -> Settled:
    return RULES[task].settle(votes)


def test_every_task_has_a_rule_for_what_its_labels_are() -> None:
    assert set(RULES) == set(KINDS) == set(get_args(TaskName))
    assert all(RULES[task].kind == KINDS[task] for task in RULES)


@STEADY
@given(st.data())
@pytest.mark.parametrize("task", _values)
def test_the_order_of_votes_decides_nothing(task: TaskName, data: st.DataObject) -> None:
    votes = data.draw(st.lists(_values[task], min_size=1, max_size=4))
    assert len({_settled(task, *order) for order in permutations(votes)}) == 1


@STEADY
@given(st.data(), st.integers(1, 4))
@pytest.mark.parametrize("task", _values)
def test_those_who_agree_are_right_and_nobody_is_outvoted(task: TaskName, data: st.DataObject, count: int) -> None:
    value = data.draw(_values[task])
    assert _settled(task, *[value] * count) == Settled(value, 0)


# Classes


@pytest.mark.parametrize(("votes", "settled"), [("xxy", ("x", 1)), ("xy", None), ("xxyz", ("x", 2)), ("xxyyz", None)])
def test_of_classes_the_most_frequent_wins_unless_two_are(
    votes: Sequence[str], settled: tuple[str, int] | None
) -> None:
    found = _settled("text-classification", *((vote,) for vote in votes))
    assert found == (Settled((settled[0],), settled[1]) if settled else Settled(None, 0))


@pytest.mark.parametrize(("value", "problem"), [(("a",), None), ((), "not-labeled"), (("a", "b"), "several-labels")])
def test_a_class_is_exactly_one_name(value: tuple[str, ...], problem: str | None) -> None:
    assert RULES["text-classification"].problem(value, "text") == problem


# Several labels: each is a question of its own


@pytest.mark.parametrize(
    ("votes", "settled"),
    [
        (["ab", "a", "a"], "a"),
        (["ab", "ab", "c"], "ab"),
        (["a", "", ""], ""),
        (["ab", "ab", "b"], "ab"),
    ],
)
def test_a_label_is_taken_where_more_than_half_gave_it(votes: list[str], settled: str) -> None:
    assert _settled("multi-label", *map(tuple, votes)).value == tuple(settled)


@pytest.mark.parametrize("votes", [["ab", "a"], ["a", ""], ["a", "b"], ["ab", "a", "ab", "a"]])
def test_a_label_that_half_gave_is_a_tie(votes: list[str]) -> None:
    assert _settled("multi-label", *map(tuple, votes)) == Settled(None, 0)


def test_where_most_see_something_and_no_two_the_same_nothing_is_no_answer() -> None:
    assert _settled("multi-label", ("a",), ("b",), ("c",)) == Settled(None, 0)
    assert _settled("multi-label", ("a",), (), ()) == Settled((), 1)


# Spans


def test_a_span_is_taken_where_more_than_half_marked_exactly_it() -> None:
    shifted = PLACE._replace(start=6)
    assert _settled("token-classification", (PERSON, PLACE), (PERSON, PLACE), (PERSON, shifted)) == Settled(
        (PERSON, PLACE), 1
    )


@pytest.mark.parametrize(
    ("spans", "problem"),
    [
        ([], None),
        ([(0, 4, "a"), (4, 5, "b")], None),
        ([(4, 5, "b"), (0, 4, "a")], None),
        ([(0, 5, "a"), (4, 5, "b")], "overlapping-spans"),
        ([(0, 5, "a"), (0, 5, "b")], "overlapping-spans"),
        ([(0, 6, "a")], "bad-span"),
        ([(-1, 2, "a")], "bad-span"),
        ([(2, 2, "a")], "bad-span"),
        ([(3, 2, "a")], "bad-span"),
    ],
)
def test_spans_lie_in_the_text_and_beside_each_other(spans: list[tuple[int, int, str]], problem: str | None) -> None:
    assert problem is None or problem in REASONS
    assert RULES["token-classification"].problem(tuple(Span(*span) for span in spans), "hello") == problem


# Numbers


def test_numbers_are_averaged() -> None:
    assert _settled("regression", 1.0, 2.0, 2.0, 3.0) == Settled(2.0, 2)


def test_numbers_that_are_many_are_averaged_exactly() -> None:
    assert _settled("regression", *[0.1] * 10).value == 0.1
