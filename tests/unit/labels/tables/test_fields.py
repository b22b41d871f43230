"""Choosing the fields that hold text and label."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError
from headstart.labels.tables.fields import LABEL_NAMES, TEXT_NAMES, choose_label, choose_text
from tests.support.steady import STEADY


def choose(wanted: str, kind: str, names: list[str], where: str) -> str:
    if kind == "text":
        return choose_text(wanted, names, where)
    text = next((name for name in names if name.strip().lower() in TEXT_NAMES), "")
    return choose_label(wanted, names, (text,), where)


@pytest.mark.parametrize(("kind", "names"), [("text", TEXT_NAMES), ("label", LABEL_NAMES)])
def test_every_conventional_name_is_known(kind: str, names: tuple[str, ...]) -> None:
    assert [choose("auto", kind, ["id", name, "when"], "rows.csv") for name in names] == list(names)


def test_no_name_is_conventional_for_both() -> None:
    assert not set(TEXT_NAMES) & set(LABEL_NAMES)


@pytest.mark.parametrize("written", ["Text", "TEXT", " text ", "text\t"])
def test_case_and_white_space_do_not_matter_and_the_name_is_given_as_written(written: str) -> None:
    assert choose("auto", "text", ["id", written, "when"], "rows.csv") == written


def test_of_several_conventional_names_the_more_usual_one_wins_in_whatever_order_they_stand() -> None:
    assert choose("auto", "text", ["body", "when", "text"], "rows.csv") == "text"
    assert choose("auto", "label", ["topic", "label", "text"], "rows.csv") == "label"


@pytest.mark.parametrize(
    ("kind", "names", "rest"),
    [
        ("text", ["label", "phrase"], "phrase"),
        ("text", ["phrase", "Label"], "phrase"),
        ("label", ["text", "kind"], "kind"),
    ],
)
def test_of_two_fields_the_other_one_is_what_remains(kind: str, names: list[str], rest: str) -> None:
    assert choose("auto", kind, names, "rows.csv") == rest


@pytest.mark.parametrize("names", [[], ["phrase"], ["phrase", "kind"], ["phrase", "kind", "label"]])
def test_nothing_is_guessed_where_no_name_or_two_could_be_meant(names: list[str]) -> None:
    with pytest.raises(DataError, match="no field is known to hold the text") as caught:
        choose("auto", "text", names, "rows.csv")
    assert caught.value.code == "data/unknown-field"
    assert caught.value.where == "rows.csv"


def test_the_users_word_counts_more_than_convention() -> None:
    assert choose("phrase", "text", ["text", "phrase"], "rows.csv") == "phrase"


@pytest.mark.parametrize("wanted", ["titel", "Title", " title", ""])
def test_the_users_word_must_be_a_field_exactly(wanted: str) -> None:
    with pytest.raises(DataError) as caught:
        choose(wanted, "label", ["title", "queue"], "rows.csv")
    assert repr(wanted) in caught.value.problem
    assert "for the label" in caught.value.problem
    assert "'title', 'queue'" in caught.value.remedy


def test_of_a_thousand_fields_twenty_are_named() -> None:
    with pytest.raises(DataError) as caught:
        choose("auto", "text", [f"column{number:04}" for number in range(1000)], "rows.csv")
    assert "column0019" in caught.value.remedy
    assert "column0020" not in caught.value.remedy


@STEADY
@given(st.sampled_from(["text", "label"]), st.lists(st.text(max_size=8), unique=True, max_size=4), st.text(max_size=8))
def test_the_answer_is_always_one_of_the_fields(kind: str, names: list[str], wanted: str) -> None:
    for word in (wanted, "auto"):
        try:
            found = choose(word, kind, names, "rows.csv")
        except DataError:
            continue
        assert found in names
