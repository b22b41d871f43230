"""From an export to a dataset."""

import itertools
import json
import os
import random
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.dataset import Dataset, Rows
from headstart.digest import sha256
from headstart.errors import DataError, IntegrityError
from headstart.labels.reasons import REASONS
from headstart.labels.reconciling.normal import normalise
from headstart.labels.records import Record
from headstart.spec import SPLITS
from headstart.tasks import get_task
from headstart.workspace import Workspace
from tests.support import exports, reading, shared_data
from tests.support.exports import choice, import_export, in_memory, lines, maps, task, texts_by_split
from tests.support.steady import STEADY

pytestmark = pytest.mark.slow

# The table of examples/README.md: tasks that became no row, and why.
EXAMPLE_LABELS = {
    "order_status": 46,
    "cancel_order": 45,
    "return_item": 45,
    "refund_status": 45,
    "damaged_item": 45,
    "change_address": 44,
    "payment_problem": 45,
    "product_question": 46,
    "account_access": 44,
    "discount_code": 44,
}


def _rejected(dataset: Dataset, workspace: Workspace) -> list[dict[str, Any]]:
    assert dataset.reconciliation.rejects is not None
    return [json.loads(line) for line in workspace.blobs.read(dataset.reconciliation.rejects).splitlines()]


def _labels(dataset: Dataset) -> Counter[str]:
    found: Counter[str] = Counter()
    for split in SPLITS:
        found.update(dataset.counts[split])
    return found


# The account


def test_the_example_is_accounted_for_as_its_readme_says() -> None:
    dataset = import_export(exports.EXAMPLE)
    account = dataset.reconciliation
    assert (account.records, account.rows, account.merged, account.rejected_records) == (505, 449, 12 + 8, 36)
    assert exports.counts_by_reason(dataset) == {
        "tie": 6 + 3,
        "skipped": 8,
        "not-labeled": 6 + 4,
        "empty-text": 5,
        "no-text": 2,
        "several-labels": 2,
    }
    assert account.outvoted == 5
    assert account.adds_up()
    assert _labels(dataset) == EXAMPLE_LABELS


def test_the_summary_says_the_account() -> None:
    summary = import_export(exports.EXAMPLE).summary()
    assert summary.startswith("505 records = 449 rows + 20 merged + 36 rejected; 10 labels; ")


def test_every_rejected_record_is_kept_with_its_place_and_reason() -> None:
    workspace = in_memory()
    dataset = import_export(exports.EXAMPLE, workspace)
    kept = _rejected(dataset, workspace)
    assert Counter(each["reason"] for each in kept) == exports.counts_by_reason(dataset)
    by_id = {each["id"]: each for each in json.loads(exports.EXAMPLE.read_text())}
    for each in kept:
        said = by_id[int(each["place"].rpartition(" ")[2])]["data"].get("text")
        assert said == (each["record"]["data"].get("text") if "record" in each else each["text"])
        assert each["why"] == REASONS[each["reason"]]


def test_the_first_records_of_each_reason_are_named(tmp_path: Path) -> None:
    path = exports.csv_file(tmp_path / "rows.csv", maps([*lines(), *(("", "x") for _ in range(7))]))
    (reason,) = import_export(path).reconciliation.rejected
    assert reason.records == 7
    assert reason.examples == tuple((f"rows.csv, line {line}", "") for line in range(62, 67))


def test_where_nothing_is_rejected_there_is_no_file_of_rejected_records(tmp_path: Path) -> None:
    account = import_export(exports.csv_file(tmp_path / "rows.csv", maps(lines()))).reconciliation
    assert account.rejects is None
    assert account.rejected == ()


@pytest.mark.parametrize(
    "content", [float("nan"), float("inf"), "half \ud83d", {"a": [float("nan")]}, {"\ud83d": 1}, [[[[]]]], 10**40]
)
def test_a_rejected_record_can_be_kept_whatever_it_holds(tmp_path: Path, content: object) -> None:
    workspace = in_memory()
    rows = [*maps(lines()), {"text": "hello", "label": {"content": content}}]
    dataset = import_export(exports.jsonl_file(tmp_path / "rows.jsonl", rows), workspace)
    (kept,) = _rejected(dataset, workspace)
    assert (kept["reason"], kept["place"]) == ("bad-label", "rows.jsonl, line 61")
    assert "content" in str(kept["record"])


