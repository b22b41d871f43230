"""Telling the format of a file from its content."""

import json
from pathlib import Path
from typing import get_args

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError
from headstart.labels.detect import READERS, detect
from headstart.labels.sources.files import SourceFile
from headstart.spec import Format
from tests.support import reading, shared_data
from tests.support.exports import choice, task
from tests.support.steady import STEADY


def _detected(folder: Path, name: str, content: bytes | str, wanted: str = "auto") -> tuple[str, str]:
    path = folder / "file"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return detect(SourceFile(path, name, None), wanted)


TASKS = json.dumps([task(1, "hello", choice("a"))])
LINE = json.dumps({"text": "hello", "label": "a"})


@pytest.mark.parametrize(
    ("name", "content", "format_", "reason"),
    [
        ("export.json", TASKS, "label-studio", "it is a JSON list of tasks with data and annotations"),
        ("export", f"\ufeff \n{TASKS}", "label-studio", "it is a JSON list of tasks with data and annotations"),
        ("export.jsonl", TASKS, "label-studio", "it is a JSON list of tasks with data and annotations"),
        (
            "old.json",
            '[{"data": {"text": "a"}, "completions": []}]',
            "label-studio",
            "it is a JSON list of tasks with data and annotations",
        ),
        ("rows.csv", "text,label\n", "csv", "its name ends in .csv"),
        ("ROWS.CSV", "text,label\n", "csv", "its name ends in .csv"),
        ("rows.tsv", "text\tlabel\n", "csv", "its name ends in .tsv"),
        ("rows.csv", "", "csv", "its name ends in .csv"),
        ("rows.jsonl", "", "jsonl", "its name ends in .jsonl"),
        ("rows.NDJSON", "broken", "jsonl", "its name ends in .ndjson"),
        ("rows.json", f"{LINE}\n{LINE}\n", "jsonl", "its first line is a JSON object"),
        ("rows", f"\ufeff\n{LINE}", "jsonl", "its first line is a JSON object"),
        ("rows.json", f"[{LINE}]", "json", "it is a JSON list of objects"),
        ("rows.json", json.dumps({"data": [json.loads(LINE)]}), "json", "it is a JSON object whose 'data' is a list"),
        ("rows.txt", "a;b\nc;d\n", "csv", "its lines are cells parted by semicolons"),
        ("rows", "a|b\nc|d\n", "csv", "its lines are cells parted by bars"),
        ("rows.txt", "a, \tb\nc\td\n", "csv", "its lines are cells parted by tabs"),
        ("rows.txt", "__label__a b\n", "fasttext", "most of its lines begin with __label__"),
        ("rows.csv", b"PAR1....", "parquet", "it starts with Parquet's magic bytes"),
    ],
)
def test_a_format_is_recognised_and_the_reason_said(
    tmp_path: Path, name: str, content: bytes | str, format_: str, reason: str
) -> None:
    assert _detected(tmp_path, name, content) == (format_, reason)


def test_a_parquet_file_needs_no_name(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["hello"]}), tmp_path / "rows.bin")
    assert detect(SourceFile(tmp_path / "rows.bin", "rows.bin", None), "auto")[0] == "parquet"


def test_the_spec_overrides_what_the_content_says(tmp_path: Path) -> None:
    assert _detected(tmp_path, "rows.csv", TASKS, "jsonl") == ("jsonl", "the spec says so")


def test_every_format_that_the_spec_may_name_has_a_reader() -> None:
    assert set(READERS) == set(get_args(Format))


@pytest.mark.parametrize("name", ["export.json", "rows.parquet", "rows.xlsx", "_SUCCESS"])
def test_an_empty_file_is_told_as_one(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError) as caught:
        _detected(tmp_path, name, "")
    assert (caught.value.code, caught.value.problem) == ("data/unknown-format", "it is empty.")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("export.json", "[]"),
        ("export.json", '{"data": 1,\n"annotations": []}'),
        ("export.json", "[" * 100_000),
        ("config.xml", "<View></View>"),
        ("notes.txt", "hello\n"),
        ("notes.txt", "hello; you\nand you\n"),
        ("notes.txt", "one, two\nthree, four\n"),
        ("export.json", TASKS.encode("utf-16")),
        ("program", b"\x7fELF\x02\x01"),
    ],
)
def test_a_file_that_no_reader_knows_is_an_error_that_shows_its_start(
    tmp_path: Path, name: str, content: bytes | str
) -> None:
    start = (content.encode() if isinstance(content, str) else content)[:24]
    with pytest.raises(DataError) as caught:
        _detected(tmp_path, name, content)
    assert caught.value.code == "data/unknown-format"
    assert caught.value.where == name
    assert repr(start) in caught.value.problem
    assert all(format_ in caught.value.remedy for format_ in READERS)


@pytest.mark.parametrize(
    "tasks",
    [
        [task(1, "long " * 20_000, choice("a"))],
        [{"id": 1, "annotations": [choice("a", note="long " * 20_000)], "data": {"text": "hello"}}],
    ],
)
def test_a_long_first_task_does_not_hide_the_format(tmp_path: Path, tasks: list[object]) -> None:
    assert _detected(tmp_path, "export.json", json.dumps(tasks))[0] == "label-studio"


def test_a_long_first_line_does_not_hide_the_format(tmp_path: Path) -> None:
    assert _detected(tmp_path, "rows.json", json.dumps({"text": "long " * 20_000, "label": "a"}))[0] == "jsonl"


@pytest.mark.parametrize(
    ("path", "format_"),
    [
        ("banking77/train.csv", "csv"),
        ("sms_spam/sms.tsv", "csv"),
        ("labelstudio_exports/test_export_csv/csv_test2.json", "label-studio"),
        ("labelstudio_exports/test_export_csv/csv_test2_result.csv", "label-studio-csv"),
        ("labelstudio_exports/test_export_json_min/data.json", "label-studio"),
        ("prodigy_exports/fashion_brands_eval.jsonl", "prodigy"),
    ],
)
def test_real_exports_are_recognised(path: str, format_: str) -> None:
    folder, _, name = path.partition("/")
    file = shared_data.folder(folder) / name
    assert detect(SourceFile(file, file.name, None), "auto")[0] == format_


@STEADY
@given(
    st.binary(max_size=80) | st.text(alphabet='[{"data" :,}]\n\ufeff', max_size=40).map(str.encode), st.text(max_size=8)
)
def test_any_bytes_under_any_name_are_recognised_or_refused_clearly(tmp_path: Path, content: bytes, name: str) -> None:
    try:
        found, _ = _detected(tmp_path, name, content)
    except DataError as error:
        found = error.code
    assert found in (*READERS, "data/unknown-format")


@pytest.mark.parametrize("form", READERS)
@STEADY
@given(st.binary(max_size=100))
def test_no_bytes_raise_anything_but_a_clear_error(tmp_path: Path, form: Format, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    READERS[form].recognise(SourceFile(tmp_path / "a", "a"))
    found = reading.read_or_refused(tmp_path / "a", content, form=form)
    assert found is None or all(item.place.startswith("a") for item in found)
