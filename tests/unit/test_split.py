"""Dividing rows into train, validation and test."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.spec import SPLITS, Split
from headstart.split import NOTHING_KNOWN, Known, Placeable, assign
from tests.support.exports import split_of
from tests.support.steady import STEADY


@dataclass(frozen=True)
class Row:
    """A row to be placed: what it is placed with, its label, where it is published, and when it is from."""

    unit: str
    label: str = "x"
    split: Split | None = None
    time: float = 0.0


def _digests(units: Sequence[str]) -> Any:
    joined = b"".join(hashlib.sha256(unit.encode()).digest()[:16] for unit in units)
    return np.frombuffer(joined, np.uint64).reshape(-1, 2)


def _placeable(rows: Sequence[Row]) -> Placeable:
    labels = sorted({row.label for row in rows})
    return Placeable(
        _digests([row.unit for row in rows]),
        np.array([labels.index(row.label) for row in rows], np.int64),
        np.array([SPLITS.index(row.split) if row.split else -1 for row in rows], np.int8),
        np.array([row.time for row in rows], np.float64),
    )


def _placed(rows: Sequence[Row], known: Known = NOTHING_KNOWN, **spec: Any) -> list[Split]:
    return [SPLITS[place] for place in assign(_placeable(rows), split_of(**spec), known).tolist()]


def _by_row(rows: Sequence[Row], known: Known = NOTHING_KNOWN, **spec: Any) -> dict[Row, Split]:
    return dict(zip(rows, _placed(rows, known, **spec), strict=True))


def _known(places: Mapping[Row, Split]) -> Known:
    return Known.of(
        _digests([row.unit for row in places]), np.array([SPLITS.index(each) for each in places.values()], np.int8)
    )


def _many(count: int, labels: int = 2, **changes: Any) -> list[Row]:
    return [Row(f"message {number}", f"label{number % labels}", **changes) for number in range(count)]


def _counts(places: Mapping[Row, Split]) -> dict[str, Counter[Split]]:
    """The rows of each label in each split."""
    counts: dict[str, Counter[Split]] = defaultdict(Counter)
    for row, split in places.items():
        counts[row.label][split] += 1
    return counts


_units = st.sampled_from([f"unit {number}" for number in range(12)])
_rows = st.lists(st.builds(Row, _units, st.sampled_from("xyz")), max_size=20, unique=True)
_alone = st.lists(
    st.builds(Row, st.text(max_size=3), st.sampled_from("xyz")), max_size=25, unique_by=lambda row: row.unit
)
_published = st.lists(
    st.builds(Row, _units, st.sampled_from("xy"), st.sampled_from([None, *SPLITS])), max_size=10, unique=True
)
_shares = st.sampled_from([(0.2, 0.1), (0.0, 0.0), (0.5, 0.4), (0.0, 0.3), (0.9, 0.05)])


def test_the_splits_of_known_rows_are_those_of_every_release() -> None:
    # Never to be changed: who starts anew on the same rows would judge by others.
    letters = {"train": "t", "validation": "v", "test": "T"}
    assert "".join(letters[split] for split in _placed(_many(24))) == "tvvttttTTtttttTtTtvvttTt"
    grouped = [Row(f"customer {number // 2}") for number in range(16)]
    assert "".join(letters[split] for split in _placed(grouped, seed=7)) == "TTttttvvttTTtttt"


# Shares


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("labels", [2, 7, 30])
def test_every_label_has_its_share_in_every_split(labels: int, seed: int) -> None:
    for counts in _counts(_by_row(_many(3000, labels), seed=seed)).values():
        rows = counts.total()
        assert abs(counts["test"] - 0.2 * rows) <= 1
        # A unit that may judge one day does not train, so that more than enough may choose.
        assert -1 <= counts["validation"] - 0.1 * rows <= 4 * np.sqrt(0.21 * rows)


def test_labels_of_few_rows_have_their_share_together() -> None:
    found = Counter(_placed(_many(3000, labels=1500)))
    assert 540 < found["test"] <= 600  # a label's last row trains
    assert 200 < found["validation"] < 700


@STEADY
@given(_rows, _shares, st.integers(0, 5))
def test_every_row_has_one_split(rows: list[Row], shares: tuple[float, float], seed: int) -> None:
    test, validation = shares
    found = _placed(rows, test=test, validation=validation, seed=seed)
    assert len(found) == len(rows)
    assert test > 0 or "test" not in found
    assert validation > 0 or "validation" not in found


@STEADY
@given(_rows, _shares, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_decides_nothing(rows: list[Row], shares: tuple[float, float], random: Any) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    spec = {"test": shares[0], "validation": shares[1]}
    assert _by_row(shuffled, **spec) == _by_row(rows, **spec)


def test_another_seed_is_another_split() -> None:
    assert _placed(_many(500), seed=0) != _placed(_many(500), seed=1)


# Growth


@STEADY
@given(_alone, _alone, _shares)
def test_no_row_that_judged_trains_once_others_are_added(
    rows: list[Row], more: list[Row], shares: tuple[float, float]
) -> None:
    spec = {"test": shares[0], "validation": shares[1]}
    units = {row.unit for row in rows}
    before = _by_row(rows, **spec)
    after = _by_row(rows + [row for row in more if row.unit not in units], **spec)
    assert not [row for row in rows if before[row] == "test" and after[row] == "train"]


def test_no_row_that_trained_judges_once_others_are_added_where_its_label_had_other_rows_to_train() -> None:
    before, after = _by_row(_many(500)), _by_row(_many(1000))
    assert not [row for row in before if before[row] == "train" and after[row] == "test"]
    assert sum(before[row] != after[row] for row in before) < 50


@STEADY
@given(_rows, _rows, _shares, st.integers(0, 3))
def test_what_an_earlier_import_has_placed_stays_in_place(
    rows: list[Row], more: list[Row], shares: tuple[float, float], seed: int
) -> None:
    before = _by_row(rows, test=0.4, validation=0.3)
    place = {row.unit: split for row, split in before.items()}
    after = _by_row(rows + more, _known(before), test=shares[0], validation=shares[1], seed=seed)
    assert all(place.get(row.unit, split) == split for row, split in after.items())


def test_rows_that_are_added_fill_what_earlier_ones_left_short() -> None:
    before = dict.fromkeys(_many(100), "train")
    counts = _counts(_by_row(_many(1000), _known(before)))  # type: ignore[arg-type]
    assert all(abs(each["test"] - 100) <= 1 for each in counts.values())


# Units


@STEADY
@given(_rows, _shares)
def test_a_unit_is_never_divided(rows: list[Row], shares: tuple[float, float]) -> None:
    found: dict[str, set[Split]] = defaultdict(set)
    for row, split in _by_row(rows, test=shares[0], validation=shares[1]).items():
        found[row.unit].add(split)
    assert all(len(splits) == 1 for splits in found.values())


def test_groups_of_very_different_size_meet_the_shares_as_far_as_they_can() -> None:
    rows = [Row(f"group {number % 97 // (1 + number % 7)}", f"label{number % 3}") for number in range(3000)]
    found = Counter(_placed(rows))
    assert abs(found["test"] - 600) < 120


@STEADY
@given(_rows, _shares)
def test_every_label_that_has_a_unit_to_itself_has_a_training_row(rows: list[Row], shares: tuple[float, float]) -> None:
    found = _by_row(rows, test=shares[0], validation=shares[1])
    labels_of: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        labels_of[row.unit].add(row.label)
    alone = {next(iter(labels)) for labels in labels_of.values() if len(labels) == 1}
    assert alone <= {row.label for row, split in found.items() if split == "train"}


def test_a_label_of_one_row_keeps_it_for_training_under_any_seed() -> None:
    rows = [*_many(50), Row("the only one", "rare")]
    assert all(_by_row(rows, seed=seed)[rows[-1]] == "train" for seed in range(50))


# Published splits


@STEADY
@given(_published, _shares)
def test_published_validation_and_test_rows_stay_where_they_are(rows: list[Row], shares: tuple[float, float]) -> None:
    for row, split in zip(rows, _placed(rows, test=shares[0], validation=shares[1]), strict=True):
        assert row.split not in ("validation", "test") or split == row.split


def test_what_a_published_split_lacks_is_carved_out_of_its_training_rows() -> None:
    train = _many(1000, split="train")
    tested = Counter(_placed([*train, Row("other", split="test")]))
    assert (tested["test"], tested["validation"]) == (1, 106)
    validated = Counter(_placed([*train, Row("other", split="validation")]))
    assert validated["validation"] == 1
    assert 140 < validated["test"] < 260


def test_where_all_splits_are_published_nothing_moves() -> None:
    rows = [*_many(50, split="train"), Row("one", split="validation"), Row("two", split="test")]
    assert _by_row(rows) == {row: row.split for row in rows}


def test_no_rows_have_no_splits() -> None:
    assert _placed([]) == []
    assert _placed([], time="when") == []


# By time


@STEADY
@given(st.lists(st.builds(Row, _units, time=st.integers(0, 9).map(float)), max_size=20), _shares)
def test_nothing_that_judges_is_older_than_what_chooses_or_trains(rows: list[Row], shares: tuple[float, float]) -> None:
    latest: dict[str, float] = defaultdict(float)
    for row in rows:
        latest[row.unit] = max(latest[row.unit], row.time)
    found = _placed(rows, time="when", test=shares[0], validation=shares[1])
    times = {
        split: [latest[row.unit] for row, each in zip(rows, found, strict=True) if each == split] for split in SPLITS
    }
    for earlier, later in (("train", "validation"), ("validation", "test"), ("train", "test")):
        if times[earlier] and times[later]:  # type: ignore[index]
            assert max(times[earlier]) < min(times[later])  # type: ignore[index]


def test_the_latest_rows_judge_and_those_before_them_choose() -> None:
    rows = [Row(f"message {number}", time=float(number)) for number in range(100)]
    found = _by_row(rows[::-1], time="when")
    assert [row.time for row, split in found.items() if split == "test"] == [float(each) for each in range(99, 79, -1)]
    assert [row.time for row, split in found.items() if split == "validation"] == [
        float(each) for each in range(79, 69, -1)
    ]


def test_rows_of_one_moment_are_not_parted() -> None:
    rows = [Row(f"message {number}", time=float(number // 30)) for number in range(100)]
    assert Counter(_by_row(rows, time="when").values()) == {"test": 40, "train": 60}


def test_a_group_goes_by_its_latest_row() -> None:
    rows = [Row(f"message {number}", time=float(number)) for number in range(10)]
    found = _placed([*rows, Row("message 9", time=0.0)], time="when")
    assert found[-1] == found[9] == "test"