def test_the_files_are_named_with_their_format_and_why(tmp_path: Path) -> None:
    exports.csv_file(tmp_path / "a.csv", maps(lines()))
    exports.jsonl_file(tmp_path / "b.json", maps(lines(prefix="note")))
    sources = import_export(tmp_path).reconciliation.sources
    assert [(each.name, each.format) for each in sources] == [("a.csv", "csv"), ("b.json", "jsonl")]
    assert sources[1].reason == "its first line is a JSON object"


_table: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.sampled_from(["", " ", "a", "A", "cafe\u0301", "caf\u00e9", "b\u00a0b", "b b"])
            | st.text(max_size=4)
            | st.none(),
            "label": st.sampled_from(["x", "y", " x", "", None, 1, True, 1.5, ["x"], ["x", "y"], [], {}]),
        },
        optional={
            "split": st.sampled_from(["train", "dev", "test", "", "nowhere"]),
            "customer": st.sampled_from(["c", "d", None, 1]),
        },
    ),
    max_size=25,
)


@STEADY
@given(_table, st.sampled_from(["majority", "drop"]), st.booleans())
def test_any_table_adds_up(tmp_path: Path, rows: list[dict[str, Any]], on_conflict: str, grouped: bool) -> None:
    rows = [
        *({"text": f"message {number}", "label": "xy"[number % 2], "customer": str(number)} for number in range(60)),
        *rows,
    ]
    path = exports.jsonl_file(tmp_path / "rows.jsonl", rows)
    workspace = in_memory()
    dataset = import_export(
        path,
        workspace,
        task_="text-classification",
        on_conflict=on_conflict,
        split={"group_by": "customer" if grouped else None},
    )
    account = dataset.reconciliation
    assert account.records == len(rows)
    assert account.adds_up()
    found = texts_by_split(dataset, workspace)
    assert [len(found[split]) for split in SPLITS] == [dataset.rows(split) for split in SPLITS]
    assert sum(map(len, found.values())) == account.rows


# What decides the content


def test_the_order_of_the_export_changes_nothing(tmp_path: Path) -> None:
    export = json.loads(exports.EXAMPLE.read_text())
    contents = set()
    for seed in range(3):
        random.Random(seed).shuffle(export)
        path = exports.tasks_file(tmp_path / "export.json", export)
        contents.add(import_export(path, split={"group_by": "customer"}).content)
    assert len(contents) == 1


def test_the_order_of_an_export_without_near_repeats_changes_nothing(tmp_path: Path) -> None:
    rows = maps([*lines(), *lines(20)])
    made = {import_export(exports.csv_file(tmp_path / "rows.csv", order)).content for order in (rows, rows[::-1])}
    assert len(made) == 1


@pytest.mark.parametrize("twin", ["Message 3", "message  3", "message\u00a03"])
def test_the_order_of_near_repeats_changes_nothing(tmp_path: Path, twin: str) -> None:
    rows = maps([*lines(), (twin, "label1")])
    made = {import_export(exports.csv_file(tmp_path / "rows.csv", order)).content for order in (rows, rows[::-1])}
    assert len(made) == 1


def test_the_order_of_repeats_in_different_groups_changes_nothing(tmp_path: Path) -> None:
    rows = [row | {"customer": str(number)} for number, row in enumerate(maps([*lines(), ("message 3", "label1")]))]
    made = set()
    for order in (rows, rows[::-1]):
        path = exports.csv_file(tmp_path / "rows.csv", order)
        made.add(import_export(path, split={"group_by": "customer"}).content)
    assert len(made) == 1


def test_the_files_that_hold_the_rows_change_nothing(tmp_path: Path) -> None:
    rows = maps(lines(80))
    whole = import_export(exports.csv_file(tmp_path / "whole.csv", rows))
    (tmp_path / "parts").mkdir()
    exports.csv_file(tmp_path / "parts" / "1.csv", rows[50:])
    exports.jsonl_file(tmp_path / "parts" / "2.jsonl", rows[20:50])
    exports.parquet_file(tmp_path / "parts" / "3.parquet", rows[:20])
    assert import_export(tmp_path / "parts").content == whole.content


