"""Excel workbooks, as Excel, LibreOffice, XlsxWriter and openpyxl write them."""

import datetime
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError, HeadstartError
from headstart.labels.detect import detect
from headstart.labels.records import Reject
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import excel, workbook
from tests.support.reading import opened, read, read_bytes, records, said, taken
from tests.support.steady import STEADY, damaged

ROWS = [["hello", "a"], ["bye", "b"]]
SAID = [("hello", (("a",),)), ("bye", (("b",),))]
TABLE = [["text", "label"], *ROWS]


def book(path: Path, sheets: Mapping[str, Iterable[Sequence[Any]]] | Iterable[Sequence[Any]]) -> Path:
    """A workbook of these sheets, or of one of these rows."""
    made = openpyxl.Workbook()
    del made["Sheet"]
    for title, rows in (sheets if isinstance(sheets, Mapping) else {"Sheet1": sheets}).items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    made.save(path)
    return path


def changed(path: Path, member: str, pattern: bytes, replacement: bytes) -> Path:
    """The workbook with a part of it written in another way."""
    content = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(content) as before, zipfile.ZipFile(path, "w") as after:
        for info in before.infolist():
            data = before.read(info)
            new = re.sub(pattern, replacement, data) if info.filename == member else data
            assert info.filename != member or new != data
            after.writestr(info, new)
    return path


def test_a_workbook_is_told_by_what_is_in_it_whatever_it_is_called(tmp_path: Path) -> None:
    path = book(tmp_path / "rows.bin", TABLE)
    assert detect(SourceFile(path, "rows.bin"), "auto") == ("excel", "it is a zip archive with a workbook in it")


def test_every_row_below_the_header_is_a_record_by_its_number(tmp_path: Path) -> None:
    found = read(book(tmp_path / "rows.xlsx", TABLE))
    assert said(found) == SAID
    assert [each.place for each in found] == ["rows.xlsx, sheet 'Sheet1' row 2", "rows.xlsx, sheet 'Sheet1' row 3"]


def test_every_sheet_is_a_table_with_columns_in_its_own_order(tmp_path: Path) -> None:
    sheets = {"one": TABLE, "two": [["label", "text"], ["c", "again"]]}
    found = read(book(tmp_path / "rows.xlsx", sheets))
    assert said(found) == [*SAID, ("again", (("c",),))]
    assert found[-1].place == "rows.xlsx, sheet 'two' row 2"


