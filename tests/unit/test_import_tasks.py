"""What an import makes of each task's labels."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headstart.dataset import Dataset
from headstart.errors import DataError, HeadstartError
from headstart.spec import SPLITS
from headstart.workspace import Workspace
from tests.support import exports, shared_data
from tests.support.exports import counts_by_reason, import_export, in_memory
from tests.support.pictures import picture_file

pytestmark = pytest.mark.slow


def _rows(dataset: Dataset, workspace: Workspace) -> list[dict[str, Any]]:
    return [row for split in SPLITS for row in dataset.table(workspace, split).to_pylist()]


def _labels(dataset: Dataset, workspace: Workspace) -> dict[str, Any]:
    return {row["text"]: row["label"] for row in _rows(dataset, workspace)}


def _imported(tmp_path: Path, rows: list[dict[str, Any]], **asked: Any) -> tuple[Dataset, dict[str, Any]]:
    workspace = in_memory()
    dataset = import_export(exports.jsonl_file(tmp_path / "rows.jsonl", rows), workspace, **asked)
    return dataset, _labels(dataset, workspace)


def test_several_labels_of_many_rows_are_multi_label(tmp_path: Path) -> None:
    said = [["a"], ["b", "a"], [], ["c", "b"]]
    rows = [{"text": f"text {number}", "labels": said[number % 4]} for number in range(40)]
    dataset, labels = _imported(tmp_path, rows)
    assert dataset.task == "multi-label"
    assert dataset.labels == ("a", "b", "c")
    assert labels["text 1"] == ["a", "b"]
    assert labels["text 2"] == []
    assert (
        sum(Counter({name: sum(dataset.counts[split].get(name, 0) for split in SPLITS) for name in "abc"}).values())
        == 50
    )


def test_a_row_with_several_labels_is_rejected_where_the_task_takes_one(tmp_path: Path) -> None:
    rows = [{"text": f"text {number}", "labels": ["a"] if number else ["a", "b"]} for number in range(40)]
    dataset, labels = _imported(tmp_path, rows, task_="text-classification")
    assert counts_by_reason(dataset) == {"several-labels": 1}
    assert set(labels.values()) == {"a"}


def test_spans_are_token_classification_with_their_places(tmp_path: Path) -> None:
    rows = [
        {
            "text": f"Ann met Bob {number}",
            "spans": [{"start": 8, "end": 11, "label": "PER"}, {"start": 0, "end": 3, "label": "PER"}],
        }
        for number in range(30)
    ]
    dataset, labels = _imported(tmp_path, rows)
    assert dataset.task == "token-classification"
    assert labels["Ann met Bob 7"] == [
        {"start": 0, "end": 3, "label": "PER"},
        {"start": 8, "end": 11, "label": "PER"},
    ]
    assert sum(dataset.counts[split]["PER"] for split in SPLITS) == 60


def test_texts_that_differ_in_form_keep_their_own_spans(tmp_path: Path) -> None:
    rows = [
        {"text": text, "spans": [{"start": 0, "end": 3, "label": "PER"}]} for text in ("Ann is", "ANN is", "Ann  is")
    ]
    _, labels = _imported(tmp_path, rows)
    assert set(labels) == {"Ann is", "ANN is", "Ann  is"}


def test_numbers_are_regression_and_annotators_are_averaged(tmp_path: Path) -> None:
    rows = [{"text": f"text {number}", "score": number / 8} for number in range(30)]
    rows += [{"text": "text 8", "score": 2.0}]
    dataset, labels = _imported(tmp_path, rows)
    assert dataset.task == "regression"
    assert dataset.labels == ()
    assert labels["text 8"] == 1.5
    assert dataset.counts == {split: {} for split in SPLITS}
    assert dataset.reconciliation.merged == 1


def test_numbers_about_two_texts_are_pair_regression(tmp_path: Path) -> None:
    rows = [{"sentence1": f"one {number}", "sentence2": f"two {number}", "score": number / 8} for number in range(30)]
    workspace = in_memory()
    dataset = import_export(exports.jsonl_file(tmp_path / "rows.jsonl", rows), workspace)
    assert dataset.task == "pair-regression"
    assert {(row["text"], row["pair"]) for row in _rows(dataset, workspace)} == {
        (f"one {number}", f"two {number}") for number in range(30)
    }


def test_pairs_that_only_read_alike_when_joined_are_different_rows(tmp_path: Path) -> None:
    rows = [
        {"sentence1": one, "sentence2": two, "score": 1.5} for one, two in (("a b", "c"), ("a", "b c"), ("ab", "c"))
    ]
    assert _imported(tmp_path, rows)[0].reconciliation.rows == 3


def test_images_are_image_classification_and_the_same_image_is_one_row(tmp_path: Path) -> None:
    colors = {"red": "warm", "orange": "warm", "blue": "cold", "navy": "cold"}
    data = {color: picture_file(tmp_path / "photos" / label / f"{color}.png", color) for color, label in colors.items()}
    (tmp_path / "photos" / "warm" / "copy.png").write_bytes(data["red"])
    workspace = in_memory()
    dataset = import_export(tmp_path / "photos", workspace)
    assert dataset.task == "image-classification"
    assert dataset.reconciliation.merged == 1
    rows = _rows(dataset, workspace)
    assert {row["image"]["bytes"] for row in rows} == set(data.values())
    assert Counter(row["label"] for row in rows) == {"warm": 2, "cold": 2}


@pytest.mark.parametrize("task", ["multi-label", "regression", "token-classification", "image-classification"])
def test_a_task_that_cannot_be_trained_yet_says_so_before_anything_is_kept(tmp_path: Path, task: str) -> None:
    workspace = in_memory()
    picture_file(tmp_path / "red.png")
    rows = {
        "multi-label": [{"text": f"text {number}", "labels": ["a", "b"][: number % 3]} for number in range(40)],
        "regression": [{"text": f"text {number}", "score": number / 7} for number in range(40)],
        "token-classification": [
            {"text": f"Ann {number}", "spans": [{"start": 0, "end": 3, "label": "PER"}]} for number in range(40)
        ],
        "image-classification": [{"image": "red.png", "label": "red"}],
    }[task]
    with pytest.raises(HeadstartError, match=task):
        import_export(exports.jsonl_file(tmp_path / "rows.jsonl", rows), workspace, to_train=True)
    assert list(workspace.store.list("")) == []


def test_a_spec_that_names_a_task_of_other_labels_gets_a_clear_error(tmp_path: Path) -> None:
    rows = [{"text": f"text {number}", "label": "a"} for number in range(9)]
    with pytest.raises(DataError) as caught:
        import_export(exports.jsonl_file(tmp_path / "rows.jsonl", rows), task_="regression")
    assert "rows.jsonl" in (caught.value.where or "")


def test_files_whose_labels_are_of_two_kinds_are_an_error_that_names_both(tmp_path: Path) -> None:
    one = exports.jsonl_file(tmp_path / "names.jsonl", [{"text": "a", "label": "x"}])
    other = exports.jsonl_file(tmp_path / "numbers.jsonl", [{"text": "b", "score": 1.5}])
    with pytest.raises(DataError) as caught:
        import_export([str(one), str(other)])
    assert caught.value.code == "data/ambiguous"
    assert "names in names.jsonl and number in numbers.jsonl" in caught.value.problem


# A vocabulary that the spec declares


def test_a_declared_vocabulary_gives_the_ids_and_refuses_other_labels_with_a_hint(tmp_path: Path) -> None:
    rows = [{"text": f"text {number}", "label": ["yes", "no", "nevver"][number % 3]} for number in range(30)]
    workspace = in_memory()
    path = exports.jsonl_file(tmp_path / "rows.jsonl", rows)
    dataset = import_export(path, workspace, labels=["yes", "no", "never"])
    assert dataset.labels == ("yes", "no", "never")
    assert counts_by_reason(dataset) == {"unknown-label": 10}
    assert dataset.reconciliation.rejects is not None
    first = json.loads(workspace.blobs.read(dataset.reconciliation.rejects).splitlines()[0])
    assert first["label"] == "nevver"
    assert first["hint"] == "never"


def test_an_unknown_label_among_several_rejects_the_row(tmp_path: Path) -> None:
    rows = [{"text": f"text {number}", "labels": [["a", "b"], ["a", "z"]][number % 2]} for number in range(20)]
    dataset, labels = _imported(tmp_path, rows, labels=["a", "b"], task_="multi-label")
    assert counts_by_reason(dataset) == {"unknown-label": 10}
    assert all(value == ["a", "b"] for value in labels.values())


def test_a_task_that_the_records_are_not_about_is_refused(tmp_path: Path) -> None:
    texts = exports.jsonl_file(tmp_path / "rows.jsonl", [{"text": f"text {n}", "label": n % 2} for n in range(40)])
    for label, colour in (("cat", "red"), ("dog", "blue")):
        picture_file(tmp_path / "images" / label / "0.png", colour)
    for source, task, problem in [
        (texts, "image-classification", "no record has an image"),
        (texts, "pair-regression", "no record has a second text"),
        (tmp_path / "images", "text-classification", "the records are images"),
    ]:
        with pytest.raises(DataError, match=f"the task is {task}, and {problem}") as caught:
            import_export(source, task_=task)
        assert caught.value.code == "data/unknown-field"
        import_export(source)


# Strictness


def test_strict_turns_a_reject_into_an_error_that_says_where_to_mend_it_and_keeps_no_dataset(tmp_path: Path) -> None:
    workspace = Workspace.open(str(tmp_path / "work"))
    path = exports.jsonl_file(
        tmp_path / "rows.jsonl", [*exports.maps(exports.lines()), {"text": "", "label": "label0"}]
    )
    with pytest.raises(DataError) as caught:
        import_export(path, workspace, strict=True)
    assert caught.value.code == "data/rejected"
    assert "1 records were rejected (1 empty-text)" in caught.value.problem
    written = [path for path in (tmp_path / "work").rglob("*") if path.is_file()]
    assert len(written) == 1
    assert str(written[0]) in (caught.value.remedy or "")
    assert written[0].match("work/imports/*/rejected.jsonl")  # a blob that is edited is no longer what its name says
    assert json.loads(written[0].read_text())["place"] == "rows.jsonl, line 61"


def test_strict_says_nothing_of_a_clean_export(tmp_path: Path) -> None:
    path = exports.csv_file(tmp_path / "rows.csv", exports.maps(exports.lines()))
    assert import_export(path, strict=True) == import_export(path)


# Real data of each task


def test_real_emotions_are_multi_label() -> None:
    dataset = import_export(shared_data.folder("goemotions"))
    assert dataset.task == "multi-label"
    assert dataset.reconciliation.adds_up()
    assert not dataset.reconciliation.rejected_records or counts_by_reason(dataset).keys() <= {"leak", "tie"}


def test_real_entities_are_token_classification_with_no_span_lost() -> None:
    workspace = in_memory()
    dataset = import_export(shared_data.folder("wnut17"), workspace)
    assert dataset.task == "token-classification"
    for row in _rows(dataset, workspace):
        for span in row["label"]:
            marked = row["text"][span["start"] : span["end"]]
            assert marked
            assert marked == marked.strip()


def test_real_similarities_are_pair_regression() -> None:
    workspace = in_memory()
    dataset = import_export(shared_data.folder("stsb"), workspace)
    assert dataset.task == "pair-regression"
    scores = np.array([row["label"] for row in _rows(dataset, workspace)])
    assert scores.min() >= 0
    assert scores.max() <= 5