def test_labels_of_other_names_are_another_dataset_for_later_steps(tmp_path: Path) -> None:
    rows = [{"text": f"{'good' if number % 2 else 'bad'} {number}", "label": "ab"[number % 2]} for number in range(40)]
    renamed = [row | {"label": {"a": "x", "b": "y"}[row["label"]]} for row in rows]
    one, other = (
        import_export(exports.csv_file(tmp_path / name, each)) for name, each in (("ab.csv", rows), ("xy.csv", renamed))
    )
    assert one.content == other.content
    assert one.identity != other.identity
    assert one.identity == import_export(exports.csv_file(tmp_path / "again.csv", rows[::-1])).identity


def test_every_format_gives_the_same_dataset_of_the_same_rows(tmp_path: Path) -> None:
    path = shared_data.folder("sms_spam") / "sms.tsv"
    pairs = [line.split("\t", 1) for line in path.read_text(encoding="utf-8").strip().split("\n")]
    rows = [{"text": text, "label": label} for label, text in pairs]
    assert len(rows) == 5574
    made = [
        import_export(exports.csv_file(tmp_path / "sms.csv", rows)),
        import_export(exports.csv_file(tmp_path / "sms.tsv", rows, "\t")),
        import_export(exports.jsonl_file(tmp_path / "sms.jsonl", rows)),
        import_export(exports.parquet_file(tmp_path / "sms.parquet", rows)),
        import_export(
            exports.tasks_file(tmp_path / "sms.json", exports.tasks((row["text"], row["label"]) for row in rows))
        ),
    ]
    assert {each.content for each in made} == {made[0].content}
    assert {each.identity for each in made} == {made[0].identity}
    assert {tuple(each.files_of(split)[0] for split in SPLITS) for each in made} == {
        tuple(made[0].files_of(split)[0] for split in SPLITS)
    }
    assert all(each.reconciliation.records == 5574 and each.reconciliation.adds_up() for each in made)


