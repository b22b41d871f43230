"""What the label field of a table says."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.labels.records import Kind, Span, Value
from headstart.labels.tables.cells import BadLabel, Form, form_of
from headstart.labels.tables.pieces import number
from headstart.labels.tables.spelt import decoded
from tests.support.steady import ANYTHING, STEADY

BAD = "bad"


def form(cells: Sequence[Any], kind: Kind | None = None, *, several: bool = True, **options: Any) -> Form:
    return form_of(cells, kind, several, **options)


def said(form: Form, cell: Any) -> Value | str | None:
    try:
        return form.said(cell)
    except BadLabel:
        return BAD


def read(cells: Sequence[Any], kind: Kind | None = None, **options: Any) -> list[Value | str | None]:
    """What each cell of a column says, read as the column is."""
    found = form(cells, kind, **options)
    return [said(found, cell) for cell in cells]


# Names


@pytest.mark.parametrize("cell", [None, "", "  ", float("nan")])
def test_a_blank_cell_says_nothing(cell: Any) -> None:
    assert read([cell, "a"]) == [None, ("a",)]


@pytest.mark.parametrize(("cell", "name"), [("a b", "a b"), (3, "3"), (True, "True"), (2.0, "2"), (-1.0, "-1")])
def test_a_name_may_be_a_whole_number_or_a_truth_value(cell: Any, name: str) -> None:
    assert read([cell, "x"]) == [(name,), ("x",)]


@pytest.mark.parametrize("cell", [1.5, 2.0**53, float("inf"), {}, ["a", None], [["a"]], b"a"])
def test_what_is_no_name_is_a_bad_label(cell: Any) -> None:
    assert read([cell, "x"]) == [BAD, ("x",)]


def test_where_all_names_are_numbers_one_is_the_same_with_and_without_a_decimal_point() -> None:
    assert read(["1.0", "0", "2.", " 3.00 "]) == [("1",), ("0",), ("2",), ("3",)]


@pytest.mark.parametrize("cell", ["nan", "NaN", "NA", "n/a", "None", "null", "-"])
def test_among_numbers_the_words_for_a_missing_one_say_nothing(cell: str) -> None:
    assert read(["1.0", "0.0", cell]) == [("1",), ("0",), None]


@pytest.mark.parametrize("cell", ["nan", "NA", "none", "null"])
def test_among_words_they_are_names(cell: str) -> None:
    assert read(["sexism", cell, "1.0"]) == [("sexism",), (cell,), ("1.0",)]


def test_a_dash_alone_says_that_nobody_knows_as_in_snli() -> None:
    assert read(["neutral", "-"]) == [("neutral",), None]


def test_a_dash_beside_a_plus_is_a_name() -> None:
    assert read(["+", "-"]) == [("+",), ("-",)]


def test_a_dash_counts_wherever_it_comes_first() -> None:
    assert form(["neutral"]).said("-") is None


# Several names


def test_a_list_is_several_names_each_once() -> None:
    assert read([["a", "b", " a "], []]) == [("a", "b"), ()]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ('["a", "b"]', ("a", "b")),
        ("['a', 'b']", ("a", "b")),
        ("['a' 'b'\n 'c']", ("a", "b", "c")),
        ("""["it's", 'b']""", ("it's", "b")),
        (
            r"['it\'s', 'a\\b', '\u00e9\x41\n', 'x\ty\rz', '\U0001f600']",
            ("it's", r"a\b", "éA", "x\ty\rz", "\U0001f600"),
        ),
        ("[-1 2]", ("-1", "2")),
        ("[nan 1.]", BAD),
        ("[1, 2]", ("1", "2")),
        ("[1 2]", ("1", "2")),
        ("[1. 2.]", ("1", "2")),
        ("[ 4 27]", ("4", "27")),
        ("[True, None]", BAD),
        ("[]", ()),
        ("['a',]", ("a",)),
    ],
)
def test_text_may_spell_a_list_as_json_python_or_numpy_do(cell: str, names: Value) -> None:
    assert read([cell, "['x', 'y', 'z']"]) == [names, ("x", "y", "z")]


@pytest.mark.parametrize(
    "cell", ["[NAME] said", "[a, b]", "['a'", "['a' b]", "[" * 10_000, "['\\UFFFFFFFF']", "[1] [2]"]
)
def test_what_only_begins_as_a_list_is_a_name(cell: str) -> None:
    assert read([cell, "a", "b"]) == [(cell,), ("a",), ("b",)]


@given(
    st.lists(st.text() | st.integers() | st.booleans() | st.none() | st.tuples(st.integers(), st.text()), max_size=4)
)
@STEADY
def test_what_python_writes_is_read_as_it_was(values: list[Any]) -> None:
    found = decoded(str(values))
    assert found == [list(value) if isinstance(value, tuple) else value for value in values]


@pytest.mark.parametrize("separator", "|;,")
def test_names_in_one_cell_are_parted_by_what_parts_names_that_are_met_elsewhere(separator: str) -> None:
    found = form(["a", "b", f"a{separator} b", "c"])
    assert found.words == f"names parted by {separator!r}"
    assert said(found, f"a{separator} c") == ("a", "c")


def test_a_comma_in_a_name_parts_nothing() -> None:
    assert read(["Paris, France", "Rome, Italy"] * 9) == [("Paris, France",), ("Rome, Italy",)] * 9


def test_a_sign_parts_nothing_where_a_record_has_one_label() -> None:
    assert read(["a", "b", "a|b"], several=False) == [("a",), ("b",), ("a|b",)]


def test_numbers_of_several_labels_stay_numbers_as_in_goemotions() -> None:
    assert read(["27", "4,27", "4"]) == [("27",), ("4", "27"), ("4",)]


@pytest.mark.parametrize(
    "cells",
    [
        [[0, 1, 0], [1, 1, 0]],
        ["[0, 1, 0]", "[1, 1, 0]"],
        ["[0. 1. 0.]", "[1. 1. 0.]"],
        [[False, True, False], [True, True, False]],
    ],
)
def test_lists_of_0_and_1_as_long_as_each_other_mark_labels_by_their_numbers(cells: list[Any]) -> None:
    assert read(cells) == [("1",), ("0", "1")]
    assert form(cells).words == "3 marks of 0 and 1"


def test_marks_stand_for_the_names_that_the_user_has_given() -> None:
    assert read([[0, 1, 0], [1, 1, 0]], vocabulary=["x", "y", "z"]) == [("y",), ("x", "y")]


@pytest.mark.parametrize("cell", [[0, 1], [0, 1, 2], [0, 1, "1"], "a", 3])
def test_a_row_of_other_marks_is_a_bad_label(cell: Any) -> None:
    assert said(form([[0, 1, 0], [1, 1, 0]]), cell) == BAD


@pytest.mark.parametrize("cells", [[[0, 1], [1, 0]], [[0, 1, 1], [1]], [[0, 1, 2], [0, 0, 1]], [[1], [0]]])
def test_lists_that_may_be_of_numbers_are_no_marks(cells: list[Any]) -> None:
    assert read(cells) == [tuple(dict.fromkeys(map(str, cell))) for cell in cells]


# Numbers that stand for names


def test_numbers_stand_for_the_names_that_the_table_has_and_minus_one_for_none() -> None:
    cells = [0, 1, -1]
    assert read(cells, names_of_numbers=["neg", "pos"]) == [("neg",), ("pos",), None]


def test_they_do_even_where_all_are_minus_one_as_in_glues_test_sets() -> None:
    assert read([-1, -1], names_of_numbers=["neg", "pos"]) == [None, None]


def test_a_column_of_words_has_no_numbers_that_stand_for_names() -> None:
    assert read(["neg", "0"], names_of_numbers=["neg", "pos"]) == [("neg",), ("0",)]


def test_a_number_that_stands_for_nothing_is_a_bad_label() -> None:
    assert read([0, 2], names_of_numbers=["neg", "pos"]) == [("neg",), BAD]


def test_lists_of_numbers_stand_for_names_too() -> None:
    assert read([[0, 2], []], names_of_numbers=["x", "y", "z"]) == [("x", "z"), ()]


def test_numbers_stand_for_the_names_that_the_user_has_given() -> None:
    assert read(["0", "1.0", ""], vocabulary=["neg", "pos"]) == [("neg",), ("pos",), None]


@pytest.mark.parametrize("cells", [["0", "neg"], ["0", "5"], ["1.0", "2.0"]])
def test_names_that_the_user_has_given_and_other_numbers_stand_for_themselves(cells: list[str]) -> None:
    assert [value for value in read(cells, vocabulary=["neg", "pos", "1.0"]) if value] == [(cell,) for cell in cells]


# Numbers


def test_numbers_of_which_some_are_not_whole_are_measured() -> None:
    assert read(["1", "2.5", "", 3]) == [1.0, 2.5, None, 3.0]


def test_whole_numbers_are_names_unless_the_task_takes_numbers() -> None:
    assert read(["1", "2"]) == [("1",), ("2",)]
    assert read(["1", "2"], "number") == [1.0, 2.0]


@pytest.mark.parametrize("cell", ["nan", "NA", "-", "None"])
def test_a_missing_number_is_no_label_and_hides_no_numbers(cell: str) -> None:
    assert read(["1.5", cell]) == [1.5, None]


@pytest.mark.parametrize("cell", ["inf", "-Infinity", float("inf")])
def test_an_infinite_number_is_a_bad_label_and_hides_no_numbers(cell: object) -> None:
    assert read(["1.5", cell]) == [1.5, BAD]


@pytest.mark.parametrize("cell", ["1_000", "inf", "a", "1,5 kg", True, [1], 10**400])
def test_what_is_no_number_is_a_bad_label(cell: Any) -> None:
    assert read(["1.5", cell], "number") == [1.5, BAD]


def test_a_decimal_comma_is_one_where_the_task_takes_numbers() -> None:
    assert read(["3,5", "2", "-0,25", "nan", 3, "1,2,5", "+,5"], "number") == [3.5, 2.0, -0.25, None, 3.0, BAD, 0.5]


def test_a_comma_beside_decimal_points_is_none() -> None:
    assert read(["3.5", "1,250"], "number") == [3.5, BAD]


@given(st.floats(allow_nan=False, allow_infinity=False))
@STEADY
def test_every_number_is_read_as_it_was_written(value: float) -> None:
    assert number(repr(value)) == value


# Spans


@pytest.mark.parametrize(
    "cell",
    [
        [{"start": 0, "end": 2, "label": "x"}],
        [{"start_offset": 0, "end_offset": 2, "type": "x"}],
        [[0, 2, "x"]],
        [["x", 0, 2]],
        '[[0, 2, "x"]]',
        "[(0, 2, 'x')]",
        "[{'start': 0, 'end': 2, 'label': 'x'}]",
    ],
)
def test_spans_are_objects_or_lists_of_three_in_json_or_as_python_writes_them(cell: Any) -> None:
    assert read([cell, "[]"]) == [(Span(0, 2, "x"),), ()]


@pytest.mark.parametrize(
    "cell",
    [
        "a",
        1,
        [1],
        [[0, 2]],
        [[0, 2, " "]],
        [[0, "2", "x"]],
        [[True, 2, "x"]],
        [{"start": 0}],
        [{"start": None, "end": 1, "label": "x"}],
    ],
)
def test_what_is_no_list_of_spans_is_a_bad_label(cell: Any) -> None:
    assert read([cell], "spans") == [BAD]


def test_the_same_span_twice_is_one() -> None:
    assert read([[[0, 2, "x"], [0, 2, " x "]]], "spans") == [(Span(0, 2, "x"),)]


# Whatever there is


@STEADY
@given(st.lists(ANYTHING, max_size=5), st.sampled_from([None, "names", "spans", "number"]), st.booleans(), st.data())
def test_any_cell_says_something_nothing_or_what_is_no_label(
    cells: list[Any], kind: Kind | None, several: bool, data: st.DataObject
) -> None:
    names = data.draw(st.sampled_from([(), ("a", "b", "c")]))
    found = form(
        cells, kind, several=several, vocabulary=names, names_of_numbers=data.draw(st.sampled_from([(), names]))
    )
    for cell in (*cells, data.draw(ANYTHING)):
        value = said(found, cell)
        if value not in (None, BAD):
            assert isinstance(value, float) == (found.kind == "number")


@STEADY
@given(st.text(alphabet="[](){}'\"\\ ,:.0123xuUTrueFalsenonea-+\n", max_size=30).map("[{}".format))
def test_any_text_that_begins_as_a_list_is_decoded_or_left_as_it_is(cell: str) -> None:
    found = decoded(cell)
    assert found == cell or isinstance(found, list)
