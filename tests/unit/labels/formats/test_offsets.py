"""Telling in which units a tool counted where its spans begin and end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.labels.formats.offsets import Unit, in_code_points, inside
from headstart.labels.formats.parts import Unfit
from headstart.labels.records import Span
from tests.support.steady import STEADY

UNITS: tuple[Unit, ...] = ("code points", "UTF-16 units")
ROCKET = "Some text yeah 🚀 rocket"


@pytest.mark.parametrize("usual", UNITS)
def test_a_text_without_long_characters_is_counted_alike(usual: Unit) -> None:
    assert in_code_points("see São Paulo", [Span(4, 13, "LOC")], usual) == (Span(4, 13, "LOC"),)


@pytest.mark.parametrize("usual", UNITS)
@pytest.mark.parametrize("span", [Span(17, 23, "X"), Span(18, 24, "X")])
def test_words_tell_which_units_were_meant(usual: Unit, span: Span) -> None:
    assert in_code_points(ROCKET, [span], usual) == (Span(17, 23, "X"),)


@pytest.mark.parametrize(("usual", "start"), [("code points", 2), ("UTF-16 units", 1)])
def test_where_words_do_not_tell_the_usual_units_are_meant(usual: Unit, start: int) -> None:
    for text in ("😀我住在北京。", "😀ฉันอยู่ที่นี่"):  # neither Chinese nor Thai has blanks between its words
        assert in_code_points(text, [Span(2, 4, "X")], usual) == (Span(start, start + 2, "X"),)


@pytest.mark.parametrize("usual", UNITS)
def test_a_span_that_takes_a_blank_too_many_is_still_understood(usual: Unit) -> None:
    assert in_code_points("👍👍 to be or not", [Span(5, 8, "X")], usual) == (Span(3, 6, "X"),)


def test_spans_before_the_first_long_character_do_not_depend_on_the_units() -> None:
    assert in_code_points(ROCKET, [Span(0, 4, "X")], "UTF-16 units") == (Span(0, 4, "X"),)


@pytest.mark.parametrize("usual", UNITS)
@pytest.mark.parametrize("span", [Span(17, 25, "X"), Span(-1, 3, "X"), Span(4, 4, "X"), Span(5, 4, "X")])
def test_a_span_that_is_in_no_way_inside_the_text_is_unfit(usual: Unit, span: Span) -> None:
    with pytest.raises(Unfit, match="bad-span"):
        in_code_points(ROCKET, [span], usual)


def test_a_span_that_cuts_an_emoji_in_two_is_not_counted_in_utf16_units() -> None:
    assert in_code_points(ROCKET, [Span(16, 18, "X")], "UTF-16 units") == (Span(16, 18, "X"),)


@pytest.mark.parametrize("span", [Span(0, 6, "X"), Span(2, 2, "X"), Span(-2, 1, "X")])
def test_code_points_are_checked_as_they_are(span: Span) -> None:
    assert inside("hello", [Span(0, 5, "X")]) == (Span(0, 5, "X"),)
    with pytest.raises(Unfit, match="bad-span"):
        inside("hello", [span])


@STEADY
@given(
    st.text(alphabet="ab 😀é\u0301我", max_size=12),
    st.lists(st.tuples(st.integers(-2, 30), st.integers(-2, 30)), max_size=3),
    st.sampled_from(UNITS),
)
def test_whatever_comes_back_lies_inside_the_text(text: str, ends: list[tuple[int, int]], usual: Unit) -> None:
    spans = [Span(start, end, "X") for start, end in ends]
    try:
        found = in_code_points(text, spans, usual)
    except Unfit:
        return
    assert len(found) == len(spans)
    assert all(0 <= span.start < span.end <= len(text) for span in found)