@pytest.mark.parametrize(
    "change",
    [
        {"split": {"seed": 1}},
        {"split": {"test": 0.3}},
        {"split": {"group_by": "customer"}},
    ],
)
def test_another_division_is_another_content(tmp_path: Path, change: dict[str, Any]) -> None:
    rows = [row | {"customer": str(number // 3)} for number, row in enumerate(maps(lines()))]
    path = exports.csv_file(tmp_path / "rows.csv", rows)
    assert import_export(path).content != import_export(path, **change).content


def test_a_row_that_changes_its_split_changes_the_content_though_all_stay_in_order(tmp_path: Path) -> None:
    rows = sorted(maps(lines(24)), key=lambda row: sha256(row["text"].encode()))
    contents = set()
    for train in (19, 20):
        splits = ["train"] * train + ["validation"] * (22 - train) + ["test"] * 2
        published = [row | {"split": split} for row, split in zip(rows, splits, strict=True)]
        contents.add(import_export(exports.csv_file(tmp_path / "rows.csv", published)).content)
    assert len(contents) == 2


def test_another_label_or_text_is_another_content(tmp_path: Path) -> None:
    rows = lines()
    contents = set()
    for changed in (rows[0], (rows[0][0], "label1"), (rows[0][0] + "!", rows[0][1])):
        contents.add(import_export(exports.csv_file(tmp_path / "rows.csv", maps([changed, *rows[1:]]))).content)
    assert len(contents) == 3


def test_a_new_account_of_the_same_rows_is_no_other_content(tmp_path: Path) -> None:
    clean = import_export(exports.csv_file(tmp_path / "clean.csv", maps(lines())))
    soiled = import_export(
        exports.csv_file(tmp_path / "soiled.csv", maps([*lines(), ("", "x"), ("message 3", "label1")]))
    )
    assert clean.content == soiled.content
    assert clean.digest != soiled.digest


# Splits


def _grown(tmp_path: Path, is_followed: bool) -> Counter[tuple[str, str]]:
    """How many rows of a part of the example were in which split, and are in which once it is whole."""
    workspace = in_memory()
    path = exports.tasks_file(tmp_path / "export.json", json.loads(exports.EXAMPLE.read_text())[:400])
    before = import_export(path, workspace)
    after = import_export(exports.EXAMPLE, workspace, earlier=before if is_followed else None)
    part, whole = (texts_by_split(dataset, workspace) for dataset in (before, after))
    now = {normalise(text): split for split, texts in whole.items() for text in texts}
    return Counter(
        (split, now[normalise(text)]) for split, texts in part.items() for text in texts if normalise(text) in now
    )


def test_no_row_that_judged_trains_when_data_grows_whatever_is_known_of_before(tmp_path: Path) -> None:
    moves = _grown(tmp_path, is_followed=False)
    assert not {("test", "train"), ("train", "test")} & moves.keys()
    assert sum(moves.values()) > 300


def test_no_row_moves_when_data_grows_and_the_earlier_import_is_known(tmp_path: Path) -> None:
    moves = _grown(tmp_path, is_followed=True)
    assert all(before == after for before, after in moves)
    assert {before for before, _ in moves} == set(SPLITS)


def test_no_customer_of_the_example_is_in_two_splits() -> None:
    workspace = in_memory()
    dataset = import_export(exports.EXAMPLE, workspace, split={"group_by": "customer"})
    groups = [set(dataset.read(workspace, split).groups) for split in SPLITS]
    assert all(not one & other for one, other in itertools.combinations(groups, 2))
    assert sum(map(len, groups)) > 150


def test_a_group_so_large_that_the_splits_are_not_what_was_asked_for_is_told(tmp_path: Path) -> None:
    def notes(size: int, **split: Any) -> list[str]:
        rows = [
            {"text": f"text {number}", "label": "ab"[number % 2], "customer": f"customer {number // size}"}
            for number in range(400)
        ]
        dataset = import_export(exports.csv_file(tmp_path / "rows.csv", rows), split={"group_by": "customer", **split})
        return [note for note in dataset.passport.notes if "the largest group" in note]

    assert notes(1) == notes(4) == []
    (told,) = notes(200, seed=3)
    assert told.startswith(
        "of 400 rows 200 / 200 / 0 are for train / validation / test, where 280 / 40 / 80 were asked"
    )
    assert told.endswith("the largest group by customer has 200")


def test_a_published_split_is_kept_but_for_what_leaks() -> None:
    folder = shared_data.folder("banking77")
    workspace = in_memory()
    dataset = import_export({"train": str(folder / "train.csv"), "test": str(folder / "test.csv")}, workspace)
    account = dataset.reconciliation
    assert account.records == 10_003 + 3_080
    assert account.adds_up()
    assert dataset.rows("test") == 3_080 - _repeats(folder / "test.csv")
    found = {split: set(map(normalise, texts)) for split, texts in texts_by_split(dataset, workspace).items()}
    assert all(not one & other for one, other in itertools.combinations(found.values(), 2))
    assert len(dataset.labels) == 77


def _repeats(path: Path) -> int:
    rows = reading.read(path)
    return len(rows) - len({each.text for each in rows if isinstance(each, Record)})


def test_a_leak_between_real_published_splits_is_found(tmp_path: Path) -> None:
    folder = shared_data.folder("goemotions")
    sources = {}
    for split, name in (("train", "dev.tsv"), ("test", "test.tsv")):
        path = tmp_path / name
        path.write_text("text\tlabel\tid\n" + (folder / name).read_text(encoding="utf-8"), encoding="utf-8")
        sources[split] = str(path)
    workspace = in_memory()
    dataset = import_export(sources, workspace)
    train, test = (
        {normalise(each.text) for each in reading.read(Path(sources[split])) if isinstance(each, Record)}
        for split in sources
    )
    assert train & test, "the data has leaks"
    assert exports.counts_by_reason(dataset)["leak"] >= len(train & test)
    assert dataset.reconciliation.adds_up()
    found = texts_by_split(dataset, workspace)
    assert not {*map(normalise, found["test"])} & {
        *map(normalise, found["train"]),
        *map(normalise, found["validation"]),
    }


def test_a_split_column_publishes_dev_valid_and_test(tmp_path: Path) -> None:
    names = ["train"] * 20 + ["dev", "valid", "Test", " test "]
    rows = [row | {"split": name} for row, name in zip(maps(lines(24)), names, strict=True)]
    dataset = import_export(exports.csv_file(tmp_path / "rows.csv", rows))
    assert [dataset.rows(split) for split in SPLITS] == [20, 2, 2]


# What is stored


def test_the_stored_rows_are_those_of_the_export(tmp_path: Path) -> None:
    strange = [
        ("tab\tand\nline", "label0"),
        ("nul \0", "label1"),
        ("\U0001f600 caf\u00e9", "label0"),
        (' "quoted" ', "label1"),
    ]
    rows = lines() + strange
    workspace = in_memory()
    dataset = import_export(exports.jsonl_file(tmp_path / "rows.jsonl", maps(rows)), workspace)
    found: dict[str, str] = {}
    for split in SPLITS:
        part = dataset.read(workspace, split)
        assert len(part) == dataset.rows(split)
        assert list(part.ids) == sorted(part.ids)
        found.update(zip(part.texts, (dataset.labels[target] for target in part.targets), strict=True))
    assert found == dict(rows)


def test_the_counts_are_those_of_the_stored_rows() -> None:
    workspace = in_memory()
    dataset = import_export(exports.EXAMPLE, workspace)
    for split in SPLITS:
        targets = dataset.read(workspace, split).targets
        assert dict(dataset.counts[split]) == Counter(dataset.labels[target] for target in targets)


def test_a_dataset_is_found_again_by_its_digest() -> None:
    workspace = in_memory()
    dataset = import_export(exports.EXAMPLE, workspace)
    workspace.save(dataset)
    assert workspace.load(Dataset, dataset.digest) == dataset


def test_the_same_import_stores_the_same_bytes(tmp_path: Path) -> None:
    path = exports.csv_file(tmp_path / "rows.csv", maps(lines()))
    assert import_export(path) == import_export(path)


def test_rows_that_were_damaged_in_the_store_are_not_read(tmp_path: Path) -> None:
    workspace = in_memory()
    rows = maps(lines(prefix="rows that no other test has cached"))
    dataset = import_export(exports.csv_file(tmp_path / "rows.csv", rows), workspace)
    for file in dataset.files:
        workspace.store.put(file.blob, b"damaged")
    with pytest.raises(IntegrityError):
        dataset.read(workspace, "test")


def test_rows_are_joined_in_order() -> None:
    one = Rows(("1",), ("a",), np.array([0]), ("g",))
    other = Rows(("2", "3"), ("b", "c"), np.array([1, 0]), ("h", "i"))
    joined = one + other
    assert (joined.ids, joined.texts, joined.groups) == (("1", "2", "3"), ("a", "b", "c"), ("g", "h", "i"))
    assert joined.targets.tolist() == [0, 1, 0]
    assert len(joined) == 3


def test_ten_thousand_labels_are_no_trouble(tmp_path: Path) -> None:
    path = exports.csv_file(tmp_path / "rows.csv", maps(lines(20_000, labels=10_000)))
    workspace = in_memory()
    dataset = import_export(path, workspace)
    assert len(dataset.labels) == 10_000
    assert set(dataset.counts["train"]) == set(dataset.labels)
    assert dataset.read(workspace, "test").targets.max() < 10_000


# What cannot train a model


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "there are no records"),
        ([("", "x"), (" ", "x"), ("a", "")], "none of 3 records became a row (2 empty-text, 1 not-labeled)"),
    ],
)
def test_an_export_of_which_nothing_becomes_a_row_is_a_clear_error_and_nothing_is_kept(
    tmp_path: Path, rows: list[tuple[str, str]], said: str
) -> None:
    path = exports.csv_file(tmp_path / "rows.csv", maps(rows))
    workspace = in_memory()
    with pytest.raises(DataError) as caught:
        import_export(path, workspace)
    assert caught.value.code == "data/no-rows"
    assert said in caught.value.problem
    assert caught.value.where == "rows.csv"
    assert list(workspace.store.list("")) == []


