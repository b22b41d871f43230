"""The labels one by one: all of them, the weakest first, and which are confused."""

from headstart.evaluation.shares import f1
from headstart.report import by_label
from tests.support.evidence import evidence


def test_every_label_stands_once_the_weakest_first_and_all_test_rows_are_there() -> None:
    decision = evidence(tuple("abcdefgh")).decision
    found = by_label.labels(decision)
    assert sorted(each.label for each in found) == list("abcdefgh")
    assert sum(each.rows for each in found) == sum(each.said for each in found) == decision.test_rows
    assert [each.f1.value for each in found] == sorted(each.f1.value for each in found)


def test_a_label_without_a_row_stands_last() -> None:
    decision = evidence(("a", "b", "c")).decision
    nothing = {"rows": 0, "said": 0, "hits": 0, "f1": f1(0, 0)}
    labels = (decision.labels[0].model_copy(update=nothing), *decision.labels[1:])
    assert by_label.labels(decision.model_copy(update={"labels": labels}))[-1].label == "a"


def test_the_most_frequent_confusion_stands_first() -> None:
    decision = evidence(("a", "b")).decision.model_copy(update={"confusion": ((17, 3), (8, 12))})
    first, second = by_label.confusions(decision)
    assert (first.actual, first.predicted, first.count, first.rows) == ("b", "a", 8, 20)
    assert (second.actual, second.predicted, second.count, second.rows) == ("a", "b", 3, 20)
