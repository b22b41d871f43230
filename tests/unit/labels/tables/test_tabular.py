"""Reading CSV and TSV, JSON Lines and Parquet."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError, HeadstartError
from headstart.labels.records import Record, Reject
from headstart.labels.tables import delimited_chunks
from tests.support import exports, reading
from tests.support.reading import read_bytes
from tests.support.reading import said as _said
from tests.support.steady import STEADY

Rows = Sequence[Mapping[str, Any]]
WRITERS: dict[str, Callable[[Path, Rows], Path]] = {
    "csv": exports.csv_file,
    "jsonl": exports.jsonl_file,
    "parquet": exports.parquet_file,
}
every_format = pytest.mark.parametrize("form", WRITERS)


def _written(folder: Path, form: str, rows: Rows) -> Path:
    return WRITERS[form](folder / f"rows.{form}", rows)


def _csv(folder: Path, content: str | bytes, **options: Any) -> list[Record | Reject]:
    return read_bytes(folder / "rows.csv", content, **options)


def _jsonl(folder: Path, *rows: object, **options: Any) -> list[Record | Reject]:
    return reading.read(exports.jsonl_file(folder / "rows.jsonl", rows), **options)


def _parquet(folder: Path, table: pa.Table, **options: Any) -> list[Record | Reject]:
    pq.write_table(table, folder / "rows.parquet")
    return reading.read(folder / "rows.parquet", **options)


# What all tables share


@every_format
def test_a_row_is_a_text_with_one_vote(tmp_path: Path, form: str) -> None:
    found = reading.read(_written(tmp_path, form, [{"text": "hello", "label": "a"}]))
    assert _said(found) == [("hello", (("a",),))]


@STEADY
@given(st.lists(st.fixed_dictionaries({"text": st.text(), "label": st.text(max_size=4)}), min_size=1, max_size=6))
def test_every_format_reads_the_same_rows_alike(tmp_path: Path, rows: list[dict[str, str]]) -> None:
    csv, jsonl, parquet = (_said(reading.read(_written(tmp_path, form, rows))) for form in WRITERS)
    assert csv == jsonl == parquet
    assert [each for each in csv if not isinstance(each, tuple)] == []


@every_format
def test_white_space_around_a_label_does_not_count(tmp_path: Path, form: str) -> None:
    rows = [{"text": "hello", "label": " a\t"}, {"text": "bye", "label": "  "}]
    assert _said(reading.read(_written(tmp_path, form, rows))) == [("hello", (("a",),)), ("bye", ())]


@every_format
def test_the_spec_names_the_fields(tmp_path: Path, form: str) -> None:
    rows = [{"text": "not this", "label": "nor this", "title": "this", "queue": "q"}]
    assert _said(reading.read(_written(tmp_path, form, rows), text="title", label="queue")) == [("this", (("q",),))]


@every_format
def test_a_field_that_is_not_there_is_an_error_that_names_those_that_are(tmp_path: Path, form: str) -> None:
    path = _written(tmp_path, form, [{"text": "hello", "label": "a", "other": "b"}])
    with pytest.raises(DataError, match=r"no field 'titel'.*'text', 'label', 'other'") as caught:
        reading.read(path, text="titel")
    assert caught.value.code == "data/unknown-field"
    assert caught.value.where == f"rows.{form}"


@every_format
def test_of_two_fields_with_a_conventional_text_the_other_holds_the_label(tmp_path: Path, form: str) -> None:
    rows = [{"text": "hello", "flavour": "sweet"}]
    assert _said(reading.read(_written(tmp_path, form, rows))) == [("hello", (("sweet",),))]


@every_format
def test_of_two_fields_with_a_conventional_label_the_other_holds_the_text(tmp_path: Path, form: str) -> None:
    rows = [{"phrase": "hello", "label": "a"}]
    assert _said(reading.read(_written(tmp_path, form, rows))) == [("hello", (("a",),))]


@every_format
def test_of_three_fields_an_unconventional_label_is_not_guessed(tmp_path: Path, form: str) -> None:
    path = _written(tmp_path, form, [{"text": "hello", "message": "hi", "flavour": "sweet"}])
    with pytest.raises(DataError, match="no field is known to hold the label"):
        reading.read(path)


@every_format
def test_grouping_by_a_field_that_is_not_there_is_an_error(tmp_path: Path, form: str) -> None:
    path = _written(tmp_path, form, [{"text": "hello", "label": "a", "customer": "c"}])
    with pytest.raises(DataError, match="no field 'custmer'") as caught:
        reading.read(path, group_by="custmer")
    assert caught.value.code == "data/unknown-field"


@every_format
def test_the_group_is_what_its_field_says(tmp_path: Path, form: str) -> None:
    rows = [{"text": "hello", "label": "a", "customer": "17"}]
    (found,) = reading.read(_written(tmp_path, form, rows), group_by="customer")
    assert isinstance(found, Record)
    assert found.group == "17"


@every_format
def test_a_row_whose_group_is_blank_has_none(tmp_path: Path, form: str) -> None:
    rows = [{"text": "hello", "label": "a", "customer": ""}, {"text": "bye", "label": "b", "customer": "c"}]
    found = reading.read(_written(tmp_path, form, rows), group_by="customer")
    assert [each.group for each in found if isinstance(each, Record)] == [None, "c"]


@pytest.mark.parametrize(
    ("written", "split"),
    [
        ("train", "train"),
        ("validation", "validation"),
        ("test", "test"),
        ("dev", "validation"),
        ("valid", "validation"),
        ("val", "validation"),
        ("eval", "validation"),
        (" Test ", "test"),
        ("", None),
    ],
)
@every_format
def test_a_split_column_publishes_the_split(tmp_path: Path, form: str, written: str, split: str | None) -> None:
    (found,) = reading.read(_written(tmp_path, form, [{"text": "hello", "label": "a", "split": written}]))
    assert isinstance(found, Record)
    assert found.split == split


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_column_that_names_splits_and_is_called_otherwise_is_told(tmp_path: Path, form: str) -> None:
    def told(name: str, values: Sequence[object], **asked: Any) -> str:
        rows = [{"text": f"text {n}", "label": "a", name: value} for n, value in enumerate(values)]
        return reading.opened(_written(tmp_path, form, rows), **asked).fields.partition("; ")[2]

    assert (
        told("subset", ["train", "Val ", "test"])
        == "'subset' names splits and is not read: call it 'split' to keep them"
    )
    for name, values in {
        "split": ["train", "test"],
        "set": ["train", "train"],
        "way": ["train", "bus", "test"],
    }.items():
        assert told(name, values) == ""
    assert told("subset", ["train", "test"], split="train") == ""
    assert told("subset", ["train", "test"], group_by="subset") == ""


@every_format
def test_a_row_of_an_unknown_split_is_rejected(tmp_path: Path, form: str) -> None:
    rows = [{"text": "hello", "label": "a", "split": "holdout"}]
    assert _said(reading.read(_written(tmp_path, form, rows))) == ["unknown-split"]


@every_format
def test_the_split_that_a_file_is_published_as_overrides_its_column(tmp_path: Path, form: str) -> None:
    rows = [{"text": "hello", "label": "a", "split": "train"}]
    (found,) = reading.read(_written(tmp_path, form, rows), split="test")
    assert isinstance(found, Record)
    assert found.split == "test"


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_a_field_that_some_rows_lack_is_found(tmp_path: Path, form: str) -> None:
    rows: Rows = [{"text": "hello", "label": None}, {"text": "bye", "label": "a"}]
    assert _said(reading.read(_written(tmp_path, form, rows))) == [("hello", ()), ("bye", (("a",),))]


# CSV and TSV


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("name", ["rows.csv", "rows.TSV"])
def test_the_header_tells_the_delimiter(tmp_path: Path, delimiter: str, name: str) -> None:
    path = exports.csv_file(tmp_path / name, exports.maps([("a, b; c | d \t e", "x")]), delimiter)
    assert _said(reading.read(path)) == [("a, b; c | d \t e", (("x",),))]


def test_quotes_in_a_tsv_that_is_not_quoted_are_just_quotes(tmp_path: Path) -> None:
    found = read_bytes(tmp_path / "rows.tsv", 'text\tlabel\n"Yes" she said\ta\n5" pipe\tb\nend "\tc\n')
    assert _said(found) == [('"Yes" she said', (("a",),)), ('5" pipe', (("b",),)), ('end "', (("c",),))]


def test_a_delimiter_inside_a_quoted_column_name_does_not_count(tmp_path: Path) -> None:
    found = _csv(tmp_path, '"text, tidied, lowered";label\nhello;a\n', text="text, tidied, lowered")
    assert _said(found) == [("hello", (("a",),))]


def test_the_columns_of_a_tsv_are_parted_by_tabs(tmp_path: Path) -> None:
    found = read_bytes(tmp_path / "rows.tsv", "text, tidied, lowered\tlabel\nhello\ta\n", text="text, tidied, lowered")
    assert _said(found) == [("hello", (("a",),))]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_ends_a_row(tmp_path: Path, end: str) -> None:
    found = _csv(tmp_path, end.join(["text,label", "hello,a", "", "bye,b"]))
    assert _said(found) == [("hello", (("a",),)), ("bye", (("b",),))]


def test_a_line_end_inside_quotes_belongs_to_the_text_and_counts_as_a_line(tmp_path: Path) -> None:
    found = _csv(tmp_path, 'text,label\n"one\r\ntwo\nthree",a\nbye,b\n')
    assert _said(found) == [("one\r\ntwo\nthree", (("a",),)), ("bye", (("b",),))]
    assert [each.place for each in found] == ["rows.csv, line 2", "rows.csv, line 5"]


def test_a_doubled_quote_is_a_quote(tmp_path: Path) -> None:
    assert _said(_csv(tmp_path, 'text,label\n"say ""hi"", twice",a\n')) == [('say "hi", twice', (("a",),))]


@pytest.mark.parametrize(("row", "line"), [('"say "hi" twice",a', 3), ('"never closed,a\n', 3)])
def test_broken_quoting_is_an_error_that_names_the_line(tmp_path: Path, row: str, line: int) -> None:
    with pytest.raises(DataError) as caught:
        _csv(tmp_path, f"text,label\nhello,a\n{row}\nbye,b\n")
    assert caught.value.code == "data/unreadable"
    assert caught.value.where == f"rows.csv, line {line}"


@pytest.mark.parametrize("row", ["hello", "hello,a,b", "hello,a,"])
def test_a_row_with_another_number_of_cells_is_rejected_alone(tmp_path: Path, row: str) -> None:
    assert _said(_csv(tmp_path, f"text,label\n{row}\nbye,b\n")) == ["wrong-columns", ("bye", (("b",),))]


def test_a_column_that_stands_twice_in_the_header_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="column 'label' stands twice") as caught:
        _csv(tmp_path, "text,label,label\nhello,a,b\n")
    assert caught.value.where == "rows.csv, line 1"


@pytest.mark.parametrize("content", ["", "\n", "\ufeff", "text,label", "text,label\n", "\ntext,label\n\n"])
def test_a_table_without_rows_has_no_records(tmp_path: Path, content: str) -> None:
    assert _csv(tmp_path, content) == []


def test_blank_lines_before_the_header_do_not_hide_the_delimiter(tmp_path: Path) -> None:
    assert _said(_csv(tmp_path, "\n\ntext;label\nhello;a\n")) == [("hello", (("a",),))]


def test_a_column_alone_leaves_no_label(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no field is known to hold the label"):
        _csv(tmp_path, "text\nhello\n")


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    assert _said(_csv(tmp_path, "\ufefftext,label\nhello,a\n", text="text")) == [("hello", (("a",),))]
    line = json.dumps({"text": "hello", "label": "a"})
    assert _said(read_bytes(tmp_path / "rows.jsonl", f"\ufeff{line}\n")) == [("hello", (("a",),))]


def test_a_nul_byte_stays_in_the_text(tmp_path: Path) -> None:
    assert _said(_csv(tmp_path, "text,label\nhel\0lo,a\n")) == [("hel\0lo", (("a",),))]


def test_a_cell_of_a_million_characters_is_read_whole(tmp_path: Path) -> None:
    assert _said(_csv(tmp_path, f"text,label\n{'é' * 10**6},a\n")) == [("é" * 10**6, (("a",),))]


def test_a_row_beyond_all_bounds_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited_chunks, "LONGEST_ROW", 1 << 20)
    monkeypatch.setattr(delimited_chunks, "_CHUNK", 1 << 18)
    assert len(_csv(tmp_path, b"text,label\nhello,a\n" + b"x" * (1 << 20) + b",a\n")) == 2
    with pytest.raises(DataError, match="a row is longer than 1 MiB") as caught:
        _csv(tmp_path, b"text,label\nhello,a\n" + b"x" * (1 << 21) + b"y,a\n")
    assert caught.value.where == "rows.csv, line 3"


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ("text,label\nhello,a\ncafé,b\n".encode("latin-1"), [("hello", (("a",),)), "broken-unicode"]),
        (b"text,label\nhello,\xff\nbye,b\n", ["broken-unicode", ("bye", (("b",),))]),
        (b"text,label\nhello \xf0\x9f\x98", ["wrong-columns"]),
    ],
)
def test_bytes_that_are_not_utf8_cost_their_row_and_no_other(
    tmp_path: Path, content: bytes, read: list[object]
) -> None:
    assert _said(_csv(tmp_path, content)) == read


# JSON Lines


def test_a_line_that_is_no_object_is_rejected_alone(tmp_path: Path) -> None:
    good = json.dumps({"text": "hello", "label": "a"})
    found = read_bytes(tmp_path / "rows.jsonl", f"{good}\n{{broken\n\n[1]\nnull\n{good}\n")
    assert {each.place.rpartition(" ")[2]: said for each, said in zip(found, _said(found), strict=True)} == {
        "1": ("hello", (("a",),)),
        "2": "not-json",
        "4": "not-an-object",
        "5": "not-an-object",
        "6": ("hello", (("a",),)),
    }


def test_a_thousand_broken_lines_hide_no_good_one(tmp_path: Path) -> None:
    found = read_bytes(tmp_path / "rows.jsonl", "broken\n" * 1000 + json.dumps({"text": "hello", "label": "a"}))
    assert len(found) == 1001
    assert _said(found[-1:]) == [("hello", (("a",),))]


@STEADY
@given(
    st.lists(
        st.sampled_from(
            ["broken", "[]", "{}", "1", '"text"', '{"text": "a", "label": "b"}', '{"text": 1, "label": {}}']
        ),
        min_size=1,
        max_size=5,
    )
)
def test_every_line_is_one_record_or_one_reject(tmp_path: Path, lines: list[str]) -> None:
    assert len(read_bytes(tmp_path / "rows.jsonl", "\n".join(lines))) == len(lines)


@pytest.mark.parametrize(
    ("label", "votes"),
    [
        (None, ()),
        (float("nan"), ()),
        ("", ()),
        ([], ((),)),
        (3, (("3",),)),
        (0, (("0",),)),
        (True, (("True",),)),
        (["a"], (("a",),)),
        (["a", "b", "a"], (("a", "b"),)),
        ([1], (("1",),)),
        ([""], ((),)),
    ],
)
def test_numbers_truth_values_and_lists_of_names_are_labels(
    tmp_path: Path, label: object, votes: tuple[tuple[str, ...], ...]
) -> None:
    assert _said(_jsonl(tmp_path, {"text": "hello", "label": label})) == [("hello", votes)]


@pytest.mark.parametrize("label", [1.5, float("inf"), {"a": 1}, [["a"]], ["a", None], ["a", float("nan")]])
def test_a_label_that_cannot_be_a_name_is_rejected(tmp_path: Path, label: object) -> None:
    found = _jsonl(tmp_path, {"text": "hello", "label": label}, {"text": "bye", "label": "a"})
    assert sorted(map(str, _said(found))) == ["('bye', (('a',),))", "bad-label"]


@pytest.mark.parametrize("text", [None, 5, 1.5, True, ["a"], {"a": "b"}])
def test_a_text_that_is_no_string_is_rejected(tmp_path: Path, text: object) -> None:
    assert _said(_jsonl(tmp_path, {"text": text, "label": "a"})) == ["no-text"]


def test_a_row_without_the_text_field_is_rejected(tmp_path: Path) -> None:
    assert "no-text" in _said(_jsonl(tmp_path, {"label": "a"}, {"text": "hello", "label": "a"}))


@pytest.mark.parametrize("row", [{"text": "half \ud83d", "label": "a"}, {"text": "hello", "label": ["\udc00"]}])
def test_half_a_character_is_rejected(tmp_path: Path, row: object) -> None:
    assert _said(_jsonl(tmp_path, row)) == ["broken-unicode"]


def test_half_a_character_in_a_group_stops_no_import(tmp_path: Path) -> None:
    rows = [*exports.maps(exports.lines()), {"text": "hello", "label": "label0", "customer": "\ud83d"}]
    made = exports.import_export(exports.jsonl_file(tmp_path / "rows.jsonl", rows), split={"group_by": "customer"})
    assert made.reconciliation.adds_up()


def test_a_line_nested_too_deeply_is_rejected_alone(tmp_path: Path) -> None:
    deep = '{"text": ' + "[" * 100_000
    found = read_bytes(tmp_path / "rows.jsonl", f"{deep}\n" + json.dumps({"text": "hello", "label": "a"}))
    assert _said(found) == ["not-json", ("hello", (("a",),))]


def test_line_separators_inside_a_json_string_end_no_line(tmp_path: Path) -> None:
    line = json.dumps({"text": "one\u2028two\x85three\vfour", "label": "a"}, ensure_ascii=False)
    assert _said(read_bytes(tmp_path / "rows.jsonl", line)) == [("one\u2028two\x85three\vfour", (("a",),))]


# Parquet


@pytest.mark.parametrize(
    "labels",
    [
        pa.array([0, 1], pa.int8()),
        pa.array(["0", "1"], pa.large_string()),
        pa.array(["0", "1"]).dictionary_encode(),
        pa.array([["0"], ["1"]]),
    ],
)
def test_labels_may_be_stored_in_any_of_parquets_ways(tmp_path: Path, labels: pa.Array) -> None:
    found = _parquet(tmp_path, pa.table({"text": ["x", "y"], "label": labels}))
    assert _said(found) == [("x", (("0",),)), ("y", (("1",),))]


def test_a_column_of_bytes_is_no_text(tmp_path: Path) -> None:
    assert _said(_parquet(tmp_path, pa.table({"text": [b"hello"], "label": ["a"]}))) == ["no-text"]


def test_rows_are_numbered_over_all_row_groups(tmp_path: Path) -> None:
    table = pa.table({"text": [f"message {number}" for number in range(10)], "label": ["a"] * 10})
    pq.write_table(table, tmp_path / "rows.parquet", row_group_size=3)
    found = reading.read(tmp_path / "rows.parquet")
    assert [each.place for each in found] == [f"rows.parquet, row {number}" for number in range(1, 11)]


def test_a_table_of_no_rows_has_no_records(tmp_path: Path) -> None:
    assert _parquet(tmp_path, pa.table({"text": pa.array([], pa.string()), "label": pa.array([], pa.string())})) == []


def test_a_date_in_another_column_that_python_cannot_say_stops_no_import(tmp_path: Path) -> None:
    when = pa.array([2**62], pa.timestamp("us"))
    assert _said(_parquet(tmp_path, pa.table({"text": ["hello"], "label": ["a"], "when": when}))) == [
        ("hello", (("a",),))
    ]


def test_a_string_that_is_not_utf8_is_no_crash(tmp_path: Path) -> None:
    broken = pa.Array.from_buffers(pa.string(), 1, pa.array([b"caf\xe9"], pa.binary()).buffers())
    try:
        found = _parquet(tmp_path, pa.table({"text": broken, "label": ["a"]}))
    except DataError:
        return
    assert [type(each) for each in found] == [Reject]


def test_a_parquet_column_that_stands_twice_is_an_error_as_in_csv(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array(["x"]), pa.array(["y"]), pa.array(["a"])], names=["text", "text", "label"])
    with pytest.raises(DataError, match="twice"):
        _parquet(tmp_path, table)


@pytest.mark.parametrize("content", [b"PAR1", b"PAR1PAR1PAR1", b"PAR1" + b"\0" * 100])
def test_a_damaged_parquet_file_is_a_clear_error(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DataError, match=r"rows\.parquet: not Parquet") as caught:
        read_bytes(tmp_path / "rows.parquet", content)
    assert caught.value.code == "data/unreadable"


def test_a_parquet_file_cut_short_is_a_clear_error(tmp_path: Path) -> None:
    whole = exports.parquet_file(tmp_path / "rows.parquet", exports.maps(exports.lines())).read_bytes()
    with pytest.raises(DataError) as caught:
        read_bytes(tmp_path / "rows.parquet", whole[: len(whole) // 2])
    assert caught.value.code == "data/unreadable"


# Whatever the bytes


@STEADY
@given(st.sampled_from(["csv", "jsonl", "parquet"]), st.binary(max_size=200), st.booleans())
def test_no_bytes_crash_a_reader(tmp_path: Path, form: str, content: bytes, headed: bool) -> None:
    head = {"csv": b"text,label\n", "jsonl": b'{"text": "a", "label": "b"}\n', "parquet": b"PAR1"}[form]
    try:
        read_bytes(tmp_path / f"rows.{form}", head * headed + content, form=form)
    except HeadstartError:
        return


@STEADY
@given(st.data())
@pytest.mark.parametrize("form", WRITERS)
def test_no_damage_to_a_file_crashes_a_reader(tmp_path: Path, form: str, data: st.DataObject) -> None:
    rows = [{"text": f'Où "est", {number}', "label": "a\nb", "split": "dev", "customer": "c"} for number in range(5)]
    content = bytearray(_written(tmp_path, form, rows).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        read_bytes(tmp_path / f"damaged.{form}", bytes(content), form=form, group_by="customer")
    except HeadstartError:
        return


@STEADY
@given(st.text(alphabet="\"',;\t\r\n\0ab\ufeff", max_size=60))
def test_no_table_of_delimiters_and_quotes_crashes_the_csv_reader(tmp_path: Path, content: str) -> None:
    try:
        _csv(tmp_path, "text,label\n" + content)
    except HeadstartError:
        return


def test_a_parquet_file_is_read_from_a_buffer_of_any_version(tmp_path: Path) -> None:
    for version in ("1.0", "2.4", "2.6"):
        sink = io.BytesIO()
        pq.write_table(pa.table({"text": ["hello"], "label": ["a"]}), sink, version=version, data_page_version="2.0")
        assert _said(read_bytes(tmp_path / "rows.parquet", sink.getvalue())) == [("hello", (("a",),))]