@pytest.mark.parametrize(
    ("rows", "code", "said"),
    [
        ([("hello", "x")], "data/one-class", "every row has the label 'x'"),
        (lines(60, labels=1), "data/one-class", "every row has the label 'label0'"),
        ([("hello", "x"), ("bye", "y")], "data/too-few-rows", "2 rows leave 2 for train; at least 10 are needed"),
        (lines(11), "data/too-few-rows", "11 rows leave"),
    ],
)
def test_few_rows_can_be_imported_and_cannot_train_a_model(
    tmp_path: Path, rows: list[tuple[str, str]], code: str, said: str
) -> None:
    path = exports.csv_file(tmp_path / "rows.csv", maps(rows))
    assert import_export(path).reconciliation.rows == len(rows)
    workspace = in_memory()
    with pytest.raises(DataError) as caught:
        import_export(path, workspace, to_train=True)
    assert list(workspace.store.list("")) == []
    assert caught.value.code == code
    assert said in caught.value.problem
    assert caught.value.where == "rows.csv"


def test_a_published_test_split_that_is_empty_is_a_clear_error(tmp_path: Path) -> None:
    exports.csv_file(tmp_path / "train.csv", maps(lines()))
    exports.csv_file(tmp_path / "test.csv", maps([("other", "label0"), (" ", "label0")]))
    with pytest.raises(DataError, match="1 for test; at least 2 are needed"):
        import_export({"train": f"{tmp_path}/train.csv", "test": f"{tmp_path}/test.csv"}, to_train=True)


