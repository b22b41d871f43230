"""Labels that have a field of 0 and 1 each."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError, HeadstartError
from headstart.labels.records import Reject
from tests.support.reading import lines_file, opened, read, read_bytes, said, taken
from tests.support.steady import ANYTHING, STEADY, mostly

HEAD = "text,toxic,threat,customer\n"


def csv(folder: Path, *rows: str, label: str = "toxic,threat", **asked: Any) -> list[object]:
    return said(read_bytes(folder / "rows.csv", HEAD + "".join(f"{row}\n" for row in rows), label=label, **asked))


@pytest.mark.parametrize("yes", ["1", "1.0", "true", "TRUE", "True"])
@pytest.mark.parametrize("no", ["0", "0.0", "false", "False", ""])
def test_the_labels_are_the_names_of_the_fields_that_say_yes(tmp_path: Path, yes: str, no: str) -> None:
    rows = [f"a,{yes},{no},c", f"b,{yes},{yes},c", "c,0,0,c"]
    assert csv(tmp_path, *rows) == [("a", (("toxic",),)), ("b", (("toxic", "threat"),)), ("c", ((),))]


def test_a_row_without_any_mark_is_not_labeled(tmp_path: Path) -> None:
    assert csv(tmp_path, "a,,,c", "b,1,0,c") == [("a", ()), ("b", (("toxic",),))]


@pytest.mark.parametrize("mark", ["-1", "2", "0.4", "yes", "nan x"])
def test_a_row_with_another_mark_is_a_bad_label(tmp_path: Path, mark: str) -> None:
    assert csv(tmp_path, "a,1,0,c", "b,0,1,c", f"d,{mark},1,c") == [
        ("a", (("toxic",),)),
        ("b", (("threat",),)),
        "bad-label",
    ]


def test_what_is_rejected_is_shown_as_the_file_has_it(tmp_path: Path) -> None:
    found = read_bytes(tmp_path / "rows.csv", f"{HEAD}a,1,0,c\nb,0,1,c\nd,-1,1,c\n", label="toxic,threat")
    content = {"text": "d", "toxic": "-1", "threat": "1", "customer": "c"}
    assert [each for each in found if isinstance(each, Reject)] == [
        Reject("rows.csv, line 4", "bad-label", content, text="d")
    ]


def test_fields_that_mostly_hold_something_else_are_an_error_that_says_what(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"field 'threat' holds '0\.83', where fields that are named together hold 0 or 1"
    ):
        csv(tmp_path, "a,1,0.83,c", "b,0,0.1,c", "c,1,0,c")


def test_other_fields_are_read_as_ever(tmp_path: Path) -> None:
    content = f"{HEAD}a,1,0,bo\n"
    (found,) = read_bytes(tmp_path / "rows.csv", content, label="threat, toxic", group_by="customer")
    assert getattr(found, "group", None) == "bo"
    assert opened(tmp_path / "rows.csv", label="threat, toxic").fields == (
        "text from 'text', label from 'threat', 'toxic' (1 for each that applies)"
    )


def test_every_table_has_them(tmp_path: Path) -> None:
    rows = [{"text": "a", "toxic": 1, "threat": False}, {"text": "b", "toxic": 0.0}]
    expected = [("a", (("toxic",),)), ("b", ((),))]
    assert said(read(lines_file(tmp_path / "rows.jsonl", rows), label="toxic,threat")) == expected
    pq.write_table(pa.Table.from_pylist([{"other": 1, **row} for row in rows]), tmp_path / "rows.parquet")
    assert said(read(tmp_path / "rows.parquet", label="toxic,threat")) == expected
    assert said(
        read_bytes(tmp_path / "rows.csv", "it is so,1,0\nit is not,0,1\nis it,0,0\n", label="column 2,column 3")
    ) == [
        ("it is so", (("column 2",),)),
        ("it is not", (("column 3",),)),
        ("is it", ((),)),
    ]


@pytest.mark.parametrize("task", ["regression", "token-classification"])
def test_a_task_that_takes_no_names_refuses_them(tmp_path: Path, task: str) -> None:
    with pytest.raises(DataError, match=f"several fields of 0 and 1 are names of labels, and {task} takes others"):
        csv(tmp_path, "a,1,0,c", task=task)


@STEADY
@given(
    st.lists(
        st.fixed_dictionaries(
            {"text": mostly(st.text(max_size=4)), "a": ANYTHING, "b": mostly(st.sampled_from([0, 1, True]))}
        ),
        max_size=5,
    )
)
def test_every_row_is_one_record_or_one_reject(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    try:
        found = taken(opened(lines_file(tmp_path / "rows.jsonl", rows), label="a,b"))
    except HeadstartError:
        return
    assert [int(item.place.rpartition(" ")[2]) for item in found] == list(range(1, len(rows) + 1))
