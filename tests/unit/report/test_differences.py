"""What differs between two texts: their words, and no text is lost over it."""

from hypothesis import given
from hypothesis import strategies as st

from headstart.report.differences import Pieces, differences


def _marked(pieces: Pieces) -> list[str]:
    return [text for text, is_other in pieces if is_other]


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_pieces_make_up_the_texts(one: str, other: str) -> None:
    first, second = differences(one, other)
    assert "".join(text for text, _ in first) == one
    assert "".join(text for text, _ in second) == other


@given(st.text(max_size=60))
def test_equal_texts_do_not_differ(text: str) -> None:
    assert [_marked(pieces) for pieces in differences(text, text)] == [[], []]


def test_the_words_that_differ_are_marked_without_the_space_behind_them() -> None:
    first, second = differences("Can I use  my card here?", "Can I use my old card here?")
    assert (_marked(first), _marked(second)) == ([], ["old"])


def test_a_run_of_words_is_one_mark() -> None:
    first, second = differences("where is my card", "where has all the money gone")
    assert (_marked(first), _marked(second)) == (["is my card"], ["has all the money gone"])


def test_where_words_are_not_spaced_characters_are_compared() -> None:
    first, second = differences("私の猫です", "私の犬です")
    assert (_marked(first), _marked(second)) == (["猫"], ["犬"])
