"""Reading Label Studio's CSV and TSV exports."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError, HeadstartError
from headstart.labels import detect
from headstart.labels.records import Record, Span, Vote
from headstart.labels.sources.files import SourceFile
from tests.support import reading, shared_data
from tests.support.label_studio import row
from tests.support.reading import said
from tests.support.steady import STEADY


def _file(path: Path, *rows: dict[str, Any], delimiter: str = ",", sort: bool = True) -> Path:
    """The rows as Label Studio writes them: columns in the order of their names, JSON for what is no string."""
    names: Iterable[str] = dict.fromkeys(name for each in rows for name in each)
    export = path / "export.csv"
    with export.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(
            stream, sorted(names) if sort else list(names), delimiter=delimiter, quoting=csv.QUOTE_NONNUMERIC
        )
        writer.writeheader()
        for each in rows:
            writer.writerow(
                {name: json.dumps(cell) if isinstance(cell, dict | list) else cell for name, cell in each.items()}
            )
    return export


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_row_is_one_record_with_one_vote(tmp_path: Path, delimiter: str) -> None:
    rows = [
        row(7, text='two\nlines, "quoted"', source="web", controls={"sentiment": "good"}),
        row(7, text="hello", source="web", controls={"sentiment": "bad"}, annotator=3),
    ]
    path = _file(tmp_path, *rows, delimiter=delimiter)
    assert detect.detect(SourceFile(path, path.name), "auto")[0] == "label-studio-csv"
    assert reading.read(path, group_by="source", time="updated_at") == [
        Record(
            "export.csv, line 2",
            'two\nlines, "quoted"',
            (Vote(("good",), "ann@x.org"),),
            group="web",
            time=1715774956.789563,
        ),
        Record("export.csv, line 4", "hello", (Vote(("bad",), "3"),), group="web", time=1715774956.789563),
    ]


@pytest.mark.parametrize(
    ("value", "kind", "vote"),
    [
        ({"choices": ["good", "bad"]}, "names", ("good", "bad")),
        ([{"taxonomy": [["a"], ["a", "b"]]}], "names", ("a", "a / b")),
        ([{"rating": 4}], "number", 4.0),
        ([{"start": 0, "end": 4, "text": "hell", "labels": ["X"]}], "spans", (Span(0, 4, "X"),)),
    ],
)
def test_what_is_more_than_a_name_is_json_in_its_cell(tmp_path: Path, value: object, kind: str, vote: object) -> None:
    rows = [row(1, text="hello", source="x", controls={"q": value}), row(2, text='["bye"]', source="y")]
    opened = reading.opened(_file(tmp_path, *rows))
    found = reading.taken(opened)
    assert opened.kind == kind
    assert said(found[:1]) == [("hello", (vote,))]
    assert isinstance(found[1], Record)
    assert found[1].text == '["bye"]'


def test_a_cell_with_a_mere_name_among_cells_with_several_is_read_too(tmp_path: Path) -> None:
    rows = [
        row(1, text="hello", source="x", controls={"q": {"choices": ["a", "b"]}}),
        row(2, text="bye", source="y", controls={"q": "a"}),
        row(3, text="so", source="z"),
        row(4, text="nobody", source="z", annotation_id=None, annotator=None),
    ]
    assert said(reading.read(_file(tmp_path, *rows))) == [
        ("hello", (("a", "b"),)),
        ("bye", (("a",),)),
        ("so", ((),)),
        ("nobody", ()),
    ]


def test_columns_in_the_order_of_older_exports_tell_the_control(tmp_path: Path) -> None:
    rows = [row(1, ID=1, TEXT="hello", source="web", controls={"zone": "a"})]
    assert said(reading.read(_file(tmp_path, *rows, sort=False))) == [("hello", (("a",),))]


def test_in_sorted_columns_the_control_has_a_usual_name_or_is_named(tmp_path: Path) -> None:
    usual = _file(tmp_path, row(1, text="hello", source="web", controls={"intent": "a"}))
    assert said(reading.read(usual)) == [("hello", (("a",),))]
    path = _file(tmp_path, row(1, text="hello", source="web", controls={"zone": "a"}))
    with pytest.raises(DataError, match=r"'source'.*'zone'") as caught:
        reading.read(path)
    assert caught.value.code == "data/unknown-field"
    assert said(reading.read(path, label="zone")) == [("hello", (("a",),))]


def test_a_usual_name_for_the_label_tells_the_text_too(tmp_path: Path) -> None:
    path = _file(tmp_path, row(1, ID=5, review_body="hello", controls={"sentiment": "a"}))
    assert said(reading.read(path)) == [("hello", (("a",),))]


def test_a_text_that_was_renamed_because_of_a_control_is_the_text(tmp_path: Path) -> None:
    renamed = row(1, _data_text="hello", source="web", controls={"text": "positive"})
    assert said(reading.read(_file(tmp_path, renamed))) == [("hello", (("positive",),))]


def test_numbers_in_plain_cells_are_numbers_where_the_task_takes_them(tmp_path: Path) -> None:
    rows = [
        row(1, text="hello", source="x", controls={"score": 4}),
        row(2, text="bye", source="x", controls={"score": "x"}),
    ]
    assert said(reading.read(_file(tmp_path, *rows), task="regression")) == [("hello", (4.0,)), "bad-label"]


def test_a_row_of_another_width_is_rejected_alone(tmp_path: Path) -> None:
    path = _file(tmp_path, row(1, text="hello", controls={"intent": "a"}))
    path.write_text(path.read_text() + "1,2\n")
    found = reading.read(path)
    assert sorted(map(str, said(found))) == ["('hello', (('a',),))", "wrong-columns"]
    assert {each.place for each in found} == {"export.csv, line 2", "export.csv, line 3"}


def test_an_empty_text_is_a_text_of_nothing(tmp_path: Path) -> None:
    rows = [row(1, text="hello", controls={"intent": "a"}), row(2, text="", controls={"intent": "a"})]
    assert said(reading.read(_file(tmp_path, *rows))) == [("hello", (("a",),)), ("", (("a",),))]


def test_a_table_of_a_header_alone_has_no_records(tmp_path: Path) -> None:
    path = _file(tmp_path, row(1, text="hello", controls={"intent": "a"}))
    assert reading.read_bytes(path, path.read_text().splitlines()[0]) == []


def test_label_studios_own_sample_is_read() -> None:
    path = shared_data.folder("labelstudio_exports") / "test_export_csv" / "csv_test2_result.csv"
    opened = reading.opened(path, text="title", label="provider")
    # It was exported without the project's configuration, so that its control is missing.
    assert said(reading.taken(opened)) == [("TAN BAI", ())]
    assert opened.aside == {"annotations without a label": 1}


@pytest.mark.parametrize(
    "content", ["", "text,label\na,b\n", "annotation_id,annotator\n1,2\n", '{"annotation_id,annotator,lead_time": 1}']
)
def test_other_tables_are_not_taken_for_it(tmp_path: Path, content: str) -> None:
    path = tmp_path / "other.csv"
    path.write_text(content)
    assert detect.READERS["label-studio-csv"].recognise(SourceFile(path, path.name)) is None


def test_a_file_that_is_no_table_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not CSV"):
        reading.read_bytes(tmp_path / "export.csv", 'annotation_id,annotator,lead_time\n"a', form="label-studio-csv")


_cells = st.text(max_size=5) | st.sampled_from(
    ['{"choices": ["a"]}', '[{"rating": 3}]', "[{", "[" * 2000, '[{"a": NaN}]']
)


@STEADY
@given(st.lists(st.tuples(_cells, _cells), min_size=1, max_size=6))
def test_every_row_is_one_record_or_one_reject(tmp_path: Path, cells: list[tuple[str, str]]) -> None:
    path = _file(tmp_path, *(row(1, text=text, more="x", controls={"intent": label}) for text, label in cells))
    try:
        found = reading.read(path)
    except HeadstartError:
        return
    assert len(found) == len(cells)


@STEADY
@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(tmp_path: Path, content: bytes) -> None:
    for start in (b"", b"annotation_id,annotator,lead_time,text,label\n"):
        try:
            reading.read_bytes(tmp_path / "export.csv", start + content, form="label-studio-csv")
        except HeadstartError:
            continue
