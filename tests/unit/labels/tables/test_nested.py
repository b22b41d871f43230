"""Fields inside fields, named with dots."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from headstart.errors import DataError
from headstart.labels.tables.nested import with_members
from headstart.labels.texts import read_texts
from tests.support.hugging_face import arrow_file, parquet_file
from tests.support.label_studio import choice, task, tasks_file
from tests.support.reading import lines_file, list_file, opened, read, said

ENTRIES = [
    {"message": {"body": "hello", "by": {"name": "ann"}}, "answer": {"name": "a"}},
    {"message": {"body": "bye"}, "answer": {"name": "b"}},
]
NAMED = {"text": "message.body", "label": "answer.name"}


@pytest.mark.parametrize("write", [lines_file, list_file])
def test_a_field_inside_another_is_named_with_a_dot(tmp_path: Path, write: type) -> None:
    path = tmp_path / ("rows.jsonl" if write is lines_file else "rows.json")
    assert said(read(write(path, ENTRIES), **NAMED)) == [("hello", (("a",),)), ("bye", (("b",),))]


def test_rows_are_grouped_by_a_field_however_deep(tmp_path: Path) -> None:
    found = read(lines_file(tmp_path / "rows.jsonl", ENTRIES), **NAMED, group_by="message.by.name")
    assert [record.group for record in found] == ["ann", None]  # type: ignore[union-attr]


def test_one_that_no_row_has_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        opened(lines_file(tmp_path / "rows.jsonl", ENTRIES), text="message.bdy", label="answer.name")
    assert caught.value.problem == "there is no field 'message.bdy' for the text."
    assert "--text" in caught.value.remedy


@pytest.mark.parametrize("write", [parquet_file, arrow_file])
def test_so_is_a_member_of_a_structure_in_a_column(tmp_path: Path, write: Callable[..., Path]) -> None:
    path = write(tmp_path / "rows", pa.Table.from_pylist(ENTRIES))
    assert said(read(path, **NAMED)) == [("hello", (("a",),)), ("bye", (("b",),))]
    assert [record.group for record in read(path, **NAMED, group_by="message.by.name")] == ["ann", None]  # type: ignore[union-attr]
    with pytest.raises(DataError, match=r"there is no field 'message\.bdy' for the text"):
        opened(path, text="message.bdy", label="answer.name")
    with pytest.raises(DataError, match=r"there is no field 'message\.body\.more'"):
        opened(path, text="message.body.more", label="answer.name")


def test_a_structure_that_is_missing_has_no_members(tmp_path: Path) -> None:
    path = parquet_file(tmp_path / "rows", pa.Table.from_pylist([*ENTRIES, {"message": None, "answer": {"name": "a"}}]))
    assert said(read(path, **NAMED)) == [("hello", (("a",),)), ("bye", (("b",),)), "no-text"]


@pytest.mark.parametrize("write", [lines_file, lambda path, rows: parquet_file(path, pa.Table.from_pylist(rows))])
def test_texts_to_predict_are_found_so_too(tmp_path: Path, write: Callable[..., Path]) -> None:
    assert read_texts(write(tmp_path / "rows.jsonl", ENTRIES), "message.body") == ["hello", "bye"]


def test_a_field_of_that_very_name_goes_first() -> None:
    assert with_members({"a": {"b": 1}, "a.b": 2}, ["a.b"]) == {"a": {"b": 1}, "a.b": 2}
    assert with_members({"a.b": {"c": 1}}, ["a.b.c"])["a.b.c"] == 1


def test_what_holds_no_object_has_no_members() -> None:
    rows: list[dict[str, object]] = [{"a": "text"}, {"a": None}, {"a": [1]}, {"a": {"c": 1}}, {}]
    assert [with_members(row, ["a.b"]) for row in rows] == rows


def test_label_studio_tasks_may_hold_their_text_inside_an_object(tmp_path: Path) -> None:
    entry = task(1, "a title", choice("a"), message={"body": "hello"})
    path = tasks_file(tmp_path / "export.json", [entry])
    assert said(read(path, text="message.body")) == [("hello", (("a",),))]


def test_so_may_its_minimal_export(tmp_path: Path) -> None:
    about = {"id": 1, "annotator": 1, "annotation_id": 2, "lead_time": 1.5}
    row = {"message": {"body": "hello"}, "sentiment": "good", **about}
    (tmp_path / "min.json").write_text(json.dumps([row]))
    found = read(tmp_path / "min.json", text="message.body", label="sentiment")
    assert said(found) == [("hello", (("good",),))]
