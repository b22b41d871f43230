"""Fields inside fields, named with dots."""

import json
from pathlib import Path

import pytest

from headstart.errors import DataError
from headstart.labels.tables.nested import with_members
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