@pytest.mark.parametrize(("title", "split"), [("test", "test"), ("Dev set", "validation")])
def test_sheets_that_are_called_as_splits_are_publish_them(tmp_path: Path, title: str, split: str) -> None:
    for table in (TABLE, [[f"it is so {row}", "ab"[row % 2]] for row in range(10)]):
        found = records(read(book(tmp_path / "rows.xlsx", {"train": table, title: table})))
        assert {each.split for each in found[: len(found) // 2]} == {"train"}
        assert {each.split for each in found[len(found) // 2 :]} == {split}


def test_a_column_that_says_the_split_counts_more_than_the_title(tmp_path: Path) -> None:
    table = [["text", "label", "Split"], ["hello", "a", "dev"]]
    found = records(read(book(tmp_path / "rows.xlsx", {"train": table, "test": table})))
    assert [each.split for each in found] == ["validation"] * 2


def test_a_title_above_the_header_is_left_aside(tmp_path: Path) -> None:
    reading = opened(book(tmp_path / "rows.xlsx", [["Labels of 2024"], [], ["by the team"], *TABLE]))
    assert said(taken(reading)) == SAID
    assert reading.aside == {"title rows": 2}


def test_a_first_row_of_one_cell_is_no_title_where_there_is_no_header(tmp_path: Path) -> None:
    rows = [["so it is now"], *([f"it is so {row}", "ab"[row % 2]] for row in range(10))]
    reading = opened(book(tmp_path / "rows.xlsx", rows))
    assert said(taken(reading))[0] == ("so it is now", ())
    assert not reading.aside


def test_a_sheet_of_one_column_is_a_note(tmp_path: Path) -> None:
    sheets = {"Read me": [["How to label, in many words"], ["Ask Bo"]], "Data": TABLE, "Empty": []}
    reading = opened(book(tmp_path / "rows.xlsx", sheets))
    assert said(taken(reading)) == SAID
    assert reading.aside == {"rows of notes": 2}


def test_a_sheet_of_other_columns_is_rejected_row_by_row(tmp_path: Path) -> None:
    found = read(book(tmp_path / "rows.xlsx", {"Data": TABLE, "Prices": [["item", "price"], ["card", 3]]}))
    assert said(found) == [*SAID, "no-text"]
    assert found[-1].place == "rows.xlsx, sheet 'Prices' row 2"


def test_a_table_without_a_header_is_told_by_its_rows(tmp_path: Path) -> None:
    rows = [[f"it is so {row}", "ab"[row % 2]] for row in range(10)]
    reading = opened(book(tmp_path / "rows.xlsx", rows))
    assert reading.fields == "text from 'column 1', label from 'column 2'"
    assert len(records(taken(reading))) == 10


# Cells


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        (1, "1"),
        (2.0, "2"),
        (True, "True"),
        (datetime.datetime(2024, 1, 2, 3, 4), "2024-01-02T03:04:00"),
        (datetime.time(3, 4), "03:04:00"),
        ("=1+1", None),  # a formula that nothing has computed
        ("#N/A", None),
        ("#DIV/0!", None),
        (None, None),
        ("  ", None),
        ("007", "007"),
    ],
)
def test_a_cell_is_what_it_would_be_in_a_csv_file(tmp_path: Path, cell: Any, name: str | None) -> None:
    (found,) = records(read(book(tmp_path / "rows.xlsx", [["text", "label", "id"], ["hello", cell, 1]])))
    assert [vote.value for vote in found.votes] == ([] if name is None else [(name,)])


def test_scores_are_numbers_and_dates_are_times(tmp_path: Path) -> None:
    rows = [
        ["text", "score", "when"],
        ["hello", 2.5, datetime.datetime(2024, 1, 2)],
        ["bye", 3, datetime.date(2024, 1, 3)],
    ]
    found = records(read(book(tmp_path / "rows.xlsx", rows), time="when"))
    assert [(each.votes[0].value, each.time) for each in found] == [(2.5, 1704153600.0), (3.0, 1704240000.0)]


def test_a_blank_text_is_an_empty_one_as_in_a_csv_file(tmp_path: Path) -> None:
    assert said(read(book(tmp_path / "rows.xlsx", [*TABLE, [None, "c"]]))) == [*SAID, ("", (("c",),))]


def test_a_carriage_return_is_one_as_excel_writes_it(tmp_path: Path) -> None:
    path = book(tmp_path / "rows.xlsx", [["text", "label"], ["one_x000D_\ntwo", "a_x0041_"]])
    assert said(read(path)) == [("one\r\ntwo", (("a_x0041_",),))]


def test_a_column_without_a_name_is_called_by_its_number(tmp_path: Path) -> None:
    path = book(tmp_path / "rows.xlsx", [[None, "text", "label", None], ["x", "hello", "a", "y"]])
    assert [each.group for each in records(read(path, group_by="column 4"))] == ["y"]


def test_a_row_beyond_the_header_is_rejected_alone(tmp_path: Path) -> None:
    rows = [*TABLE, *([f"text {row}", "a"] for row in range(workbook.LOOK_AHEAD)), ["x", "y", None, "z"], ["last", "b"]]
    found = read(book(tmp_path / "rows.xlsx", rows))
    assert [each for each in found if isinstance(each, Reject)] == [
        Reject(f"rows.xlsx, sheet 'Sheet1' row {workbook.LOOK_AHEAD + 4}", "wrong-columns", ["x", "y", "", "z"])
    ]
    assert len(found) == len(rows) - 1


@pytest.mark.parametrize("dimension", [b"", b'<dimension ref="A1" />', b'<dimension ref="A1:XFD1048576" />'])
def test_what_a_program_says_of_the_size_of_a_sheet_is_not_believed(tmp_path: Path, dimension: bytes) -> None:
    path = book(tmp_path / "rows.xlsx", TABLE)
    changed(path, "xl/worksheets/sheet1.xml", rb"<dimension [^>]*>", dimension)
    assert said(read(path)) == SAID


def test_text_may_stand_in_the_cells_themselves(tmp_path: Path) -> None:
    path = book(tmp_path / "rows.xlsx", TABLE)
    with zipfile.ZipFile(path) as archive:
        shared = "xl/sharedStrings.xml" in archive.namelist()
    inline = rb'\1 t="inlineStr"><is><t>hello</t></is></c>'
    pattern = rb'(<c r="A2") t="(?:s|inlineStr)">.*?</c>'
    changed(path, "xl/worksheets/sheet1.xml", pattern, inline.replace(b"hello", b"hi"))
    assert said(read(path))[0] == ("hi", (("a",),)), shared


# What may be wrong


def test_a_column_that_stands_twice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="column 'label' stands twice") as caught:
        read(book(tmp_path / "rows.xlsx", [["text", "label", "label"], ["a", "b", "c"]]))
    assert caught.value.where == "rows.xlsx, sheet 'Sheet1'"


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        (None, "it is encrypted, or of before 2007"),
        (("xl/workbook.bin",), "it is a binary workbook"),
        (("mimetype", "content.xml"), "it is an OpenDocument file"),
    ],
)
def test_a_file_of_another_format_is_refused_with_what_to_do(
    tmp_path: Path, members: Sequence[str] | None, problem: str
) -> None:
    path = tmp_path / "rows.xls"
    if members is None:
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    else:
        with zipfile.ZipFile(path, "w") as archive:
            for member in members:
                archive.writestr(member, "")
    assert detect(SourceFile(path, "rows.xls"), "auto")[0] == "excel"
    with pytest.raises(DataError, match=problem) as caught:
        read(path)
    assert ".xlsx" in caught.value.remedy


