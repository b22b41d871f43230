"""The account of every record."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.labels.reasons import REASONS
from headstart.labels.reconciling.normal import normalise
from headstart.labels.reconciling.reconcile import Differing
from headstart.labels.records import Record, Reject, Span, Vote
from headstart.spec import SPLITS, TaskName
from tests.support.reconciling import Reconciled, plainly, reconciled, voted
from tests.support.steady import STEADY

# Few words, spelt in many ways, so that repeats, near repeats and conflicts abound.
_texts = st.sampled_from(["", " ", "a", "A", "a ", "caf\u00e9", "CAFE\u0301", "b\u00a0b", "b  b\n", "\u200b"])
_names = st.lists(st.sampled_from("xyz"), max_size=2, unique=True).map(lambda names: tuple(sorted(names)))
_who = st.sampled_from([None, None, "ann", "bob"])
_votes = st.lists(st.builds(Vote, _names, _who), max_size=3).map(tuple)
_groups = st.sampled_from([None, "g", "h"])
_spans = st.lists(st.builds(Span, st.integers(0, 2), st.integers(0, 3), st.sampled_from("xy")), max_size=2, unique=True)
_values: dict[TaskName, st.SearchStrategy[Any]] = {
    "text-classification": _names,
    "multi-label": _names,
    "token-classification": _spans.map(lambda spans: tuple(sorted(spans))),
    "regression": st.sampled_from([0.0, 0.1, 0.2, 1.0]),
}


def _entries(
    splits: st.SearchStrategy[Any], votes: st.SearchStrategy[Any] = _votes
) -> st.SearchStrategy[list[Record | Reject]]:
    made = st.tuples(_texts, votes, splits, _groups).map(lambda parts: Record("", *parts))
    rejected = st.sampled_from(["no-text", "not-json"]).map(lambda reason: Reject("", reason, None))
    entries: st.SearchStrategy[list[Record | Reject]] = st.lists(made | made | made | rejected, max_size=14)
    return entries.map(_placed)


def _placed(entries: Sequence[Record | Reject]) -> list[Record | Reject]:
    """The same records, each with a place of its own."""
    return [
        Record(f"record {number:02d}", each.text, each.votes, each.split, each.group)
        if isinstance(each, Record)
        else Reject(f"record {number:02d}", each.reason, each.content)
        for number, each in enumerate(entries)
    ]


_any = _entries(st.none()) | _entries(st.sampled_from([None, *SPLITS]))
_single = st.sampled_from("xyz").map(voted)


def _of(*records: tuple[str, str] | tuple[str, str, str], on_conflict: str = "majority") -> Reconciled:
    """The account of records of one vote each: text, label and maybe the published split."""
    made = [Record("", text, voted(label), *split) for text, label, *split in records]  # type: ignore[arg-type]
    return reconciled(_placed(made), on_conflict)


def _rows(outcome: Reconciled) -> list[tuple[str, str]]:
    return [(row.text, row.label) for row in outcome.rows]


def _reasons(outcome: Reconciled) -> list[str]:
    return [reason for _, reason in outcome.rejected]


# It is what a plain way of doing it gives


@STEADY
@given(st.data(), st.sampled_from(["majority", "drop"]), st.integers(1, 5))
@pytest.mark.parametrize("task", _values)
def test_arrays_decide_as_dictionaries_would(
    task: TaskName, data: st.DataObject, on_conflict: str, block_rows: int
) -> None:
    votes = st.lists(st.builds(Vote, _values[task], _who), max_size=3).map(tuple)
    entries = data.draw(_entries(st.none(), votes) | _entries(st.sampled_from([None, *SPLITS]), votes))
    assert reconciled(entries, on_conflict, task, block_rows=block_rows) == plainly(entries, on_conflict, task)


# The account adds up, whatever the records


@STEADY
@given(_any, st.sampled_from(["majority", "drop"]))
def test_every_record_is_accounted_for_once(entries: list[Record | Reject], on_conflict: str) -> None:
    outcome = reconciled(entries, on_conflict)
    assert outcome.records == len(entries) == len(outcome.rows) + len(outcome.merged) + len(outcome.rejected)
    places = {each.place for each in entries}
    gone = [place for place, _ in outcome.rejected + outcome.merged]
    assert len(gone) == len(set(gone))
    into = {place for _, place in outcome.merged}
    assert into <= places - set(gone), "what is merged goes into a record that became a row"
    assert len(places - set(gone)) == len(outcome.rows)


@STEADY
@given(_any)
def test_every_reason_is_documented(entries: list[Record | Reject]) -> None:
    assert set(_reasons(reconciled(entries))) <= set(REASONS)


@STEADY
@given(_entries(st.none()))
def test_every_vote_on_a_row_is_for_its_label_or_outvoted(entries: list[Record | Reject]) -> None:
    outcome = reconciled(entries)
    lost = {place for place, _ in outcome.rejected}
    kept = [each for each in entries if isinstance(each, Record) and each.place not in lost]
    label = {normalise(row.text): row.label for row in outcome.rows}
    votes = [vote.value == (label[normalise(each.text)],) for each in kept for vote in each.votes]
    assert outcome.outvoted == votes.count(False)


@STEADY
@given(_any)
def test_a_row_is_a_record_with_its_text_and_a_vote_for_its_label(entries: list[Record | Reject]) -> None:
    said = {(each.text, vote.value, each.group) for each in entries if isinstance(each, Record) for vote in each.votes}
    for row in reconciled(entries).rows:
        assert (row.text, row.value, row.group) in said


@STEADY
@given(_any)
def test_no_two_rows_have_the_same_text(entries: list[Record | Reject]) -> None:
    rows = reconciled(entries).rows
    assert len({row.text for row in rows}) == len(rows)
    if not any(row.split for row in rows):
        assert len({normalise(row.text) for row in rows}) == len(rows)


@STEADY
@given(_entries(st.sampled_from(SPLITS)))
def test_no_text_of_a_published_split_stands_in_an_earlier_one(entries: list[Record | Reject]) -> None:
    rows = reconciled(entries).rows
    splits = {
        normalise(row.text): {other.split for other in rows if normalise(other.text) == normalise(row.text)}
        for row in rows
    }
    assert all(len(found) == 1 for found in splits.values())


@STEADY
@given(_entries(st.none(), _single), st.randoms(use_true_random=False))
def test_the_order_of_the_records_decides_nothing(entries: list[Record | Reject], random: Any) -> None:
    shuffled = list(entries)
    random.shuffle(shuffled)

    def said(outcome: Reconciled) -> tuple[object, ...]:
        rows = sorted((row.text, row.label, row.group or "") for row in outcome.rows)
        return rows, len(outcome.merged), outcome.outvoted, Counter(_reasons(outcome))

    assert said(reconciled(shuffled)) == said(reconciled(entries))


# Votes


def test_the_majority_of_annotators_decides() -> None:
    outcome = reconciled([Record("one", "hello", voted("x", "y", "x"))])
    assert _rows(outcome) == [("hello", "x")]
    assert outcome.outvoted == 1


def test_votes_on_repeats_of_a_text_are_counted_together() -> None:
    outcome = _of(("hello", "y"), ("hello", "x"), ("Hello ", "x"))
    (row,) = outcome.rows
    assert (row.label, normalise(row.text)) == ("x", "hello")
    (kept,) = {into for _, into in outcome.merged}
    assert sorted(place for place, _ in outcome.merged) == sorted({"record 00", "record 01", "record 02"} - {kept})
    assert kept != "record 00", "the row is a record that voted for its label"
    assert outcome.outvoted == 1


def test_every_vote_that_the_majority_overruled_is_counted() -> None:
    assert _of(*(("hello", label) for label in "yxyzxx")).outvoted == 3


@pytest.mark.parametrize("labels", ["xy", "xxyy", "xyz", "xxyyz"])
def test_a_tie_is_nobodys_label(labels: str) -> None:
    outcome = _of(*(("hello", label) for label in labels), ("other", "x"))
    assert _rows(outcome) == [("other", "x")]
    assert _reasons(outcome) == ["tie"] * len(labels)


def test_the_largest_share_wins_without_an_absolute_majority() -> None:
    assert _rows(_of(*(("hello", label) for label in "xxyz"))) == [("hello", "x")]


def test_on_conflict_drop_rejects_every_record_of_a_contested_text() -> None:
    outcome = _of(("hello", "x"), ("hello", "x"), ("Hello", "y"), ("other", "x"), on_conflict="drop")
    assert _rows(outcome) == [("other", "x")]
    assert _reasons(outcome) == ["conflict"] * 3


def test_on_conflict_drop_keeps_annotators_who_agree() -> None:
    outcome = _of(("hello", "x"), ("hello", "x"), on_conflict="drop")
    assert _rows(outcome) == [("hello", "x")]
    assert len(outcome.merged) == 1


def test_on_conflict_error_names_the_place_and_the_votes() -> None:
    with pytest.raises(Differing) as caught:
        _of(("other", "x"), ("hello", "y"), ("hello", "x"), ("hello", "x"), on_conflict="error")
    assert sorted(caught.value.conflict.records) == [1, 2, 3]
    assert sorted(caught.value.conflict.votes) == [(("x",), 2), (("y",), 1)]


def test_on_conflict_error_lets_agreement_pass() -> None:
    assert _rows(_of(("hello", "x"), ("hello", "x"), on_conflict="error")) == [("hello", "x")]


# Rejection


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u00a0", "\u2003\u3000"])
def test_a_text_of_nothing_but_white_space_is_empty(text: str) -> None:
    assert _reasons(_of((text, "x"))) == ["empty-text"]


def test_a_record_without_votes_is_not_labeled() -> None:
    assert _reasons(reconciled([Record("one", "hello", ())])) == ["not-labeled"]


def test_a_vote_for_several_labels_is_no_class() -> None:
    assert _reasons(reconciled([Record("one", "hello", voted("x", ("x", "y")))])) == ["several-labels"]


def test_a_label_that_is_not_in_the_vocabulary_is_unknown() -> None:
    entries = [
        Record("one", "hello", voted("x")),
        Record("two", "bye", voted("z")),
        Record("three", "so", voted("x", "z")),
    ]
    assert reconciled(entries, vocabulary="xy").rejected == [("three", "unknown-label"), ("two", "unknown-label")]


def test_no_records_are_no_rows() -> None:
    assert reconciled([]) == Reconciled()


# What counts as the same text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Caf\u00e9", "Cafe\u0301"),
        ("a\u00a0b", "a b"),
        (" a\t\nb ", "a b"),
        ("HELLO", "hello"),
        ("Stra\u00dfe", "STRASSE"),
        ("\ufb01ne", "fine"),
        ("\uff21\uff11", "a1"),
        ("\u212b", "\u00e5"),
        ("\u0390", "\u0390".upper()),
    ],
)
def test_form_case_and_white_space_make_no_other_text(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)
    assert len(_of((one, "x"), (other, "x")).rows) == 1


@pytest.mark.parametrize(("one", "other"), [("a", "\u00e1"), ("a b", "ab"), ("a.", "a"), ("1", "I")])
def test_accents_punctuation_and_missing_spaces_do(one: str, other: str) -> None:
    assert len(_of((one, "x"), (other, "x")).rows) == 2


@STEADY
@given(st.text())
def test_a_normalised_text_stays_as_it_is(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert normalise(unicodedata.normalize("NFD", text)) == once
    assert normalise(f"\t{text}\u00a0") == once


# Published splits


@pytest.mark.parametrize("split", ["validation", "test"])
def test_rows_of_a_published_validation_or_test_split_are_merged_only_where_identical(split: str) -> None:
    outcome = _of(("hello", "x", split), ("Hello", "y", split), ("hello", "x", split))
    assert _rows(outcome) == [("Hello", "y"), ("hello", "x")]
    assert outcome.merged == [("record 02", "record 00")]


def test_rows_of_a_published_training_split_are_merged_after_normalisation() -> None:
    outcome = _of(("hello", "x", "train"), ("Hello", "x", "train"), ("bye", "y", "test"))
    assert len(outcome.rows) == 2
    assert len(outcome.merged) == 1


@pytest.mark.parametrize(("early", "late"), [("train", "test"), ("train", "validation"), ("validation", "test")])
def test_a_text_that_stands_in_a_later_split_is_rejected_from_the_earlier_one(early: str, late: str) -> None:
    outcome = _of((" HELLO ", "y", early), ("hello", "x", late))
    assert [(row.text, row.split) for row in outcome.rows] == [("hello", late)]
    assert outcome.rejected == [("record 00", "leak")]


def test_a_row_without_a_split_is_a_training_row_where_others_have_one() -> None:
    outcome = reconciled([Record("one", "hello", voted("x")), Record("two", "hello", voted("x"), "test")])
    assert _reasons(outcome) == ["leak"]


def test_a_published_test_row_never_changes_its_text_or_label_for_a_training_row() -> None:
    outcome = _of(("hello", "x", "test"), ("hello", "y", "train"), ("hello", "y", "train"))
    assert [(row.text, row.label, row.split) for row in outcome.rows] == [("hello", "x", "test")]
