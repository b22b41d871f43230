"""Reading the entries of a JSON export, whichever way they are laid out."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError, HeadstartError
from headstart.labels.formats import entries
from headstart.labels.records import Reject
from headstart.labels.sources.files import SourceFile
from tests.support.steady import ANYTHING, STEADY, damaged

ROWS = [{"a": 1}, {"a": 2}]


def _file(path: Path, content: str | bytes) -> SourceFile:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return SourceFile(path, path.name)


def _values(file: SourceFile) -> list[Any]:
    return [each.value for each in entries.read(file)]


@pytest.mark.parametrize("name", ["export.json", "export.jsonl", "export"])
@pytest.mark.parametrize("start", ["", "\ufeff", "\n  \n", "\ufeff\n"])
@pytest.mark.parametrize(
    "content",
    [json.dumps(ROWS), json.dumps(ROWS, indent=1), "".join(json.dumps(row) + "\n" for row in ROWS)],
    ids=["one line", "pretty", "lines"],
)
def test_a_list_and_lines_are_read_alike(tmp_path: Path, name: str, start: str, content: str) -> None:
    file = _file(tmp_path / name, start + content)
    assert _values(file) == ROWS
    assert entries.first(file) == ROWS


def test_places_count_the_lines_of_a_file_and_the_entries_of_a_list(tmp_path: Path) -> None:
    lines = _file(tmp_path / "a.jsonl", '{"a": 1}\n\n{"a": 2}\n')
    assert [each.place for each in entries.read(lines)] == ["a.jsonl, line 1", "a.jsonl, line 3"]
    one = _file(tmp_path / "b.json", json.dumps(ROWS))
    assert [each.place for each in entries.read(one)] == ["b.json, entry 1", "b.json, entry 2"]


def test_a_line_that_is_not_json_costs_that_line_only(tmp_path: Path) -> None:
    first, second = entries.read(_file(tmp_path / "a.jsonl", '{"a": 1}\n{"a": \n'))
    assert first.value == {"a": 1}
    assert second.value == Reject("a.jsonl, line 2", "not-json", '{"a":')


def test_a_broken_first_line_of_a_file_that_is_called_lines_costs_that_line_only(tmp_path: Path) -> None:
    first, second = entries.read(_file(tmp_path / "a.jsonl", '{"a": \n{"a": 2}\n'))
    assert isinstance(first.value, Reject)
    assert second.value == {"a": 2}


def test_pairs_that_stand_one_a_line_are_entries(tmp_path: Path) -> None:
    assert _values(_file(tmp_path / "a.jsonl", '["a", {}]\n["b", {}]\n')) == [["a", {}], ["b", {}]]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_document_may_hold_its_entries(tmp_path: Path, indent: int | None) -> None:
    file = _file(tmp_path / "a.json", json.dumps({"rows": ROWS}, indent=indent))
    assert [each.value for each in entries.read(file, lambda document: document.get("rows"))] == ROWS
    assert _values(file) == [{"rows": ROWS}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[{"a": 1},\n{"a": ', "a.json, line 2: not JSON"),
        ("", "a.json, line 1: not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("[" + "9" * 5000 + "]", "not JSON: Exceeds the limit"),
    ],
)
def test_a_document_that_cannot_be_read_says_where_and_why(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(DataError) as caught:
        _values(_file(tmp_path / "a.json", content))
    assert caught.value.code == "data/unreadable"
    assert said in str(caught.value)


def test_bytes_that_are_not_utf8_cost_no_other_entry(tmp_path: Path) -> None:
    found = _values(_file(tmp_path / "a.json", b'[{"a": "caf\xe9"}, {"a": 1}]'))
    assert found == [{"a": "caf\udce9"}, {"a": 1}]


def test_a_long_first_entry_is_seen_whole(tmp_path: Path) -> None:
    long = {"a": "x" * (1 << 21)}
    assert entries.first(_file(tmp_path / "a.json", json.dumps([long]))) == [long]
    assert entries.first(_file(tmp_path / "a.jsonl", json.dumps(long))) == [long]


def test_only_the_start_of_a_file_is_looked_at(tmp_path: Path) -> None:
    assert entries.first(_file(tmp_path / "a.json", "[" + '{"a": 1}, ' * 100_000)) == [{"a": 1}] * 20


def test_the_first_entries_may_be_seen_before_all_are_read(tmp_path: Path) -> None:
    file = _file(tmp_path / "a.jsonl", '{"a": 1}\nbroken\n' + '{"a": 2}\n' * 2000)
    head, rows = entries.look_ahead(entries.read(file))
    assert len(head) == 999  # of a thousand entries one is broken
    assert sum(1 for _ in rows) == 2002


@STEADY
@given(st.lists(ANYTHING, max_size=5), st.booleans())
def test_whatever_json_holds_comes_back(tmp_path: Path, values: list[Any], as_lines: bool) -> None:
    content = "\n".join(map(json.dumps, values)) if as_lines else json.dumps([values])
    file = _file(tmp_path / "a.jsonl", content)
    if not as_lines:
        assert len(_values(file)) == 1
    elif values and not isinstance(values[0], list):
        assert len(_values(file)) == len(values)


@STEADY
@given(st.data())
def test_no_damage_raises_anything_but_a_clear_error(tmp_path: Path, data: st.DataObject) -> None:
    content = damaged(data, data.draw(st.sampled_from([json.dumps(ROWS), '{"a": 1}\n{"b": [2]}\n'])).encode())
    file = _file(tmp_path / data.draw(st.sampled_from(["a.json", "a.jsonl"])), content)
    entries.first(file)
    try:
        _values(file)
    except HeadstartError:
        return
