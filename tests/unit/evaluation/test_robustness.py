"""Robustness: texts are changed as said, always in the same way, and answers are asked for only where a text changed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.evaluation.robustness import CHANGES, MOST, changes, sample, typos


@given(st.text())
def test_a_slip_moves_letters_within_words_and_nothing_else(text: str) -> None:
    slipped = typos(text)
    assert typos(text) == slipped
    assert sorted(slipped) == sorted(text)
    assert len(slipped) == len(text)
    assert sum(one != other for one, other in zip(text, slipped, strict=True)) <= 2 * max(1, len(text) // 4)


def test_longer_words_are_slipped_in_and_their_first_letters_stay() -> None:
    text = "please tell me where my parcel is and when it should have come"
    slipped = typos(text)
    assert slipped != text
    assert [word[0] for word in slipped.split()] == [word[0] for word in text.split()]


def test_only_changed_texts_are_answered_anew_and_the_effect_is_that_of_their_answers() -> None:
    texts = ["lower", "UPPER", "1234"]
    targets = np.array([0, 1, 0])
    asked: list[str] = []

    def answer(changed: list[str]) -> np.ndarray:
        asked.extend(changed)
        return np.ones(len(changed), dtype=np.int64)

    found = {each.name: each for each in changes("accuracy", texts, targets, targets, 2, answer)}
    assert found["lower case"].altered == found["capitals"].altered == 1
    assert found["lower case"].effect.gain.value == 0  # "upper" is answered 1, as it should be
    assert found["capitals"].effect.gain.value == pytest.approx(-1 / 3)
    assert set(asked) == {text for change in CHANGES.values() for text in map(change, texts)} - {*texts}


def test_of_many_rows_some_are_taken_in_order() -> None:
    assert sample(7).tolist() == list(range(7))
    taken = sample(10 * MOST)
    assert len(taken) == MOST
    assert (np.diff(taken) > 0).all()
