"""Rejected records are mended and imported again: nothing else of the export has to be touched."""

import json
from pathlib import Path
from typing import Any

from headstart.dataset import Dataset
from headstart.labels.sources import source
from headstart.spec import SPLITS, DataSpec
from headstart.workspace import Workspace
from tests.support import exports
from tests.support.exports import counts_by_reason, import_export, in_memory
from tests.support.pictures import picture_file


def _rejected(dataset: Dataset, workspace: Workspace) -> list[dict[str, Any]]:
    assert dataset.reconciliation.rejects is not None
    return [json.loads(line) for line in workspace.blobs.read(dataset.reconciliation.rejects).splitlines()]


def _imported(paths: list[Path], workspace: Workspace | None = None, **asked: Any) -> Dataset:
    return import_export([str(path) for path in paths], workspace, **asked)


def _by_text(dataset: Dataset, workspace: Workspace) -> dict[str, Any]:
    return {row["text"]: row["label"] for split in SPLITS for row in dataset.table(workspace, split).to_pylist()}


def test_what_was_rejected_and_is_mended_becomes_rows(tmp_path: Path) -> None:
    broken = [
        {"text": "no label yet", "label": None},
        {"text": "", "label": "label0"},
        {"text": "in no split", "label": "label1", "split": "nowhere"},
        {"text": "two say this", "label": "label0"},
        {"text": "two say this", "label": "label1"},
    ]
    export = exports.jsonl_file(tmp_path / "rows.jsonl", [*exports.maps(exports.lines()), *broken])
    export.write_text(export.read_text() + "no JSON\n")
    workspace = in_memory()
    first = _imported([export], workspace)
    assert counts_by_reason(first) == {"empty-text": 1, "not-json": 1, "not-labeled": 1, "tie": 2, "unknown-split": 1}
    lines = _rejected(first, workspace)
    assert {line["reason"]: line["text"] for line in lines} == {
        "not-labeled": "no label yet",
        "empty-text": "",
        "unknown-split": "in no split",
        "tie": "two say this",
        "not-json": None,
    }
    for line in lines:
        line["text"] = line["text"] or f"was {line['reason']}"
        line["label"] = "label0" if line["reason"] == "tie" else line["label"] or "label0"
        line.pop("split", None)
    mended = exports.jsonl_file(tmp_path / "mended.jsonl", lines)

    second = _imported([mended], workspace)
    assert [each.format for each in second.reconciliation.sources] == ["rejected"]
    assert not second.reconciliation.rejected_records
    assert _by_text(second, workspace) == {
        "no label yet": "label0",
        "was empty-text": "label0",
        "in no split": "label0",
        "two say this": "label0",
        "was not-json": "label0",
    }

    both = _imported([export, mended], workspace)
    assert both.reconciliation.adds_up()
    found = _by_text(both, workspace)
    assert found["two say this"] == "label0"
    assert len(found) == 60 + 5


def test_what_is_not_mended_is_rejected_again_for_the_same_reason(tmp_path: Path) -> None:
    workspace = in_memory()
    first = import_export(exports.EXAMPLE, workspace)
    again = exports.jsonl_file(tmp_path / "again.jsonl", _rejected(first, workspace))
    rows = exports.csv_file(tmp_path / "rows.csv", exports.maps(exports.lines()))
    second = _imported([rows, again], workspace, task_="text-classification")
    before = {line["place"]: line["reason"] for line in _rejected(first, workspace)}
    reasons = set(before.values())
    assert second.reconciliation.rejected_records == len(before)
    assert counts_by_reason(second).keys() <= reasons | {"not-labeled"}