def test_another_zip_archive_is_no_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "rows.zip", "w") as archive:
        archive.writestr("rows.csv", "text,label\n")
    assert excel.recognise(SourceFile(tmp_path / "rows.zip", "rows.zip")) is None


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "rows.xlsx", TABLE)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/bomb.xml", "w") as bomb:
        for _ in range(300):
            bomb.write(b"\0" * (1 << 20))
    with pytest.raises(DataError) as caught:
        read(path)
    assert caught.value.code == "data/bad-archive"


@pytest.mark.parametrize("damage", [(rb"<row ", rb"<row <"), (rb"</worksheet>", b""), (rb'r="A2"', rb'r="%%"')])
def test_a_damaged_sheet_is_a_clear_error(tmp_path: Path, damage: tuple[bytes, bytes]) -> None:
    path = changed(book(tmp_path / "rows.xlsx", TABLE), "xl/worksheets/sheet1.xml", *damage)
    with pytest.raises(DataError, match=r"rows\.xlsx: not a workbook that can be read") as caught:
        read(path)
    assert caught.value.code == "data/unreadable"


def test_damage_far_down_a_sheet_is_a_clear_error(tmp_path: Path) -> None:
    rows = [*TABLE, *([f"text {row}", "a"] for row in range(30_000))]
    path = changed(book(tmp_path / "rows.xlsx", rows), "xl/worksheets/sheet1.xml", rb'<row r="29000"', rb"<row <")
    with pytest.raises(DataError, match="not a workbook that can be read"):
        read(path)


@pytest.mark.parametrize("rows", [[], [["text", "label"]]])
def test_a_workbook_without_rows_has_no_records(tmp_path: Path, rows: list[list[str]]) -> None:
    assert read(book(tmp_path / "rows.xlsx", rows)) == []


def test_what_openpyxl_warns_of_is_nothing_to_users(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    path = book(tmp_path / "rows.xlsx", TABLE)
    changed(
        path,
        "xl/worksheets/sheet1.xml",
        rb"</worksheet>",
        b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"/></extLst></worksheet>',
    )
    assert said(read(path)) == SAID
    assert not [warning for warning in recwarn if "openpyxl" in warning.filename]


def unpacked(path: Path) -> Path:
    """The workbook without compression, so that it is as long at any time of the day."""
    content = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(content) as before, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as after:
        for name in before.namelist():
            after.writestr(name, before.read(name))
    return path


@STEADY
@given(st.data())
def test_damaged_files_raise_nothing_but_errors_of_their_own(tmp_path: Path, data: st.DataObject) -> None:
    whole = unpacked(book(tmp_path / "whole.xlsx", [*TABLE, [1.5, None], [datetime.date(2024, 1, 1), True]]))
    try:
        read_bytes(tmp_path / "rows.xlsx", damaged(data, whole.read_bytes()), form="excel")
    except HeadstartError:
        return


@STEADY
@given(st.data())
def test_damaged_sheets_raise_nothing_but_errors_of_their_own(tmp_path: Path, data: st.DataObject) -> None:
    path = book(tmp_path / "rows.xlsx", TABLE)
    content = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(content) as before, zipfile.ZipFile(path, "w") as after:
        member = data.draw(st.sampled_from(before.namelist()))
        for info in before.infolist():
            part = before.read(info)
            after.writestr(info, damaged(data, part) if info.filename == member else part)
    try:
        read(path, form="excel")
    except HeadstartError:
        return


CELLS = (
    st.none() | st.text(alphabet="ab 1\n", max_size=4) | st.integers(-9, 9) | st.floats(allow_nan=False) | st.booleans()
)


@STEADY
@given(st.lists(st.lists(CELLS, max_size=4), max_size=6))
def test_every_row_below_the_header_that_holds_anything_is_one_record_or_one_reject(
    tmp_path: Path, rows: list[list[Any]]
) -> None:
    path = book(tmp_path / "rows.xlsx", [["text", "label", "more"], *rows])
    found = read(path, text="text", label="label")
    # A blank string is written as no cell at all.
    filled = [row for row in rows if any(cell is not None and cell != "" for cell in row)]
    assert len(found) == len(filled)
