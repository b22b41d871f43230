"""When a retraining is due."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.schedules.fingerprint import Fingerprint
from headstart.schedules.triggers import ASKED, Retraining, decide, kind_of
from headstart.spec import RetrainSpec
from tests.support.steady import STEADY

NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
SAME = Fingerprint(data="d", spec="s", backbones="b", code="c")
NEW_DATA = SAME.model_copy(update={"data": "other"})


def before(age: timedelta = timedelta(days=1)) -> Retraining:
    return Retraining(
        number=1, at=(NOW - age).isoformat(), fingerprint=SAME, reasons=("there was no retraining before",),
        dataset="1" * 64, decision="2" * 64, version="intents@1", promoted=True,
    )  # fmt: skip


def test_the_first_time_is_a_reason() -> None:
    assert decide(RetrainSpec(), None, SAME, 0, False, NOW) == (("there was no retraining before",), ())


def test_where_nothing_changed_nothing_is_done() -> None:
    assert decide(RetrainSpec(), before(), SAME, 0, True, NOW) == ((), ("nothing changed",))


@pytest.mark.parametrize(
    ("part", "reason"),
    [("spec", "the spec changed"), ("backbones", "a backbone changed"), ("code", "Headstart changed")],
)
def test_anything_but_data_that_changed_is_a_reason_whatever_the_label_budget(part: str, reason: str) -> None:
    now = SAME.model_copy(update={part: "other"})
    assert decide(RetrainSpec(new_labels=1000), before(), now, 0, True, NOW)[0] == (reason,)


def test_an_export_written_anew_with_the_same_labels_is_no_reason() -> None:
    assert decide(RetrainSpec(), before(), NEW_DATA, 0, True, NOW) == ((), ("the export differs, but no label does",))


def test_a_version_that_vanished_is_a_reason() -> None:
    assert decide(RetrainSpec(), before(), SAME, 0, False, NOW)[0] == ("intents@1 is no longer in the registry",)


@pytest.mark.parametrize(("changed", "due"), [(99, False), (100, True), (101, True)])
def test_new_labels_are_a_reason_once_there_are_enough(changed: int, due: bool) -> None:
    reasons, waiting = decide(RetrainSpec(new_labels=100), before(), NEW_DATA, changed, True, NOW)
    assert bool(reasons) == due
    assert waiting == (() if due else ("99 of 100 labels are new, changed or gone",))


@pytest.mark.parametrize(
    ("age", "changed", "due"),
    [
        (timedelta(days=30), 1, True),
        (timedelta(days=30) - timedelta(seconds=1), 1, False),
        (timedelta(days=300), 0, False),
    ],
)
def test_after_the_greatest_age_fewer_labels_are_enough_but_none_are_not(
    age: timedelta, changed: int, due: bool
) -> None:
    rule = RetrainSpec(new_labels=100, max_age="30d")
    assert bool(decide(rule, before(age), NEW_DATA, changed, True, NOW)[0]) == due


DRIFT = "drift in features (p 0.003)"


@pytest.mark.parametrize(("changed", "due"), [(0, False), (1, True)])
def test_where_texts_drifted_fewer_labels_are_enough_but_none_are_not(changed: int, due: bool) -> None:
    reasons, waiting = decide(RetrainSpec(new_labels=100), before(), NEW_DATA, changed, True, NOW, DRIFT)
    assert bool(reasons) == due
    told = f"there is {DRIFT} of the texts that were scored last"
    assert (reasons or waiting)[-1].startswith(told)
    assert due or waiting[-1].endswith("label some of them")


@STEADY
@given(
    new_labels=st.integers(1, 50),
    max_age=st.none() | st.sampled_from(["1h", "2d", "30d"]),
    age=st.timedeltas(timedelta(0), timedelta(days=60)),
    changed=st.integers(0, 60),
    now=st.sampled_from([SAME, NEW_DATA, SAME.model_copy(update={"code": "new"})]),
    stands=st.booleans(),
    drifted=st.sampled_from(["", DRIFT]),
)
def test_there_are_either_reasons_or_something_is_waited_for_and_more_labels_never_unmake_a_reason(
    new_labels: int, max_age: str | None, age: timedelta, changed: int, now: Fingerprint, stands: bool, drifted: str
) -> None:
    rule = RetrainSpec(new_labels=new_labels, max_age=max_age)
    reasons, waiting = decide(rule, before(age), now, changed, stands, NOW, drifted)
    assert bool(reasons) != bool(waiting)
    if reasons:
        assert decide(rule, before(age), now, changed + 1, stands, NOW, drifted)[0]
        assert decide(rule, before(age), now, changed, stands, NOW, DRIFT)[0]


def test_every_reason_has_a_word_of_its_own_for_metrics() -> None:
    first, _ = decide(RetrainSpec(), None, SAME, 0, False, NOW)
    other = Fingerprint(data="x", spec="x", backbones="x", code="x")
    all_of_them, _ = decide(RetrainSpec(), before(), other, 10**6, False, NOW)
    aged, _ = decide(RetrainSpec(new_labels=9, max_age="1h"), before(), NEW_DATA, 1, True, NOW)
    drifted, _ = decide(RetrainSpec(new_labels=9), before(), NEW_DATA, 1, True, NOW, DRIFT)
    assert [kind_of(each) for each in (*first, ASKED, *all_of_them, *aged, *drifted)] == [
        "first",
        "asked",
        "spec",
        "backbones",
        "code",
        "version",
        "labels",
        "labels",
        "drift",
    ]
