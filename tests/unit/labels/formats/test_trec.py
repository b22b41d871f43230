"""TREC's questions."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError
from headstart.labels.formats import trec
from headstart.labels.sources.files import SourceFile
from tests.support.reading import opened, read_bytes, said
from tests.support.steady import STEADY

TREC = "".join(f"{'NUM:date' if row % 2 else 'DESC:manner'} What is it , {row} ?\n" for row in range(20))


def reason(folder: Path, content: str, name: str = "rows.txt") -> str | None:
    (folder / name).write_text(content, encoding="utf-8")
    return trec.recognise(SourceFile(folder / name, name))


def test_trecs_lines_are_told_by_what_all_begin_with(tmp_path: Path) -> None:
    assert reason(tmp_path, TREC, "train.label") == "all its lines begin with one of a few labels"
    found = said(read_bytes(tmp_path / "train.label", TREC))
    assert found[:2] == [("What is it , 0 ?", (("DESC:manner",),)), ("What is it , 1 ?", (("NUM:date",),))]
    assert len(found) == 20


@pytest.mark.parametrize(
    "content",
    [
        "",
        "hello\n" * 20,
        "What is it\nWhat was it\n" * 20,
        "Bob: hello\nAnn: hi\n" * 20,
        TREC + "and one line more\n" + TREC,
        "".join(f"{chr(65 + row % 26)}{chr(97 + row // 26)}:x and so on\n" for row in range(40)),  # all different
        TREC[:120],
        "http://a.b is here\n" * 20,
    ],
)
def test_other_lines_are_left_to_others(tmp_path: Path, content: str) -> None:
    assert reason(tmp_path, content) is None


def test_a_log_is_none(tmp_path: Path) -> None:
    assert reason(tmp_path, "INFO:root it is started\nWARN:root it is slow\n" * 20, "app.log") is None


def test_a_byte_that_is_not_utf8_costs_its_line_and_no_other(tmp_path: Path) -> None:
    content = TREC.encode().replace(b", 3 ?", b"caf\xe9")
    found = said(read_bytes(tmp_path / "rows.txt", content, form="trec"))
    assert [each for each in found if isinstance(each, str)] == ["broken-unicode"]
    assert len(found) == 20


@pytest.mark.parametrize("form", ["trec", "fasttext"])
@pytest.mark.parametrize(
    "asked", [{"text": "a"}, {"label": "a"}, {"pair": "a"}, {"image": "a"}, {"group_by": "a"}, {"time": "a"}]
)
def test_it_has_no_fields(tmp_path: Path, asked: dict[str, str], form: str) -> None:
    with pytest.raises(DataError, match="no field 'a'"):
        read_bytes(tmp_path / "rows.txt", TREC, form=form, **asked)


@pytest.mark.parametrize("form", ["trec", "fasttext"])
@pytest.mark.parametrize("task", ["regression", "token-classification", "pair-regression"])
def test_a_task_that_takes_no_names_is_refused(tmp_path: Path, task: Any, form: str) -> None:
    with pytest.raises(DataError, match=f"it holds names of labels, and {task} takes others"):
        read_bytes(tmp_path / "rows.txt", TREC, form=form, task=task)


def test_what_was_found_is_said(tmp_path: Path) -> None:
    (tmp_path / "rows.txt").write_text(TREC)
    assert opened(tmp_path / "rows.txt").fields == "label and text from each line"


@pytest.mark.parametrize("form", ["trec", "fasttext"])
@STEADY
@given(st.binary(max_size=80) | st.text(alphabet="_labeAB:c \n\t", max_size=60).map(str.encode))
def test_every_line_is_one_record_or_one_reject_whatever_it_is(tmp_path: Path, form: str, content: bytes) -> None:
    found = read_bytes(tmp_path / "rows.txt", content, form=form)
    text = (
        content.removeprefix(b"\xef\xbb\xbf").decode(errors="surrogateescape").replace("\r\n", "\n").replace("\r", "\n")
    )
    assert len(found) == sum(bool(line.strip()) for line in text.split("\n"))
