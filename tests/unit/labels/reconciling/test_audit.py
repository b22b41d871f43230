"""What stands on both sides of a split."""

import numpy as np
import pytest

from headstart.labels.reconciling import audit
from headstart.labels.reconciling.audit import MOST_TEXTS, SAMPLE
from headstart.split import TEST, TRAIN, VALIDATION, Places
from tests.support import shared_data
from tests.support.exports import import_export

LONG = "please send the parcel to my new address before friday"


def _places(*places: int) -> Places:
    return np.array(places, np.int8)


def test_a_test_row_that_is_almost_a_training_row_is_found_and_shown_with_it() -> None:
    leak = audit.near_duplicates(
        [f"{LONG}!", "something else entirely, I think", f"{LONG} x"], _places(TRAIN, TRAIN, TEST), 3
    )
    assert leak is not None
    assert (leak.kind, leak.count, leak.of) == ("near-duplicate", 1, 1)
    assert leak.words == "rows for test that are almost a row of another split, by 80% or more"
    ((one, text, other, like, similarity),) = leak.examples
    assert {(one, text), (other, like)} == {("train", f"{LONG}!"), ("test", f"{LONG} x")}
    assert 0.8 <= float(similarity) < 1


def test_a_test_row_like_many_training_rows_is_counted_once() -> None:
    texts = [f"{LONG}{end}" for end in ("", "!", "?", ".")]
    leak = audit.near_duplicates(texts, _places(TRAIN, TRAIN, TRAIN, TEST), 4)
    assert leak is not None
    assert leak.count == 1
    assert len(leak.examples) == 3


def test_rows_of_one_split_may_be_alike() -> None:
    assert audit.near_duplicates([LONG, f"{LONG}!"], _places(TRAIN, TRAIN), 2) is None
    assert audit.near_duplicates([LONG, f"{LONG}!"], _places(TEST, TEST), 2) is None


@pytest.mark.parametrize(
    ("places", "named"),
    [((TRAIN, VALIDATION), "validation"), ((TRAIN, TEST), "test"), ((VALIDATION, TEST), "test")],
)
def test_the_split_that_the_leak_harms_is_named(places: tuple[int, int], named: str) -> None:
    leak = audit.near_duplicates([LONG, f"{LONG}!"], _places(*places), 2)
    assert leak is not None
    assert f"rows for {named} that" in leak.words


def test_of_very_many_rows_a_sample_is_compared_that_favours_what_judges() -> None:
    places = np.array([TRAIN] * 90_000 + [TEST] * 6_000 + [VALIDATION] * 4_000, np.int8)
    chosen = audit.sample(places)
    assert len(chosen) == SAMPLE
    assert (np.diff(chosen) > 0).all()
    assert (places[chosen] != TRAIN).sum() == SAMPLE // 2
    assert (audit.sample(places) == chosen).all()
    assert (audit.sample(places, seed=1) != chosen).any()
    few = np.concatenate([np.zeros(MOST_TEXTS, np.int8), _places(TEST)])
    assert MOST_TEXTS in audit.sample(few)
    assert len(audit.sample(few[:MOST_TEXTS])) == MOST_TEXTS


def test_what_was_found_in_a_sample_is_said_to_be() -> None:
    leak = audit.near_duplicates([LONG, f"{LONG}!"], _places(TRAIN, TEST), 100_000)
    assert leak is not None
    assert leak.words.endswith("among 2 rows drawn at random of 100000")


def test_a_group_that_the_source_publishes_in_two_splits_is_named() -> None:
    leak = audit.groups(["ann", "bob", "ann", None, "bob"], _places(TRAIN, TRAIN, TEST, TEST, TRAIN))
    assert leak is not None
    assert (leak.count, leak.of, leak.examples) == (1, 2, (("ann", "train", "test"),))
    assert audit.groups(["ann", "ann", None, None], _places(TRAIN, TRAIN, TRAIN, TEST)) is None


def test_a_label_that_its_texts_name_and_no_others_do_is_told() -> None:
    texts = [f"my Refund number {n}" for n in range(9)] + [f"where is parcel {n}" for n in range(9)]
    leak = audit.labels_in_text(texts, ["refund"] * 9 + ["delivery"] * 9)
    assert leak is not None
    assert leak.examples == (("refund", "100% of its texts", "0.0% of the others"),)


@pytest.mark.parametrize(
    "texts",
    [
        ["my refund", "a refund", "no refund", "one refund"],  # others name it too
        ["my refund", "my money", "the sum", "one two three"],  # too few of its own do
    ],
)
def test_a_label_that_a_model_could_not_just_read_is_not(texts: list[str]) -> None:
    assert audit.labels_in_text(texts * 5, ["refund", "refund", "refund", "other one"] * 5) is None


def test_the_shortest_names_tell_nothing() -> None:
    assert audit.labels_in_text(["it is ok"] * 5 + ["it is bad"] * 5, ["ok"] * 5 + ["bad"] * 5) is None


def test_real_published_splits_are_looked_at() -> None:
    """Banking77's test questions are partly its training questions in slightly other words."""
    dataset = import_export(shared_data.folder("banking77"))
    leak = next(each for each in dataset.passport.leaks if each.kind == "near-duplicate")
    assert 0 < leak.count < leak.of
    for one, text, other, like, similarity in leak.examples:
        assert one != other
        assert text != like
        assert float(similarity) >= audit.THRESHOLD
