"""What needs a look: what is found, the gravest first."""

from typing import Any

from headstart.dataset import Dataset
from headstart.labels.reconciling.account import Rejected, Vocabulary
from headstart.passport import Leak
from headstart.report.notes import notes
from tests.support import hard, imported
from tests.support.evidence import evidence


def _dataset(**changes: Any) -> Dataset:
    made = imported.counted([40, 40])
    return made.model_copy(update={"reconciliation": made.reconciliation.model_copy(update=changes)})


def _rejected(reason: str, records: int) -> Dataset:
    rejected = (Rejected(reason=reason, records=records, examples=()),)
    return _dataset(records=80 + records, rejected=rejected)


def _titles(dataset: Dataset) -> list[str]:
    return [note.title for note in notes(dataset)]


def test_a_clean_import_has_none() -> None:
    assert notes(_dataset()) == []


def test_a_few_rejects_are_no_alarm_and_many_are() -> None:
    assert _titles(_rejected("empty-text", 4)) == []
    assert _titles(_rejected("empty-text", 5)) == ["Much is rejected"]


def test_ties_are_noted_however_few() -> None:
    assert _titles(_rejected("tie", 1)) == ["Ties"]


def test_every_leak_is_noted() -> None:
    passport = evidence().dataset.passport
    leaks = tuple(
        Leak(kind=kind, count=2, of=9, words="cases", examples=())
        for kind in ("near-duplicate", "group", "label-in-text")
    )
    dataset = _dataset().model_copy(update={"passport": passport.model_copy(update={"leaks": leaks})})
    assert [(note.title, note.strong) for note in notes(dataset)] == [
        ("Near duplicates", True),
        ("Parted groups", True),
        ("Labels in texts", True),
    ]


def test_a_split_without_rows_is_graver_than_one_that_lacks_a_label() -> None:
    lacking = evidence().dataset.passport.model_copy(update={"notes": ("no test row has x",)})
    dataset = _dataset().model_copy(update={"passport": lacking})
    assert [note.strong for note in notes(dataset)] == [False]
    without = dataset.model_copy(update={"sizes": {"train": 80, "validation": 0, "test": 0}})
    assert [note.strong for note in notes(without)] == [True]


def test_the_gravest_stand_first() -> None:
    strong = [note.strong for note in notes(imported.everything(hard.NAMES))]
    assert strong == sorted(strong, reverse=True)
    assert {True, False} == set(strong)


def test_many_labels_are_named_in_short() -> None:
    labels = tuple(f"l{number}" for number in range(1000))
    (note,) = notes(_dataset(vocabulary=Vocabulary(new=labels)))
    assert "l4" in note.text
    assert "l5" not in note.text
    assert note.text.endswith(" and 995 more")


def test_a_label_turns_nothing_around_and_does_not_run_on() -> None:
    (note,) = notes(_dataset(vocabulary=Vocabulary(gone=("\u202e" + "x" * 999,))))
    assert "\u202e" not in note.text
    assert len(note.text) < 150
