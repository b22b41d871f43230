"""The labels one by one: numbers that follow from the confusion matrix, and intervals that hold for few rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.report import by_label
from tests.support.evidence import evidence

counts = st.integers(0, 500)


@given(hits=counts, missed=counts, wrong=counts)
def test_f1_lies_in_its_interval_and_is_what_precision_and_recall_give(hits: int, missed: int, wrong: int) -> None:
    found = by_label.f1(hits, hits + missed + wrong)
    assert 0 <= found.low <= found.value <= found.high <= 1
    if hits:
        precision, recall = hits / (hits + wrong), hits / (hits + missed)
        assert found.value == pytest.approx(2 * precision * recall / (precision + recall))


def test_one_right_row_is_no_proof() -> None:
    one, many = by_label.f1(1, 1), by_label.f1(400, 400)
    assert one.value == many.value == 1
    assert one.low < 0.4
    assert many.low > 0.98


def test_wilsons_interval_is_the_published_one() -> None:
    # Newcombe (1998), table I: 81 of 263 has the score interval 0.2553 to 0.3662.
    assert by_label._wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_labels_have_the_f1_of_the_decision_and_all_test_rows() -> None:
    decision = evidence(tuple("abcdefgh")).decision
    found = by_label.labels(decision)
    assert {each.name: pytest.approx(each.f1.value) for each in found} == {
        each.label: each.f1 for each in decision.labels
    }
    assert sum(each.rows for each in found) == sum(each.said for each in found) == decision.test_rows
    assert [each.f1.value for each in found] == sorted(each.f1.value for each in found)


def test_a_label_without_a_row_stands_last() -> None:
    decision = evidence(("a", "b", "c")).decision
    confusion = tuple(
        tuple(0 if 0 in (row, column) else count for column, count in enumerate(counts))
        for row, counts in enumerate(decision.confusion)
    )
    labels = (decision.labels[0].model_copy(update={"f1": 0.0, "rows": 0}), *decision.labels[1:])
    found = by_label.labels(decision.model_copy(update={"confusion": confusion, "labels": labels}))
    assert found[-1].name == "a"
    assert found[-1].rows == found[-1].said == 0


def test_the_most_frequent_confusion_stands_first() -> None:
    decision = evidence(("a", "b")).decision.model_copy(update={"confusion": ((17, 3), (8, 12))})
    first, second = by_label.confusions(decision)
    assert (first.actual, first.predicted, first.count, first.rows) == ("b", "a", 8, 20)
    assert (second.actual, second.predicted, second.count, second.rows) == ("a", "b", 3, 20)