def test_a_label_that_only_test_rows_have_is_in_the_vocabulary(tmp_path: Path) -> None:
    exports.csv_file(tmp_path / "train.csv", maps(lines()))
    exports.csv_file(tmp_path / "test.csv", maps([("other", "new"), ("another", "label0")]))
    dataset = import_export({"train": f"{tmp_path}/train.csv", "test": f"{tmp_path}/test.csv"})
    assert dataset.labels == ("label0", "label1", "new")


def test_on_conflict_error_keeps_nothing(tmp_path: Path) -> None:
    workspace = in_memory()
    path = exports.csv_file(tmp_path / "rows.csv", maps([*lines(), ("message 3", "label0")]))
    with pytest.raises(DataError, match="'label0' 1, 'label1' 1") as caught:
        import_export(path, workspace, on_conflict="error")
    assert caught.value.where == "rows.csv, line 5; rows.csv, line 62"
    assert list(workspace.store.list("")) == []


def test_annotators_of_one_task_and_of_several_are_counted_together(tmp_path: Path) -> None:
    contested = [task(100, "contested", choice("a"), choice("b")), task(101, "Contested ", choice("b"))]
    path = exports.tasks_file(tmp_path / "export.json", [*contested, *exports.tasks(lines())])
    dataset = import_export(path)
    assert _labels(dataset)["b"] == 1
    assert (dataset.reconciliation.merged, dataset.reconciliation.outvoted) == (1, 1)


@pytest.mark.skipif(os.name != "posix", reason="file names are bytes on POSIX")
def test_a_file_name_that_is_not_utf8_stops_no_import(tmp_path: Path) -> None:
    exports.csv_file(tmp_path / "rows.csv", maps([*lines(), ("", "x")])).rename(tmp_path / os.fsdecode(b"caf\xe9.csv"))
    workspace = in_memory()
    dataset = import_export(tmp_path, workspace)
    workspace.save(dataset)
    assert workspace.load(Dataset, dataset.digest) == dataset


# The task: text classification

CLASSES = get_task("text-classification")


def test_the_vocabulary_is_sorted_and_in_no_order_of_the_rows(tmp_path: Path) -> None:
    rows = [(f"message {number}", "baB\u00e9"[number % 4]) for number in range(60)]
    assert import_export(exports.csv_file(tmp_path / "rows.csv", maps(rows))).labels == ("B", "a", "b", "\u00e9")


@STEADY
@given(st.lists(st.text(max_size=3), min_size=1, max_size=9))
def test_targets_are_places_in_the_vocabulary(labels: list[str]) -> None:
    vocabulary = tuple(sorted(set(labels)))
    assert [vocabulary[target] for target in CLASSES.encode(labels, vocabulary)] == labels


@STEADY
@given(st.lists(st.lists(st.floats(-50, 50), min_size=3, max_size=3), min_size=1, max_size=4))
def test_an_answer_is_the_most_probable_label_and_the_probabilities_sum_to_one(outputs: list[list[float]]) -> None:
    for row, answer in zip(outputs, CLASSES.decode(np.array(outputs), ("a", "b", "c")), strict=True):
        assert sum(answer.probabilities.values()) == pytest.approx(1)
        assert answer.probability == max(answer.probabilities.values()) == answer.probabilities[answer.label]
        assert row["abc".index(answer.label)] == pytest.approx(max(row))


def test_texts_that_differ_in_form_are_one_row(tmp_path: Path) -> None:
    twins = [("Caf\u00e9 au lait", "label0"), (unicodedata.normalize("NFD", "caf\u00e9 AU\u00a0lait "), "label0")]
    dataset = import_export(exports.csv_file(tmp_path / "rows.csv", maps([*lines(), *twins])))
    assert (dataset.reconciliation.rows, dataset.reconciliation.merged) == (61, 1)
