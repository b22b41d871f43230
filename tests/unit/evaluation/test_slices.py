"""Slices: every row in one, the others together, and nothing where nothing differs."""

import numpy as np
import pytest

from headstart.evaluation.slices import NONE, OTHERS, by_length, by_nearness, by_script, sliced

TARGETS = np.arange(60) % 2
PREDICTED = np.where(np.arange(60) < 15, 1 - TARGETS, TARGETS)


def test_each_value_of_a_field_has_its_rows_and_its_score() -> None:
    channel = ["mail"] * 20 + ["phone"] * 30 + [None] * 10
    found = sliced("accuracy", TARGETS, PREDICTED, 2, {"channel": channel}, {})
    assert [(each.value, each.rows) for each in found] == [("mail", 20), ("phone", 30), (NONE, 10)]
    assert [each.score.value for each in found] == pytest.approx([0.25, 1, 1])
    assert all(each.score.low <= each.score.value <= each.score.high for each in found)


def test_rare_values_are_put_together_last() -> None:
    values = ["often"] * 30 + [f"once {number}" for number in range(30)]
    found = sliced("macro_f1", TARGETS, PREDICTED, 2, {"field": values}, {})
    assert found[-1].value == OTHERS
    assert sum(each.rows for each in found) == 60


def test_what_is_the_same_for_all_rows_makes_a_slice_only_where_it_was_asked_for() -> None:
    same = ["yes"] * 60
    assert sliced("accuracy", TARGETS, PREDICTED, 2, {}, {"own": same}) == ()
    assert len(sliced("accuracy", TARGETS, PREDICTED, 2, {"asked": same}, {})) == 1


def test_texts_are_told_apart_by_length_script_and_nearness() -> None:
    assert by_length(["a" * number for number in range(1, 10)]) == [
        *["up to 3 characters"] * 3, *["4 to 6 characters"] * 3, *["over 6 characters"] * 3,
    ]  # fmt: skip
    assert set(by_length(["same"] * 5)) == {"up to 4 characters"}
    assert by_script(["hello", "привет", "你好 ok", "123 !?", ""]) == [
        "Latin", "Cyrillic", "CJK", "no letters", "no letters",
    ]  # fmt: skip
    assert by_nearness(np.array([True, False])) == ["yes", "no"]
