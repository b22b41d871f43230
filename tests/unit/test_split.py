"""Dividing rows into train, validation and test."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from headstart.digest import sha256
from headstart.labels.reconcile import Row
from headstart.spec import Split
from headstart.split import assign, group_of
from tests.support.exports import STEADY, split_of


def _row(text: str, label: str = "x", group: str | None = None, split: Split | None = None) -> Row:
    return Row(sha256(text.encode()), text, label, split, group)


def _assigned(rows: Sequence[Row], **spec: Any) -> dict[Row, Split]:
    return dict(zip(rows, assign(rows, split_of(**spec)), strict=True))


def _many(count: int, labels: int = 2, **changes: Any) -> list[Row]:
    return [_row(f"message {number}", f"label{number % labels}", **changes) for number in range(count)]


def _initials(rows: Sequence[Row], **spec: Any) -> str:
    """A letter a row: t for train, v for validation, T for test."""
    letters = {"train": "t", "validation": "v", "test": "T"}
    return "".join(letters[split] for split in assign(rows, split_of(**spec)))


_rows = st.lists(
    st.builds(
        _row,
        st.text(min_size=1, max_size=3),
        st.sampled_from("xyz"),
        st.sampled_from([None, "g", "h", "i"]),
    ),
    unique_by=lambda row: row.id,
    max_size=20,
)
_ungrouped = _rows.map(lambda rows: [_row(row.text, row.label) for row in rows])
_published = st.lists(
    st.builds(
        _row,
        st.sampled_from(["a", "A", "b", "B", "c", "caf\u00e9", "cafe\u0301"]),
        st.sampled_from("xy"),
        st.none(),
        st.sampled_from([None, "train", "validation", "test"]),
    ),
    max_size=10,
)
_shares = st.sampled_from([(0.2, 0.1), (0.0, 0.0), (0.5, 0.4), (0.0, 0.3), (0.9, 0.05)])


def test_the_splits_of_known_rows_are_those_of_every_release() -> None:
    # Never to be changed: yesterday's test rows would become training rows.
    assert _initials(_many(24)) == "ttttTttttttttttvtttTtvtt"
    grouped = [_row(f"message {number}", group=f"customer {number // 2}") for number in range(16)]
    assert _initials(grouped, seed=7) == "ttttttTTTTtttttt"


def test_the_shares_are_met_on_average() -> None:
    found = Counter(_assigned(_many(10_000)).values())
    # Three standard deviations of a binomial.
    assert abs(found["test"] - 2000) < 120
    assert abs(found["validation"] - 1000) < 90


def test_the_labels_share_the_splits_alike() -> None:
    found = Counter((row.label, split) for row, split in _assigned(_many(10_000, labels=4)).items())
    assert all(abs(found[f"label{number}", "test"] - 500) < 60 for number in range(4))


@STEADY
@given(_rows, _shares, st.integers(0, 5))
def test_every_row_has_one_split(rows: list[Row], shares: tuple[float, float], seed: int) -> None:
    test, validation = shares
    found = assign(rows, split_of(test=test, validation=validation, seed=seed))
    assert len(found) == len(rows)
    assert test > 0 or "test" not in found
    assert validation > 0 or "validation" not in found


@STEADY
@given(_rows, _shares, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_decides_nothing(rows: list[Row], shares: tuple[float, float], random: Any) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    spec = {"test": shares[0], "validation": shares[1]}
    assert _assigned(shuffled, **spec) == _assigned(rows, **spec)


@STEADY
@given(_ungrouped, _ungrouped, _shares)
def test_rows_that_are_added_move_no_test_row_into_training(
    rows: list[Row], more: list[Row], shares: tuple[float, float]
) -> None:
    spec = {"test": shares[0], "validation": shares[1]}
    known = {row.id for row in rows}
    before, after = _assigned(rows, **spec), _assigned(rows + [row for row in more if row.id not in known], **spec)
    moved = {row for row in rows if after[row] != before[row]}
    # The one exception: a row that stood in for its label, which had no other training row, goes to its own place.
    assert all(before[row] == "train" for row in moved)
    for label in {row.label for row in moved}:
        assert len({group_of(row) for row in moved if row.label == label}) == 1


def test_a_new_label_in_a_group_of_test_rows_moves_none_of_them_into_training() -> None:
    rows = [_row("0", "x"), _row("2", "x", "g")]
    before = _assigned(rows, test=0.5, validation=0.4)
    assert before[rows[1]] == "test"
    after = _assigned([*rows, _row("1", "y", "g")], test=0.5, validation=0.4)
    assert after[rows[1]] == "test"


def test_where_every_label_has_training_rows_those_that_are_added_move_nothing() -> None:
    rows = _many(500)
    before, after = _assigned(rows), _assigned(_many(1000))
    assert all(after[row] == before[row] for row in rows)


def test_a_larger_validation_share_moves_no_test_row() -> None:
    rows = _many(500)
    small, large = _assigned(rows, validation=0.1), _assigned(rows, validation=0.4)
    assert [row for row in rows if small[row] == "test"] == [row for row in rows if large[row] == "test"]
    assert all(large[row] == "validation" for row in rows if small[row] == "validation")


def test_another_seed_is_another_split() -> None:
    rows = _many(500)
    assert _assigned(rows, seed=0) != _assigned(rows, seed=1)


@STEADY
@given(_rows, _shares)
def test_a_group_is_never_divided(rows: list[Row], shares: tuple[float, float]) -> None:
    found: dict[str | None, set[Split]] = defaultdict(set)
    for row, split in _assigned(rows, test=shares[0], validation=shares[1]).items():
        found[row.group].add(split)
    assert all(len(splits) == 1 for group, splits in found.items() if group is not None)


@STEADY
@given(st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=12, unique=True), st.integers(0, 3))
def test_texts_that_differ_in_form_case_or_white_space_stay_together(texts: list[str], seed: int) -> None:
    rows = [_row(text) for text in texts]
    twins = [_row(f" {unicodedata.normalize('NFD', text).casefold()}\u00a0", "y") for text in texts]
    found = _assigned(rows + twins, seed=seed, test=0.4, validation=0.3)
    assert all(found[row] == found[twin] for row, twin in zip(rows, twins, strict=True))


def test_a_group_is_no_text_of_the_same_name() -> None:
    assert group_of(_row("hello", group="world")) != group_of(_row("world"))
    assert group_of(_row("hello", group="")) != group_of(_row("hello"))


@STEADY
@given(_rows, _shares)
def test_every_label_that_has_a_group_to_itself_has_a_training_row(
    rows: list[Row], shares: tuple[float, float]
) -> None:
    found = _assigned(rows, test=shares[0], validation=shares[1])
    labels_of: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        labels_of[group_of(row)].add(row.label)
    alone = {next(iter(labels)) for labels in labels_of.values() if len(labels) == 1}
    assert alone <= {row.label for row, split in found.items() if split == "train"}


def test_a_label_of_one_row_keeps_it_for_training_under_any_seed() -> None:
    rows = [*_many(50), _row("the only one", "rare")]
    assert all(_assigned(rows, seed=seed)[rows[-1]] == "train" for seed in range(50))


@STEADY
@given(_published, _shares)
def test_published_validation_and_test_rows_stay_where_they_are(rows: list[Row], shares: tuple[float, float]) -> None:
    for row, split in zip(rows, assign(rows, split_of(test=shares[0], validation=shares[1])), strict=True):
        assert row.split not in ("validation", "test") or split == row.split


def test_what_a_published_split_lacks_is_carved_out_of_its_training_rows() -> None:
    train = _many(1000, split="train")
    tested = Counter(_assigned([*train, _row("other", split="test")]).values())
    assert tested["test"] == 1
    assert 50 < tested["validation"] < 150
    validated = Counter(_assigned([*train, _row("other", split="validation")]).values())
    assert validated["validation"] == 1
    assert 140 < validated["test"] < 260


def test_where_all_splits_are_published_nothing_moves() -> None:
    rows = [*_many(50, split="train"), _row("one", split="validation"), _row("two", split="test")]
    assert _assigned(rows) == {row: row.split for row in rows}


def test_no_rows_have_no_splits() -> None:
    assert assign([], split_of()) == []
