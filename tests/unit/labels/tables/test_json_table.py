"""JSON documents that are tables, in all the shapes that pandas, Hugging Face and people give them."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError, HeadstartError
from headstart.labels.detect import detect
from headstart.labels.records import Record, Reject
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import json_shapes, json_table
from tests.support.reading import opened, read_bytes, records, said, taken
from tests.support.steady import ANYTHING, STEADY, damaged, mostly

ROWS = [{"text": "hello", "label": "a"}, {"text": "bye", "label": "b"}]
SAID = [("hello", (("a",),)), ("bye", (("b",),))]
LISTS = [["hello", "a"], ["bye", "b"]]


def file_of(folder: Path, document: Any, *, name: str = "rows.json", indent: int | None = None) -> SourceFile:
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document, indent=indent), encoding="utf-8")
    return SourceFile(path, name)


SHAPES: dict[str, Any] = {
    "a list of objects": ROWS,
    **{f"an object whose {name} is a list of objects": {"version": 1, name: ROWS} for name in json_shapes.LISTS},
    "pandas, orient=columns": {"text": {"0": "hello", "1": "bye"}, "label": {"0": "a", "1": "b"}},
    "pandas, orient=index": {"0": ROWS[0], "1": ROWS[1]},
    "pandas, orient=split": {"columns": ["text", "label"], "index": [0, 1], "data": LISTS},
    "pandas, orient=table": {"schema": {"fields": []}, "data": [{"index": at, **row} for at, row in enumerate(ROWS)]},
    "lists by column": {"text": ["hello", "bye"], "label": ["a", "b"]},
    "lists with a header": [["text", "label"], *LISTS],
    "lists without a header": [["I like it so", "a"], ["no not ever", "b"], ["yes so it is", "a"]],
}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_a_table_is_recognised_and_read(tmp_path: Path, shape: str, indent: int | None) -> None:
    file = file_of(tmp_path, SHAPES[shape], indent=indent)
    assert detect(file, "auto")[0] == "json"
    found = said(taken(opened(file.path)))
    if shape == "lists without a header":
        assert found == [(text, ((label,),)) for text, label in SHAPES[shape]]
    else:
        assert found == SAID


@pytest.mark.parametrize("rows", [ROWS, LISTS, [["text", "label"], *LISTS]])
@pytest.mark.parametrize(
    ("name", "split"), [("train_2", "train"), ("val", "validation"), ("dev", "validation"), ("oos_test", "test")]
)
def test_lists_that_are_called_as_splits_are_publish_them(tmp_path: Path, rows: Any, name: str, split: str) -> None:
    document = {
        "train": [["so it is now", "a"], ["no it is not", "b"], ["it may be so", "a"]] if rows is LISTS else ROWS,
        name: rows,
    }
    found = records(taken(opened(file_of(tmp_path, document).path)))
    assert [(each.text, each.split) for each in found[-2:]] == [("hello", split), ("bye", split)]
    assert found[-1].place.startswith(f"rows.json, {name} object ")


def test_a_row_that_says_its_split_itself_is_of_that_one(tmp_path: Path) -> None:
    document = {"train": [*ROWS, {**ROWS[0], "split": "test"}], "test": ROWS}
    found = records(taken(opened(file_of(tmp_path, document).path)))
    assert [each.split for each in found] == ["train", "train", "test", "test", "test"]


@pytest.mark.parametrize(
    "document",
    [
        {"text": "hello", "label": "a"},
        {"config": {"layers": 3}, "names": ["a", "b"]},
        {"rows": 3},
        {"a": [1, 2], "b": [3, 4]},
        {"text": ["hello", "bye"], "label": ["a"]},
        {"train": 1, "test": 2},
        {"0": {"a": 1}, "1": {"b": 2}},
        {},
        ["a", "b"],
        [[{"text": "hello"}]],
        [["a"], ["b"]],
        [],
        3,
    ],
)
def test_other_documents_are_left_to_others(tmp_path: Path, document: Any) -> None:
    for indent in (None, 2):
        assert json_table.recognise(file_of(tmp_path, document, indent=indent)) is None


def test_lines_of_objects_are_left_to_json_lines(tmp_path: Path) -> None:
    line = json.dumps({"data": ["hello"], "text": "hello", "label": "a"})
    assert json_table.recognise(file_of(tmp_path, f"{line}\n{line}\n")) is None
    assert json_table.recognise(file_of(tmp_path, f"\n{line}\n\n")) is not None
    assert json_table.recognise(file_of(tmp_path, line, name="rows.jsonl")) is None


@pytest.mark.parametrize(
    "document",
    [
        {"text": ["long " * 300_000, "bye"], "label": ["a", "b"]},
        {"text": {"0": "long " * 300_000}, "label": {"0": "a"}},
        {"train": [{"text": "long " * 300_000, "label": "a"}]},
        {"data": [{"text": "long " * 300_000, "label": "a"}]},
        [{"text": "long " * 300_000, "label": "a"}],
    ],
)
def test_a_large_document_is_told_by_its_start(tmp_path: Path, document: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headstart.labels.tables.json_file.document", None)
    assert json_table.recognise(file_of(tmp_path, document)) is not None


def test_what_is_no_object_or_has_other_cells_is_rejected_alone(tmp_path: Path) -> None:
    found = taken(opened(file_of(tmp_path, [*ROWS, 3, None, ["a"]]).path))
    assert [each for each in found if isinstance(each, Reject)] == [
        Reject("rows.json, object 3", "not-an-object", 3),
        Reject("rows.json, object 4", "not-an-object", None),
        Reject("rows.json, object 5", "not-an-object", ["a"]),
    ]
    assert [each.place for each in found if isinstance(each, Record)] == ["rows.json, object 1", "rows.json, object 2"]


def test_a_row_of_other_cells_than_the_header_is_rejected(tmp_path: Path) -> None:
    found = taken(opened(file_of(tmp_path, [["text", "label"], *LISTS, ["x", "y", "z"]]).path))
    assert [each for each in found if isinstance(each, Reject)] == [
        Reject("rows.json, object 4", "wrong-columns", ["x", "y", "z"])
    ]


@pytest.mark.parametrize(
    "content", ["", "{", '[{"text": "a"', '[{"text": "a"}] x', "[" * 100_000, '{"data": "x"}', "NaN", f"[{'1' * 5000}]"]
)
def test_what_is_no_table_is_a_clear_error(tmp_path: Path, content: str) -> None:
    with pytest.raises(DataError) as caught:
        read_bytes(tmp_path / "rows.json", content, form="json")
    assert caught.value.code == "data/unreadable"
    assert (caught.value.where or "").startswith("rows.json")


def test_an_empty_list_has_no_records(tmp_path: Path) -> None:
    assert read_bytes(tmp_path / "rows.json", "[]", form="json") == []


@STEADY
@given(
    st.lists(
        mostly(st.fixed_dictionaries({"text": st.text(max_size=5), "label": st.sampled_from(["a", 1])})), max_size=5
    ),
    st.sampled_from(["list", "data", "splits"]),
)
def test_every_entry_of_a_list_is_one_record_or_one_reject(tmp_path: Path, entries: list[Any], shape: str) -> None:
    document = {"list": entries, "data": {"data": entries}, "splits": {"train": entries, "test": entries}}[shape]
    file = file_of(tmp_path, document)
    try:
        found = taken(opened(file.path, form="json", text="text", label="label"))
    except HeadstartError:
        return
    header = entries[:1] == [["text", "label"]]
    assert len(found) == (len(entries) - header) * (2 if shape == "splits" else 1)


@STEADY
@given(
    ANYTHING | st.dictionaries(st.sampled_from(["text", "label", "data", "train", "test", "0", "columns"]), ANYTHING)
)
def test_any_document_raises_nothing_but_errors_of_its_own(tmp_path: Path, document: Any) -> None:
    file = file_of(tmp_path, document)
    json_table.recognise(file)
    try:
        taken(opened(file.path, form="json"))
    except HeadstartError:
        return


@STEADY
@given(st.data(), st.sampled_from(list(SHAPES)))
def test_damaged_documents_raise_nothing_but_errors_of_their_own(
    tmp_path: Path, data: st.DataObject, shape: str
) -> None:
    content = damaged(data, json.dumps(SHAPES[shape]).encode())
    (tmp_path / "rows.json").write_bytes(content)
    json_table.recognise(SourceFile(tmp_path / "rows.json", "rows.json"))
    try:
        read_bytes(tmp_path / "rows.json", content, form="json")
    except HeadstartError:
        return


@pytest.mark.parametrize("entries", [[[]], [[], {"text": "hello", "label": "a"}]])
def test_an_empty_list_that_comes_first_is_a_reject_and_no_header(tmp_path: Path, entries: list[Any]) -> None:
    found = taken(opened(file_of(tmp_path, entries).path, form="json", text="text", label="label"))
    assert len(found) == len(entries)
    assert "not-an-object" in said(found)
