"""The account of every record."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.digest import sha256
from headstart.errors import DataError
from headstart.labels.reconcile import REASONS, Reconciled, Row, normalise, reconcile
from headstart.labels.records import Record, Reject
from headstart.spec import SPLITS
from headstart.tasks import get_task
from tests.support.exports import STEADY

# Few words, spelt in many ways, so that repeats, near repeats and conflicts abound.
_texts = st.sampled_from(["", " ", "a", "A", "a ", "caf\u00e9", "CAFE\u0301", "b\u00a0b", "b  b\n", "\u200b"])
_votes = st.lists(st.lists(st.sampled_from("xyz"), min_size=1, max_size=2).map(tuple), max_size=3).map(tuple)
_groups = st.sampled_from([None, "g", "h"])


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
        Record(f"record {number}", each.text, each.votes, each.split, each.group)
        if isinstance(each, Record)
        else Reject(f"record {number}", each.reason, each.content)
        for number, each in enumerate(entries)
    ]


_any = _entries(st.none()) | _entries(st.sampled_from([None, *SPLITS]))
_single = st.sampled_from("xyz").map(lambda label: ((label,),))


def _reconciled(entries: Sequence[Record | Reject], on_conflict: Any = "majority") -> Reconciled:
    return reconcile(entries, get_task("text-classification").vote_problem, on_conflict)


def _of(*records: tuple[str, str] | tuple[str, str, str], on_conflict: str = "majority") -> Reconciled:
    """The account of records of one vote each: text, label and maybe the published split."""
    return _reconciled(_placed([Record("", text, ((label,),), *split) for text, label, *split in records]), on_conflict)  # type: ignore[arg-type]


def _rows(outcome: Reconciled) -> list[tuple[str, str]]:
    return [(row.text, row.label) for row in outcome.rows]


def _reasons(outcome: Reconciled) -> list[str]:
    return [each.reason for each in outcome.rejected]


# The account adds up, whatever the records


@STEADY
@given(_any, st.sampled_from(["majority", "drop"]))
def test_every_record_is_accounted_for_once(entries: list[Record | Reject], on_conflict: str) -> None:
    outcome = _reconciled(entries, on_conflict)
    assert outcome.records == len(entries) == len(outcome.rows) + len(outcome.merged) + len(outcome.rejected)
    places = {each.place for each in entries}
    gone = [each.place for each in outcome.rejected] + [place for place, _ in outcome.merged]
    assert len(gone) == len(set(gone))
    into = {place for _, place in outcome.merged}
    assert into <= places - set(gone), "what is merged goes into a record that became a row"
    assert len(places - set(gone)) == len(outcome.rows)


@STEADY
@given(_any)
def test_every_reason_is_documented(entries: list[Record | Reject]) -> None:
    assert set(_reasons(_reconciled(entries))) <= set(REASONS)


@STEADY
@given(_entries(st.none()))
def test_every_vote_on_a_row_is_for_its_label_or_outvoted(entries: list[Record | Reject]) -> None:
    outcome = _reconciled(entries)
    lost = {each.place for each in outcome.rejected}
    kept = [each for each in entries if isinstance(each, Record) and each.place not in lost]
    label = {normalise(row.text): row.label for row in outcome.rows}
    votes = [vote == (label[normalise(each.text)],) for each in kept for vote in each.votes]
    assert outcome.outvoted == votes.count(False)


@STEADY
@given(_any)
def test_a_row_is_a_record_with_its_text_and_a_vote_for_its_label(entries: list[Record | Reject]) -> None:
    said = {(each.text, vote[0], each.group) for each in entries if isinstance(each, Record) for vote in each.votes}
    for row in _reconciled(entries).rows:
        assert (row.text, row.label, row.group) in said
        assert row.id == sha256(row.text.encode())


@STEADY
@given(_any)
def test_no_two_rows_have_the_same_text(entries: list[Record | Reject]) -> None:
    rows = _reconciled(entries).rows
    assert len({row.id for row in rows}) == len(rows)
    if not any(row.split for row in rows):
        assert len({normalise(row.text) for row in rows}) == len(rows)


@STEADY
@given(_entries(st.sampled_from(SPLITS)))
def test_no_text_of_a_published_split_stands_in_an_earlier_one(entries: list[Record | Reject]) -> None:
    rows = _reconciled(entries).rows
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

    assert said(_reconciled(shuffled)) == said(_reconciled(entries))


# Votes


def test_the_majority_of_annotators_decides() -> None:
    outcome = _reconciled([Record("one", "hello", (("x",), ("y",), ("x",)))])
    assert _rows(outcome) == [("hello", "x")]
    assert outcome.outvoted == 1


def test_votes_on_repeats_of_a_text_are_counted_together() -> None:
    outcome = _of(("hello", "y"), ("hello", "x"), ("Hello ", "x"))
    (row,) = outcome.rows
    assert (row.label, normalise(row.text)) == ("x", "hello")
    (kept,) = {into for _, into in outcome.merged}
    assert sorted(place for place, _ in outcome.merged) == sorted({"record 0", "record 1", "record 2"} - {kept})
    assert kept != "record 0", "the row is a record that voted for its label"
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
    with pytest.raises(DataError, match="votes differ: 'x' 2, 'y' 1") as caught:
        _of(("other", "x"), ("hello", "y"), ("hello", "x"), ("hello", "x"), on_conflict="error")
    assert caught.value.code == "data/conflict"
    assert caught.value.where == "record 1; record 2; record 3"


def test_on_conflict_error_lets_agreement_pass() -> None:
    assert _rows(_of(("hello", "x"), ("hello", "x"), on_conflict="error")) == [("hello", "x")]


# Rejection


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u00a0", "\u2003\u3000"])
def test_a_text_of_nothing_but_white_space_is_empty(text: str) -> None:
    assert _reasons(_of((text, "x"))) == ["empty-text"]


def test_a_record_without_votes_is_not_labeled() -> None:
    assert _reasons(_reconciled([Record("one", "hello", ())])) == ["not-labeled"]


def test_a_vote_for_several_labels_is_no_class() -> None:
    assert _reasons(_reconciled([Record("one", "hello", (("x",), ("x", "y")))])) == ["several-labels"]


def test_what_a_reader_rejected_stays_rejected_with_its_content() -> None:
    reject = Reject("line 1", "not-json", "{broken")
    assert _reconciled([reject]).rejected == [reject]


def test_what_is_rejected_here_keeps_its_text_and_votes() -> None:
    (rejected,) = _reconciled([Record("one", " ", (("x",),))]).rejected
    assert (rejected.place, rejected.content) == ("one", {"text": " ", "labels": (("x",),)})


def test_no_records_are_no_rows() -> None:
    assert _reconciled([]) == Reconciled()


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
    assert _rows(outcome) == [("hello", "x"), ("Hello", "y")]
    assert outcome.merged == [("record 2", "record 0")]


def test_rows_of_a_published_training_split_are_merged_after_normalisation() -> None:
    outcome = _of(("hello", "x", "train"), ("Hello", "x", "train"), ("bye", "y", "test"))
    assert len(outcome.rows) == 2
    assert len(outcome.merged) == 1


@pytest.mark.parametrize(("early", "late"), [("train", "test"), ("train", "validation"), ("validation", "test")])
def test_a_text_that_stands_in_a_later_split_is_rejected_from_the_earlier_one(early: str, late: str) -> None:
    outcome = _of((" HELLO ", "y", early), ("hello", "x", late))
    assert [(row.text, row.split) for row in outcome.rows] == [("hello", late)]
    assert [(each.place, each.reason) for each in outcome.rejected] == [("record 0", "leak")]


def test_a_row_without_a_split_is_a_training_row_where_others_have_one() -> None:
    outcome = _reconciled([Record("one", "hello", (("x",),)), Record("two", "hello", (("x",),), "test")])
    assert _reasons(outcome) == ["leak"]


def test_a_published_test_row_never_changes_its_text_or_label_for_a_training_row() -> None:
    outcome = _of(("hello", "x", "test"), ("hello", "y", "train"), ("hello", "y", "train"))
    assert outcome.rows == [Row(sha256(b"hello"), "hello", "x", "test", None)]
