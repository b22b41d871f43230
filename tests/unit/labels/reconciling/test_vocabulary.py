"""The label vocabulary: numbers that stay, and names that look like misspellings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.labels.reconciling.vocabulary import LookAlike, blanks, look_alikes, nearest, pinned
from tests.support.steady import STEADY

_names = st.sampled_from("abcdefgh")


# Pinned


@STEADY
@given(st.lists(_names, unique=True), st.sets(_names))
def test_a_label_keeps_its_number_and_new_ones_come_after_all(earlier: list[str], found: set[str]) -> None:
    labels = pinned(earlier, found)
    if found & set(earlier):
        assert labels[: len(earlier)] == tuple(earlier)
        assert list(labels[len(earlier) :]) == sorted(found - set(earlier))
    else:
        assert labels == tuple(sorted(found))


def test_a_label_that_is_gone_keeps_its_number() -> None:
    assert pinned(["refund", "login"], ["login"]) == ("refund", "login")


def test_labels_about_other_things_start_anew() -> None:
    assert pinned(["refund", "login"], ["cat", "dog"]) == ("cat", "dog")


@STEADY
@given(st.lists(_names, unique=True), st.sets(_names))
def test_to_pin_twice_changes_nothing(earlier: list[str], found: set[str]) -> None:
    once = pinned(earlier, found)
    assert pinned(once, found) == once


# Misspellings


@pytest.mark.parametrize(
    ("label", "meant"),
    [
        ("Refund", "refund"),
        ("refund ", "refund"),
        ("re-fund", "refund"),
        ("order status", "order_status"),
        ("caf\u00e9", "cafe"),
        ("refnd", "refund"),
        ("reffund", "refund"),
        ("rexund", "refund"),
        ("refudn", "refund"),
        ("efund", "refund"),
        ("refun", "refund"),
    ],
)
def test_a_rare_label_that_is_almost_a_frequent_one_is_told(label: str, meant: str) -> None:
    assert look_alikes({meant: 100, label: 2, "something else": 50}) == [LookAlike(label, meant)]


@pytest.mark.parametrize(
    ("counts"),
    [
        {"refund": 100, "refunds": 90},  # both frequent
        {"bat": 100, "cat": 1},  # short
        {"grade 1": 100, "grade 2": 1},  # numbers differ
        {"refund": 100, "reimburse": 1},
        {"refund": 100, "rfnudd": 1},  # more than one edit
        {"refund": 1},
        {},
    ],
)
def test_labels_that_differ_for_good_are_not(counts: dict[str, int]) -> None:
    assert look_alikes(counts) == []


@pytest.mark.parametrize("label", ["Refund", "REFUND", "refund ", "refund  "])
def test_labels_that_differ_in_case_or_white_space_alone_are_told_however_frequent(label: str) -> None:
    assert look_alikes({"refund": 100, label: 90}) == [LookAlike(label, "refund")]
    assert look_alikes({"refund": 90, label: 100}) == [LookAlike("refund", label)]
    assert len(look_alikes({"refund": 100, label: 100})) == 1


def test_names_that_differ_in_signs_are_other_labels() -> None:
    assert look_alikes({"C": 100, "C++": 90, "C#": 80}) == []


def test_labels_that_read_as_a_missing_value_are_told() -> None:
    assert blanks(["good", "NaN", "None", "n/a", "nano", "nothing"]) == ("NaN", "None", "n/a")


def test_of_several_that_it_looks_like_the_most_frequent_is_meant() -> None:
    assert look_alikes({"refund": 100, "refunds": 300, "refundz": 1}) == [LookAlike("refundz", "refunds")]


def test_a_label_that_was_known_before_is_never_a_misspelling_and_a_new_one_may_be_however_frequent() -> None:
    counts = {"refund": 2, "Refund": 100}
    assert look_alikes(counts, known=["refund"]) == [LookAlike("Refund", "refund")]
    assert look_alikes(counts, known=["refund", "Refund"]) == []


def test_ten_thousand_labels_are_no_trouble() -> None:
    counts = {f"label {number:05d} of many": 10 for number in range(10_000)}
    assert look_alikes(counts | {"label 00007 of mony": 1}) == [LookAlike("label 00007 of mony", "label 00007 of many")]


def test_what_is_not_in_the_vocabulary_is_compared_with_it() -> None:
    assert nearest("Refnd", ["login", "refund"]) == "refund"
    assert nearest("parcel", ["login", "refund"]) is None
    assert nearest("", ["", "a"]) == ""
