"""Tables without a header: told from those with one, and their columns told by what is in them."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError
from headstart.labels.records import Ask
from headstart.labels.tables import headers
from headstart.spec import FieldsSpec
from tests.support.reading import opened, read_bytes, records, said, taken
from tests.support.steady import STEADY

ROWS = [["I like it a lot", "good"], ["not at all, never again", "bad"], ["it is fine with me", "good"]]


def has_header(rows: Sequence[Sequence[str]], group_by: str | None = None, **named: str) -> bool:
    return headers.has_header(rows, Ask(FieldsSpec(**named), group_by))


@pytest.mark.parametrize(
    "header",
    [
        ["text", "label"],
        ["Text ", "LABEL"],
        ["whatever", "sentiment"],
        ["reviewText", "category"],
        ["verdict", "story"],  # names stand once
        ["0", "1"],  # which pandas counts
    ],
)
def test_a_first_row_of_names_is_a_header(header: list[str]) -> None:
    assert has_header([header, *ROWS])


@pytest.mark.parametrize(
    "first",
    [
        ["I would buy it again", "good"],  # a label that comes again
        ["one two three four five six seven", "fine"],  # longer than a name
        ["x" * 61, "fine"],
        ["hello there you all", "3"],
        ["0", "2"],
        ["", "good"],
    ],
)
def test_a_first_row_like_the_others_is_none(first: list[str]) -> None:
    assert not has_header([first, *ROWS])


def test_a_word_above_numbers_is_a_name() -> None:
    long = "What do you think of our service and of the people who gave it to you?"
    assert has_header([[long, "How many stars?"], ["good", "3"], ["bad", "4"]])


def test_numbers_above_numbers_are_none() -> None:
    assert not has_header([["0", "1"], ["1", "0"], ["0", "0"]])


def test_a_label_that_is_called_as_columns_are_is_no_header() -> None:
    rows = [["question", "what is it"], ["statement", "it is this"], ["question", "is it"]]
    assert not has_header(rows)
    assert has_header([["question", "answer"], ["what is it", "this"]])


def test_what_the_user_names_is_a_header_where_it_stands_in_the_first_row() -> None:
    first = ["one two three four five six seven", "3"]
    assert not has_header([first, *ROWS])
    assert has_header([first, *ROWS], label="3")
    assert has_header([first, *ROWS], group_by="3")
    assert has_header([["3", "4", "5"], ["1", "2", "3"]], label="4,5")


@pytest.mark.parametrize("cell", ["", "auto"])
def test_a_word_that_the_spec_has_by_default_is_no_name(cell: str) -> None:
    assert not has_header([[cell, "good"], *ROWS])


def test_a_user_who_counts_columns_says_that_there_is_no_header() -> None:
    assert not has_header([["story", "verdict"], *ROWS], text="column 1", label="column 2")


def test_a_table_of_one_row_of_names_is_its_header() -> None:
    assert has_header([["story", "verdict"]])


# What a table without a header is read as


def _rows(*rows: str) -> str:
    return "".join(f"{row}\n" for row in rows)


def test_columns_are_counted_from_one_and_the_user_may_name_them_so(tmp_path: Path) -> None:
    content = _rows("1,I like it a lot,good,me", "2,not at all never,bad,you", "1,it is fine with me,good,me")
    found = read_bytes(tmp_path / "rows.csv", content, label="column 1", group_by="column 4")
    assert said(found) == [
        ("I like it a lot", (("1",),)),
        ("not at all never", (("2",),)),
        ("it is fine with me", (("1",),)),
    ]
    assert [each.group for each in records(found)] == ["me", "you", "me"]


def test_a_column_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    content = _rows("1,I like it a lot", "2,not at all never", "1,it is fine")
    with pytest.raises(DataError, match=r"no field 'column 3' for the label.*'column 1', 'column 2'"):
        read_bytes(tmp_path / "rows.csv", content, text="column 2", label="column 3")


def test_the_user_may_name_the_pair_alone(tmp_path: Path) -> None:
    content = _rows("it is here now,that is it,1", "here it was,this is that,0", "where is that,this is here,1")
    (first, *_) = records(read_bytes(tmp_path / "rows.csv", content, pair="column 1"))
    assert (first.text, first.pair) == ("that is it", "it is here now")


def test_the_user_who_names_the_text_wants_no_pair(tmp_path: Path) -> None:
    content = _rows("it is here now,that is it,1", "here it was,this is that,0", "where is that,this is here,1")
    (first, *_) = records(read_bytes(tmp_path / "rows.csv", content, text="column 1"))
    assert (first.text, first.pair) == ("it is here now", None)


def test_texts_of_one_word_are_those_that_seldom_come_again(tmp_path: Path) -> None:
    content = _rows(*(f"{'yes' if row % 2 else 'no'},word{row}" for row in range(20)))
    assert opened_fields(tmp_path, content) == "text from 'column 2', label from 'column 1'"


def test_dates_of_as_many_words_are_no_texts(tmp_path: Path) -> None:
    content = _rows(
        *(
            f"{'pos' if row % 2 else 'neg'},Mon Apr {row % 30} 10:00,so it is {row} {'now ' * (1 + row % 3)}"
            for row in range(30)
        )
    )
    assert opened_fields(tmp_path, content) == "text from 'column 3', label from 'column 1'"


def test_labels_of_many_words_are_no_texts(tmp_path: Path) -> None:
    content = _rows(
        *(
            f"{'bank account or service' if row % 2 else 'credit card'},it is {row} times {'late ' * (row % 4)}"
            for row in range(40)
        )
    )
    assert opened_fields(tmp_path, content) == "text from 'column 2', label from 'column 1'"


def test_a_label_need_not_vary_at_the_start_of_the_file(tmp_path: Path) -> None:
    words = "and so on " * 30
    rows = [f"{'pos' if row < 400 else 'neg'},{'NONE'},it is {row} {words if row % 2 else ''}" for row in range(800)]
    assert opened_fields(tmp_path, _rows(*rows)) == "text from 'column 3', label from 'column 1'"


def opened_fields(folder: Path, content: str) -> str:
    (folder / "rows.csv").write_text(content, encoding="utf-8")
    reading = opened(folder / "rows.csv")
    assert len(records(taken(reading))) == len(content.splitlines())
    return reading.fields


def test_rows_of_another_width_than_most_are_rejected_even_if_the_first_is_one(tmp_path: Path) -> None:
    content = _rows(
        "good,it is fine,with me", "good,it is as it is", "bad,it is not", "good,yes it is", "bad,no it is not"
    )
    assert [each for each in said(read_bytes(tmp_path / "rows.csv", content)) if isinstance(each, str)] == [
        "wrong-columns"
    ]


def test_r_leaves_out_the_name_of_the_column_that_names_rows(tmp_path: Path) -> None:
    content = _rows('"text","label"', '"1","it is","a"', '"2","it was","b"')
    assert said(read_bytes(tmp_path / "rows.csv", content)) == [("it is", (("a",),)), ("it was", (("b",),))]


def test_a_column_without_a_name_is_called_by_its_number(tmp_path: Path) -> None:
    content = _rows(",text,label,", "0,it is,a,x", "1,it was,b,y")
    assert said(read_bytes(tmp_path / "rows.csv", content)) == [("it is", (("a",),)), ("it was", (("b",),))]
    assert [each.group for each in records(read_bytes(tmp_path / "rows.csv", content, group_by="column 4"))] == [
        "x",
        "y",
    ]


@pytest.mark.parametrize(
    ("content", "delimiter"),
    [
        (_rows('"5","I like it; really; a lot"', '"3","so, so"', '"5","yes"', '"3","no; never"'), ","),
        (_rows("5;I like it, really, a lot", "3;so, so", "5;yes, it is", "3;no"), ";"),
        (_rows("5|I like it, yes", "3|so, so", "5|yes", "3|no"), "|"),
    ],
)
def test_the_delimiter_is_what_parts_all_rows_alike(tmp_path: Path, content: str, delimiter: str) -> None:
    found = records(read_bytes(tmp_path / "rows.csv", content, text="column 2", label="column 1"))
    assert [each.votes[0].value for each in found] == [("5",), ("3",), ("5",), ("3",)]


@STEADY
@given(
    st.lists(st.lists(st.text(alphabet="ab 1.\n,", max_size=8), min_size=2, max_size=2), min_size=1, max_size=6),
    st.sampled_from([{}, {"label": "a"}, {"text": "column 1", "label": "column 2"}]),
)
def test_any_rows_have_a_header_or_none(rows: list[list[str]], named: dict[str, str]) -> None:
    assert has_header(rows, **named) in (True, False)
    try:
        found = headers.choose(rows, ["column 1", "column 2"], "rows.csv", Ask(FieldsSpec(**named)))
    except DataError:
        return
    assert {found.text, found.label} == {"column 1", "column 2"}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("delimiter", [";", ",", "|"])
def test_a_line_that_tells_excel_the_delimiter_is_none_of_the_table(
    tmp_path: Path, delimiter: str, mark: str, end: str
) -> None:
    rows = [["id", "text", "label"], ["1", "hello", "a"], ["2", "bye", "b"]]
    for count, lines in enumerate((rows, rows[1:])):
        content = mark + end.join([f"sep={delimiter}", *map(delimiter.join, lines)])
        named = {} if count == 0 else {"text": "column 2", "label": "column 3"}
        found = read_bytes(tmp_path / f"{count}.csv", content, **named)
        assert said(found) == [("hello", (("a",),)), ("bye", (("b",),))]
        assert [record.place for record in records(found)] == [
            f"{count}.csv, line {3 - count}",
            f"{count}.csv, line {4 - count}",
        ]
