"""Tables whose rows are tokens with a tag each."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError, HeadstartError
from headstart.labels.records import Span
from headstart.labels.tables.token_rows import TAG_NAMES, TOKEN_NAMES
from tests.support.reading import lines_file, list_file, opened, read, read_bytes, records, said, taken
from tests.support.steady import ANYTHING, STEADY, mostly

EU, PETER = Span(0, 2, "ORG"), Span(0, 15, "PER")
ROW = {"tokens": ["EU", "rejects"], "ner_tags": ["B-ORG", "O"]}


def lines(folder: Path, *rows: Any, **asked: Any) -> list[object]:
    return said(read(lines_file(folder / "rows.jsonl", rows), **asked))


@pytest.mark.parametrize("tokens", TOKEN_NAMES)
@pytest.mark.parametrize("tags", TAG_NAMES)
def test_lists_of_tokens_and_tags_are_found_by_their_names(tmp_path: Path, tokens: str, tags: str) -> None:
    row = {"id": 1, tokens.title(): ROW["tokens"], tags.upper(): ROW["ner_tags"]}
    assert lines(tmp_path, row) == [("EU rejects", ((EU,),))]


def test_a_json_list_and_a_csv_with_lists_in_its_cells_are_read_alike(tmp_path: Path) -> None:
    expected = [("EU rejects", ((EU,),)), ("Peter Blackburn", ((PETER,),))]
    other = {"tokens": ["Peter", "Blackburn"], "ner_tags": ["B-PER", "I-PER"]}
    assert said(read(list_file(tmp_path / "rows.json", [ROW, other]))) == expected
    python = (
        "tokens,ner_tags\n\"['EU', 'rejects']\",\"['B-ORG', 'O']\"\n\"['Peter', 'Blackburn']\",\"['B-PER', 'I-PER']\"\n"
    )
    assert said(read_bytes(tmp_path / "rows.csv", python)) == expected
    numpy = "tokens,ner_tags\n['EU' 'rejects'],['B-ORG' 'O']\n['Peter' 'Blackburn'],['B-PER' 'I-PER']\n"
    assert said(read_bytes(tmp_path / "rows.csv", numpy)) == expected


def test_what_the_reader_found_is_said(tmp_path: Path) -> None:
    path = lines_file(tmp_path / "rows.jsonl", [ROW, {"tokens": ["a", "b"], "ner_tags": ["O", "I-ORG"]}])
    reading = opened(path)
    assert reading.fields == "tokens from 'tokens', tags from 'ner_tags' (BIO)"
    taken(reading)
    assert reading.aside == {"repaired tags": 1}


def test_nothing_is_said_to_be_repaired_where_nothing_was(tmp_path: Path) -> None:
    reading = opened(lines_file(tmp_path / "rows.jsonl", [ROW]))
    taken(reading)
    assert not reading.aside


def test_the_user_may_name_both_fields(tmp_path: Path) -> None:
    row = {**ROW, "forms": ["A", "B"], "chunks": ["O", "B-NP"]}
    assert lines(tmp_path, row, text="forms", label="chunks") == [("A B", ((Span(2, 3, "NP"),),))]


def test_group_time_split_and_annotator_are_read_as_in_other_tables(tmp_path: Path) -> None:
    row = {**ROW, "doc": 3, "when": "2024-01-02", "split": "dev", "annotator": "bo"}
    (found,) = records(read(lines_file(tmp_path / "rows.jsonl", [row]), group_by="doc", time="when"))
    assert (found.group, found.time, found.split) == ("3", 1704153600.0, "validation")
    assert found.votes[0].by == "bo"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"tokens": None}, "no-text"),
        ({"tokens": "EU rejects"}, "no-text"),
        ({"tokens": ["EU", 1]}, "no-text"),
        ({"ner_tags": ["B-ORG"]}, "bad-label"),
        ({"ner_tags": ["B-ORG", None]}, "bad-label"),
        ({"ner_tags": ["B-ORG", "X Y"]}, "bad-label"),
        ({"ner_tags": [1, 0]}, "bad-label"),
        ({"ner_tags": "O"}, "bad-label"),
        ({"tokens": ["EU", "\ud83d"]}, "broken-unicode"),
        ({"ner_tags": ["B-\ud83d", "O"]}, "broken-unicode"),
        ({"doc": "\ud83d"}, "broken-unicode"),
        ({"split": "holdout"}, "unknown-split"),
        ({"when": "soon"}, "bad-time"),
    ],
)
def test_what_is_wrong_with_one_row_costs_that_row(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    row = {**ROW, "when": 1, "doc": "a", "split": "dev"}
    found = lines(tmp_path, row, row, {**row, **change}, group_by="doc", time="when")
    assert found == [("EU rejects", ((EU,),)), ("EU rejects", ((EU,),)), reason]


@pytest.mark.parametrize("tags", [None, ""])
def test_tokens_that_nobody_tagged_have_no_vote(tmp_path: Path, tags: Any) -> None:
    assert lines(tmp_path, ROW, {"tokens": ["a", "b"], "ner_tags": tags}) == [("EU rejects", ((EU,),)), ("a b", ())]


def test_tokens_that_are_all_outside_have_a_vote_for_no_span(tmp_path: Path) -> None:
    assert lines(tmp_path, ROW, {"tokens": ["a"], "ner_tags": ["O"]})[1] == ("a", ((),))


def test_tags_by_number_are_refused_where_nothing_says_their_names(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match="the tags in 'ner_tags' are numbers, and the file does not say what they"
    ) as caught:
        lines(tmp_path, {"tokens": ["EU", "is"], "ner_tags": [1, 0]}, labels=("ORG", "PER"))
    assert caught.value.code == "data/unknown-field"


def test_tags_of_no_scheme_are_refused(tmp_path: Path) -> None:
    rows = [{"tokens": ["it", "is", "so"], "tags": ["PR P", "VB D", "RB R"]}]
    with pytest.raises(DataError, match="such as 'PR P', which no scheme of tags has"):
        lines(tmp_path, *rows)


# What is no table of tokens


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"text": "EU is", "tokens": ["EU", "is", "it"], "labels": ["a", "b"]}, ("EU is", (("a", "b"),))),
        ({"text": "EU is", "tokens": ["EU", "is"], "label": "a"}, ("EU is", (("a",),))),
        ({"text": "EU is", "tokens": 2, "label": ["a"]}, ("EU is", (("a",),))),
    ],
)
def test_labels_beside_tokens_are_the_labels_of_the_text(tmp_path: Path, row: dict[str, Any], expected: object) -> None:
    assert lines(tmp_path, row) == [expected]


@pytest.mark.parametrize("asked", [{"task": "text-classification"}, {"text": "text"}, {"label": "topic"}])
def test_a_spec_that_wants_something_else_gets_it(tmp_path: Path, asked: dict[str, Any]) -> None:
    row = {**ROW, "text": "EU rejects", "topic": "eu"}
    label = {} if "label" in asked else {"label": "topic"}
    assert lines(tmp_path, row, **asked, **label) == [("EU rejects", (("eu",),))]


def test_a_field_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    for asked in ({"text": "forms"}, {"label": "chunks"}, {"group_by": "doc"}, {"time": "when"}):
        with pytest.raises(DataError, match="no field"):
            lines(tmp_path, ROW, **asked)


@STEADY
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "tokens": mostly(st.lists(st.sampled_from(["a", "b c", ""]), min_size=2, max_size=2)),
                "ner_tags": mostly(st.lists(st.sampled_from(["O", "B-X", "I-X"]), min_size=2, max_size=2)),
                "doc": ANYTHING,
            }
        ),
        max_size=6,
    )
)
def test_every_row_is_one_record_or_one_reject(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    try:
        found = read(lines_file(tmp_path / "rows.jsonl", rows), group_by="doc", task="token-classification")
    except HeadstartError:
        return
    assert [item.place for item in found] == [f"rows.jsonl, line {number}" for number in range(1, len(rows) + 1)]
