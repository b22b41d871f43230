"""Disagreement is counted the same in one piece and in parts, and what is told adds up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.evaluation.disagreement import Answers, Tally
from tests.support.steady import STEADY

ANSWER = st.tuples(st.sampled_from("abc"), st.floats(0.3, 1))


def tally(rows: list[tuple[tuple[str, float], tuple[str, float]]], first: int = 1) -> Tally:
    ours, others = (
        Answers([each[side][0] for each in rows], np.array([each[side][1] for each in rows])) for side in (0, 1)
    )
    return Tally.of("in.txt", first, [f"text {first + row}" for row in range(len(rows))], ours, others)


@STEADY
@given(st.lists(st.tuples(ANSWER, ANSWER), max_size=60), st.integers(0, 60))
def test_parts_add_up_to_the_whole(rows: list[tuple[tuple[str, float], tuple[str, float]]], at: int) -> None:
    at = min(at, len(rows))
    whole, parts = tally(rows).told("m@2", "out"), (tally(rows[:at]) + tally(rows[at:], at + 1)).told("m@2", "out")
    assert (parts.rows, parts.share, parts.pairs, parts.examples) == (
        whole.rows, whole.share, whole.pairs, whole.examples,
    )  # fmt: skip
    assert parts.differing.ours == pytest.approx(whole.differing.ours)
    assert whole.rows == len(rows) == whole.agreeing.rows + whole.differing.rows
    assert sum(each.rows for each in whole.pairs) == whole.differing.rows
    assert whole.share.low <= whole.share.value <= whole.share.high


def test_the_rows_stand_first_where_both_are_surest() -> None:
    made = tally(
        [(("a", 0.9), ("a", 0.8)), (("a", 0.99), ("b", 0.4)), (("b", 0.8), ("a", 0.7)), (("c", 1.0), ("c", 1.0))]
    )
    told = made.told("m@2", "out")
    assert [(each.row, each.label, each.other) for each in told.examples] == [(3, "b", "a"), (2, "a", "b")]
    assert told.share.value == 0.5
    assert told.agreeing.ours == pytest.approx(0.95)
    assert told.differing.others == pytest.approx(0.55)
    assert told.summary().startswith("m@2 answers 2 of 4 rows differently, 0.500 [")
