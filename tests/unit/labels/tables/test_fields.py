"""Choosing the fields that hold text and label."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError
from headstart.labels.records import Ask
from headstart.labels.tables import contents
from headstart.labels.tables import fields as fields_module
from headstart.labels.tables.fields import LABEL_NAMES, TEXT_NAMES, Chosen, choose_label, choose_text
from headstart.spec import FieldsSpec
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


# Names that say it less surely


def chosen(*names: str, task: Any = "auto", group_by: str | None = None, **fields: str) -> Chosen:
    return fields_module.choose(names, "rows.csv", Ask(FieldsSpec(**fields), group_by, task=task))


@pytest.mark.parametrize(
    "names",
    [
        ("reviewText", "reviewerID", "overall"),
        ("review_text", "overall"),
        ("Review Text", "Overall"),
        ("review.text", "Overall"),
        ("HTMLText", "overall"),
    ],
)
def test_names_are_compared_by_their_words(names: tuple[str, ...]) -> None:
    found = chosen(*names)
    assert (found.text, found.label) == (names[0], names[-1])


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (("id", "comment_text", "title", "label"), "comment_text"),
        (("text", "comment_text", "label"), "text"),
        (("title", "description", "label"), "description"),
        (("headline", "when", "label"), "headline"),
        (("id", "phrase", "label", "annotator", "split"), "phrase"),
        (("image_url", "tweet_text", "label"), "tweet_text"),
    ],
)
def test_the_text_is_told_by_the_surest_name(names: tuple[str, ...], text: str) -> None:
    assert chosen(*names).text == text


@pytest.mark.parametrize(
    ("names", "label"),
    [
        (("text", "gold_label", "label1", "genre"), "gold_label"),
        (("text", "airline_sentiment", "airline", "airline_sentiment_confidence"), "airline_sentiment"),
        (("text", "Answer.sentiment.label", "WorkerId"), "Answer.sentiment.label"),
        (("text", "star_rating", "votes"), "star_rating"),
        (("text", "Class Index", "author"), "Class Index"),
        (("text", "category_id", "category_name", "author"), "category_name"),
        (("text", "is_spam", "author"), "is_spam"),
        (("text", "id", "flavour", "split"), "flavour"),
        (("text", "row names", "flavour"), "flavour"),
        (("text", "Sentence #", "flavour"), "flavour"),
    ],
)
def test_the_label_is_told_by_the_surest_name(names: tuple[str, ...], label: str) -> None:
    assert chosen(*names).label == label


@pytest.mark.parametrize(("task", "label"), [("regression", "their_score"), ("multi-label", "their_label")])
def test_the_task_tells_which_of_two_labels_is_meant(task: str, label: str) -> None:
    assert chosen("text", "their_score", "their_label", task=task).label == label


@pytest.mark.parametrize("names", [("text", "their_label", "our_label"), ("text", "their_score", "their_label")])
def test_of_two_that_are_equally_sure_none_is_guessed(names: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match=f"several fields may hold the label: '{names[1]}', '{names[2]}'"):
        chosen(*names)


@pytest.mark.parametrize(
    "name", ["id", "tweet_id", "index", "Unnamed: 0", "", "idx", "row names", "No", "annotator", "split"]
)
def test_what_only_says_which_record_it_is_is_no_label(name: str) -> None:
    with pytest.raises(DataError, match="no field is known to hold the label"):
        chosen("text", name)


def test_the_field_that_groups_is_no_label() -> None:
    assert chosen("text", "customer", "flavour", group_by="customer").label == "flavour"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("sentence1", "sentence2"),
        ("Sentence_A", "Sentence_B"),
        ("question1", "question2"),
        ("#1 String", "#2 String"),
        ("first text", "second text"),
        ("leftText", "rightText"),
        ("premise", "hypothesis"),
        ("question", "passage"),
        ("text", "pair"),
    ],
)
def test_two_texts_to_compare_are_told_by_their_names(one: str, two: str) -> None:
    found = chosen("#1 ID", "#2 ID", two, one, "score")
    assert (found.text, found.pair) == (one, two)


def test_the_user_may_name_one_side_of_a_pair() -> None:
    names = ("sentence1", "sentence2", "question1", "question2", "label")
    assert chosen(*names, text="question1").pair == "question2"
    assert chosen(*names, pair="question2").text == "question1"
    assert chosen("left", "sentence", "label", pair="left").text == "sentence"


def test_the_annotator_and_the_split_are_found_by_their_names() -> None:
    found = chosen("text", "label", "WorkerId", "Split")
    assert (found.by, found.split) == ("WorkerId", "Split")


def test_a_split_that_is_the_label_publishes_none() -> None:
    assert chosen("text", "split", label="split").split == ""


@pytest.mark.parametrize("content", [("sentence1", "sentence2"), ("text",), ("premise", "hypothesis")])
def test_a_file_name_beside_a_text_is_no_image(content: tuple[str, ...]) -> None:
    assert chosen("filename", *content, "label").image == ""
    assert chosen("filename", "label").image == "filename"


def test_fields_of_0_and_1_are_named_together_with_commas() -> None:
    found = chosen("text", "a", "b", "c", label="a, c")
    assert found.marks == ("a", "c")
    assert str(found) == "text from 'text', label from 'a', 'c'"
    assert set(found.read) == {"text", "a", "c"}


def test_a_field_with_a_comma_in_its_name_is_one_field() -> None:
    assert chosen("text", "a, c", "a", "c", label="a, c").marks == ()


def test_of_fields_that_are_named_together_the_one_that_is_not_there_is_said() -> None:
    with pytest.raises(DataError, match="no field 'd' for the label"):
        chosen("text", "a", "b", label="a,d")
    with pytest.raises(DataError, match="no field 'x,y' for the label"):
        chosen("text", "a", "b", label="x,y")


# What is in the fields, where names do not tell


def described(**columns: Sequence[Any]) -> Chosen:
    found = [contents.column(name, cells) for name, cells in columns.items()]
    return fields_module.choose(list(columns), "rows.csv", Ask(), lambda: found)


TEXTS = [f"it is {'very ' * (row % 4)}late, said {row}" for row in range(40)]


def test_the_only_field_of_several_words_is_the_text_and_the_only_one_of_few_values_the_label() -> None:
    found = described(code=[f"c{row}" for row in range(40)], verdict=["yes", "no"] * 20, story=TEXTS)
    assert (found.text, found.label) == ("story", "verdict")


@pytest.mark.parametrize(
    "columns",
    [
        {"story": TEXTS, "other": TEXTS[::-1], "verdict": ["yes", "no"] * 20},  # two texts
        {"story": TEXTS, "verdict": ["yes", "no"] * 20, "shop": ["a", "b", "c", "d"] * 10},  # two labels
        {"story": TEXTS, "shop": list(range(40)), "verdict": ["yes"] * 40},  # none that varies
        {"story": TEXTS[:6], "shop": list("abcdef"), "verdict": ["yes", "no"] * 3},  # too few rows to tell
    ],
)
def test_nothing_is_guessed_where_two_could_be_meant_or_none(columns: dict[str, Any]) -> None:
    with pytest.raises(DataError) as caught:
        described(**columns)
    assert caught.value.code == "data/unknown-field"


def test_a_text_far_longer_than_the_others_is_the_text() -> None:
    assert described(head=TEXTS, story=[text * 9 for text in TEXTS], label=["a", "b"] * 20).text == "story"


def test_fields_of_0_and_1_are_offered_together() -> None:
    marks = {name: ["0", "1"] * 20 for name in ("toxic", "threat")}
    with pytest.raises(DataError, match=r"Several that hold 0 and 1 are one label: 'toxic,threat'"):
        described(text=TEXTS, shop=["a", "b"] * 20, **marks)
