"""The form in which texts are compared, for one and for many."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.labels.reconciling.normal import is_visible, normalise, normalised, visible
from tests.support.steady import STEADY

_texts = st.text(max_size=6) | st.text(alphabet=" aB\t\n\x0b\x1c\x1f\x7f\x00\u00a0\u200b\u0301ß", max_size=6)
_many = st.lists(_texts, max_size=12)


@STEADY
@given(_many, st.integers(0, 3), st.integers(0, 3))
def test_many_texts_are_normalised_as_each_of_them(texts: list[str], before: int, after: int) -> None:
    # A slice, for its buffers hold the others as well.
    found = pa.array(["  X  "] * before + texts + ["\u00c9 "] * after, pa.string()).slice(before, len(texts))
    assert normalised(found).to_pylist() == [normalise(text) for text in texts]


@STEADY
@given(_many)
def test_many_texts_are_seen_as_each_of_them(texts: list[str]) -> None:
    assert visible(pa.array(texts, pa.string())).tolist() == [is_visible(text) for text in texts]


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u00a0", "\u200b\u200d", "\x00\x07", "\ufeff"])
def test_spaces_controls_and_zero_widths_are_nothing_to_be_seen(text: str) -> None:
    assert not is_visible(text)


@pytest.mark.parametrize("text", ["a", " . ", "\u4e2d", "\U0001f600", "\x00a"])
def test_anything_else_is(text: str) -> None:
    assert is_visible(text)