def test_several_votes_of_a_tie_are_kept_until_one_is_chosen(tmp_path: Path) -> None:
    tasks = [exports.task(99, "which is it", exports.choice("a"), exports.choice("b"))]
    tasks += [exports.task(number, f"text {number}", exports.choice("ab"[number % 2])) for number in range(20)]
    export = exports.tasks_file(tmp_path / "tasks.json", tasks)
    workspace = in_memory()
    (line,) = _rejected(import_export(export, workspace), workspace)
    assert line["reason"] == "tie"
    assert [vote["label"] for vote in line["votes"]] == ["a", "b"]
    undecided = exports.jsonl_file(tmp_path / "undecided.jsonl", [line, {**line, "text": "other", "label": "b"}])
    dataset = _imported([undecided], workspace)
    assert counts_by_reason(dataset) == {"tie": 1}
    assert _by_text(dataset, workspace) == {"other": "b"}


def test_spans_and_pairs_and_numbers_are_mended_in_place(tmp_path: Path) -> None:
    spans = [{"text": f"Ann {number}", "spans": [{"start": 0, "end": 3, "label": "PER"}]} for number in range(20)]
    spans.append({"text": "Bob", "spans": [{"start": 0, "end": 9, "label": "PER"}]})
    pairs: list[dict[str, Any]] = [
        {"sentence1": f"a {number}", "sentence2": f"b {number}", "score": number / 7} for number in range(20)
    ]
    pairs.append({"sentence1": "a", "sentence2": "b", "score": None})
    workspace = in_memory()
    (line,) = _rejected(import_export(exports.jsonl_file(tmp_path / "spans.jsonl", spans), workspace), workspace)
    line["spans"][0]["end"] = 3
    mended = _imported([exports.jsonl_file(tmp_path / "mended.jsonl", [line])], workspace)
    assert _by_text(mended, workspace) == {"Bob": [{"start": 0, "end": 3, "label": "PER"}]}
    (line,) = _rejected(import_export(exports.jsonl_file(tmp_path / "pairs.jsonl", pairs), workspace), workspace)
    line["label"] = 4
    mended = _imported([exports.jsonl_file(tmp_path / "numbers.jsonl", [line])], workspace)
    assert (mended.task, _by_text(mended, workspace)) == ("pair-regression", {"a": 4.0})


def test_an_image_that_was_missing_is_found_once_it_is_there(tmp_path: Path) -> None:
    picture_file(tmp_path / "red.png", "red")
    rows = [{"image": "red.png", "label": "red"}, {"image": "blue.png", "label": "blue"}]
    workspace = in_memory()
    first = import_export(exports.jsonl_file(tmp_path / "rows.jsonl", rows), workspace)
    (line,) = _rejected(first, workspace)
    assert (line["reason"], line["image"] if "image" in line else line["record"]["image"]) == ("no-image", "blue.png")
    picture_file(tmp_path / "blue.png", "blue")
    line |= {"image": "blue.png", "text": "blue.png", "label": "blue"}
    second = _imported([exports.jsonl_file(tmp_path / "mended.jsonl", [line])], workspace)
    assert second.reconciliation.rows == 1


def test_an_import_that_looks_beyond_its_own_files_says_so(tmp_path: Path) -> None:
    """Such an import must be made again, for what it found there may have changed."""
    picture_file(tmp_path / "in" / "red.png", "red")
    picture_file(tmp_path / "red.png", "red")
    one = [{"image": "red.png", "label": "red"}]
    named = exports.jsonl_file(tmp_path / "in" / "rows.jsonl", one)
    assert not import_export(named).reconciliation.is_closed
    assert import_export(tmp_path / "in").reconciliation.is_closed
    assert not import_export(tmp_path / "in", root=str(tmp_path)).reconciliation.is_closed
    assert import_export(exports.EXAMPLE).reconciliation.is_closed


def test_a_missing_image_in_a_folder_is_inside_it(tmp_path: Path) -> None:
    picture_file(tmp_path / "red.png", "red")
    exports.jsonl_file(tmp_path / "rows.jsonl", [{"image": name, "label": "a"} for name in ("red.png", "blue.png")])
    with source.gather(DataSpec(source=str(tmp_path))) as files:
        assert len(files) == 2
    dataset = import_export(tmp_path)
    assert counts_by_reason(dataset) == {"no-image": 1}
    assert dataset.reconciliation.is_closed  # the picture that is added is a file of the export too
