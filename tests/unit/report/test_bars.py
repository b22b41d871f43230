"""Counts as bars: as long as they are many, to one scale."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.report.bars import bars

counts = st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), min_size=1, max_size=20)


@given(counts)
def test_parts_follow_each_other_and_none_sticks_out(rows: list[tuple[int, int]]) -> None:
    for bar in bars("x", ("a", "b"), [(("name",), each) for each in rows], drawn=2).rows:
        (first, width), (second, last) = bar.parts
        assert first == 0
        assert second == pytest.approx(width, abs=0.002)
        assert second + last <= 100.002


@given(counts)
def test_the_longest_bar_fills_the_width(rows: list[tuple[int, int]]) -> None:
    found = bars("x", ("a", "b"), [(("name",), each) for each in rows], drawn=2).rows
    longest = max(sum(width for _, width in bar.parts) for bar in found)
    assert longest == pytest.approx(100 if any(map(sum, rows)) else 0, abs=0.01)


def test_what_is_not_drawn_is_told_only() -> None:
    (bar,) = bars("x", ("a", "all"), [(("name",), (3, 9))]).rows
    assert bar.counts == (3, 9)
    assert bar.parts == ((0, 100),)


def test_two_tables_can_have_one_scale() -> None:
    (bar,) = bars("x", ("a",), [(("name",), (3,))], longest=12).rows
    assert bar.parts == ((0, 25),)
