"""JSON Lines: one object a line, however its writer wrote it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError, HeadstartError
from headstart.labels.records import Record, Reject
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import jsonl
from tests.support.reading import lines_file, read, read_bytes, records, said
from tests.support.steady import ANYTHING, STEADY, damaged, mostly


def values(folder: Path, content: bytes | str) -> dict[int, Any]:
    path = folder / "rows.jsonl"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return dict(jsonl.values(SourceFile(path, "rows.jsonl")))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n", "\n \n"])
def test_every_line_that_is_not_blank_is_a_value_by_its_number(tmp_path: Path, end: str) -> None:
    between = len(end.replace("\r\n", "\n"))
    between = 2 if end == "\n \n" else between
    assert values(tmp_path, f'{{"a": 1}}{end}[2]{end}"x"') == {1: {"a": 1}, 1 + between: [2], 1 + 2 * between: "x"}


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    assert values(tmp_path, "\ufeff1\n2") == {1: 1, 2: 2}


@pytest.mark.parametrize("number", [2**53, 2**53 + 1, 2**64 + 1, -(2**70) - 1])
def test_whole_numbers_keep_all_their_digits(tmp_path: Path, number: int) -> None:
    line = json.dumps({"text": "hello", "label": number, "rest": [1.5]})
    assert values(tmp_path, line)[1]["label"] == number
    assert values(tmp_path, f"[{number}]") == {1: [number]}


def test_nan_and_half_characters_are_read_as_python_writes_them(tmp_path: Path) -> None:
    found = values(tmp_path, '{"a": NaN}\n{"b": "\\ud83d"}\n{"c": -Infinity}')
    assert str(found) == str({1: {"a": float("nan")}, 2: {"b": "\ud83d"}, 3: {"c": float("-inf")}})


def test_a_byte_that_is_not_utf8_costs_its_line_and_no_other(tmp_path: Path) -> None:
    content = b'{"text": "caf\xe9", "label": "a"}\n{"text": "bye", "label": "b"}\n'
    assert sorted(map(str, said(read_bytes(tmp_path / "rows.jsonl", content)))) == [
        "('bye', (('b',),))",
        "broken-unicode",
    ]


@pytest.mark.parametrize("line", ["{broken", "{'a': 1}", "1" * 5000, "[" * 5000, '{"a": 1} {"a": 2}', "\0"])
def test_a_line_that_is_not_json_is_rejected_with_its_start(tmp_path: Path, line: str) -> None:
    (found,) = values(tmp_path, f"  {line} \n").values()
    assert found == Reject("rows.jsonl, line 1", "not-json", line.strip()[:1000])


def test_a_line_that_is_no_object_is_rejected_with_what_it_says(tmp_path: Path) -> None:
    content = '{"text": "a", "label": "b"}\n["a", "b"]\n'
    assert [each for each in read_bytes(tmp_path / "rows.jsonl", content) if isinstance(each, Reject)] == [
        Reject("rows.jsonl, line 2", "not-an-object", ["a", "b"])
    ]


def test_a_line_beyond_all_bounds_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "LONGEST_LINE", 100)
    monkeypatch.setattr(jsonl, "_CHUNK", 10)
    assert values(tmp_path, f'1\n"{"x" * 90}"\n2') == {1: 1, 2: "x" * 90, 3: 2}
    with pytest.raises(DataError, match="the line is longer than") as caught:
        values(tmp_path, f'1\n"{"x" * 200}"\n2')
    assert caught.value.where == "rows.jsonl, line 2"


@STEADY
@given(
    st.lists(ANYTHING | st.just("one\u2028two\x85three"), max_size=6),
    st.integers(1, 50),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_lines_are_the_same_in_chunks_of_any_size(tmp_path: Path, entries: list[Any], chunk: int, end: str) -> None:
    content = end.join(json.dumps(entry) for entry in entries)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl, "_CHUNK", chunk)
        found = values(tmp_path, content)
    assert str(found) == str(dict(enumerate(entries, start=1)))


@STEADY
@given(ANYTHING)
def test_a_line_says_what_python_reads_in_it(tmp_path: Path, entry: Any) -> None:
    line = json.dumps(entry)
    assert str(values(tmp_path, line)) == str({1: json.loads(line)})


def test_what_is_read_fast_is_read_by_orjson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl.json, "loads", None)
    assert values(tmp_path, '{"text": "a", "label": 1}') == {1: {"text": "a", "label": 1}}


# From objects to records

ENTRY = st.fixed_dictionaries(
    {"text": mostly(st.text(max_size=8)), "label": mostly(st.sampled_from(["a", "b", 1, ["a"], [[0, 1, "x"]], 0.5]))},
    optional={"split": mostly(st.sampled_from(["train", "dev"])), "when": mostly(st.integers()), "customer": ANYTHING},
)


@STEADY
@given(
    st.lists(mostly(ENTRY), max_size=6),
    st.sampled_from(["auto", "multi-label", "token-classification", "regression"]),
    st.sampled_from([None, "customer"]),
    st.sampled_from([None, "when"]),
)
def test_every_line_is_one_record_or_one_reject_whatever_it_holds(
    tmp_path: Path, entries: list[Any], task: str, group: str | None, time: str | None
) -> None:
    path = lines_file(tmp_path / "rows.jsonl", entries)
    try:
        found = read(path, task=task, group_by=group, time=time)
    except HeadstartError:
        return
    assert sorted(int(item.place.rpartition(" ")[2]) for item in found) == list(range(1, len(entries) + 1))


@STEADY
@given(st.data())
def test_damaged_files_raise_nothing_but_errors_of_their_own(tmp_path: Path, data: st.DataObject) -> None:
    whole = lines_file(tmp_path / "rows.jsonl", [{"text": f"é{row}", "label": "a", "when": row} for row in range(4)])
    try:
        read_bytes(tmp_path / "rows.jsonl", damaged(data, whole.read_bytes()), time="when")
    except HeadstartError:
        return


def test_an_annotator_and_a_time_are_read_from_their_fields(tmp_path: Path) -> None:
    entry = {"text": "hello", "label": "a", "rater": "bo", "when": "2024-01-02T00:00:00Z", "split": "dev"}
    (found,) = records(read(lines_file(tmp_path / "rows.jsonl", [entry]), time="when"))
    assert (found.votes[0].by, found.time, found.split) == ("bo", 1704153600.0, "validation")


def test_a_row_without_a_time_is_rejected_where_times_order_records(tmp_path: Path) -> None:
    entries = [{"text": "hello", "label": "a", "when": when} for when in (5, None, "soon", "02/03/2024")]
    found = read(lines_file(tmp_path / "rows.jsonl", entries), time="when")
    assert [each.time if isinstance(each, Record) else each.reason for each in found] == [5.0, *["bad-time"] * 3]


@pytest.mark.parametrize(("name", "content"), [("rows.jsonl", ""), ("rows.jsonl", "\n \n"), ("rows.ndjson", "{}\n{}")])
def test_a_file_without_fields_has_no_records(tmp_path: Path, name: str, content: str) -> None:
    assert said(read_bytes(tmp_path / name, content)) == ["no-text"] * content.count("{}")
