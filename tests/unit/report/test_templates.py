"""How pages say numbers and what comes from data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.report.templates import breakable, listed, number, ratio, share, spelled, visible


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 9, "0\xa0%"),
        (9, 9, "100\xa0%"),
        (1, 3, "33.3\xa0%"),
        (1, 5, "20\xa0%"),
        (1, 10_000, "under 0.1\xa0%"),
        (9_999, 10_000, "over 99.9\xa0%"),
        (0, 0, "0\xa0%"),
    ],
)
def test_little_is_not_nothing_and_much_is_not_all(part: int, whole: int, said: str) -> None:
    assert share(part, whole) == said


def test_long_numbers_are_in_groups() -> None:
    assert [number(each) for each in (0, 9999, 10_000, 1_234_567)] == [
        "0",
        "9999",
        "10\u202f000",
        "1\u202f234\u202f567",
    ]


def test_ratios_are_as_exact_as_they_need_be() -> None:
    assert [ratio(each) for each in (1, 2.25, 803.4)] == ["1.0:1", "2.2:1", "803:1"]


def test_lists_are_as_in_a_sentence() -> None:
    assert [listed(each) for each in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]


@given(st.text())
def test_a_spelled_text_turns_nothing_around_and_moves_no_cursor(text: str) -> None:
    assert not set(spelled(text)) & {
        *map(chr, range(9)),
        "\x1b",
        "\x7f",
        "\x9b",
        "\u202e",
        "\u2067",
        "\u200b",
        "\ufeff",
    }
    spelled(text).encode()


def test_half_a_character_can_be_written() -> None:
    assert spelled("\ud83d") == "\\ud83d"


def test_what_joins_letters_stays() -> None:
    for text in ("👩\u200d🚀", "\u0645\u06cc\u200c\u062e", "a\tb\nc"):
        assert spelled(text) == text


def test_blank_texts_are_quoted_and_long_ones_end() -> None:
    assert visible(" \xa0") == "' \\xa0'"
    assert visible("") == "''"
    assert visible("a" * 301) == f"{'a' * 300}… (301 characters)"


def test_names_break_where_words_are_joined_and_stay_escaped() -> None:
    assert breakable("<b>a_b/c") == "&lt;b&gt;a_<wbr>b/<wbr>c"
