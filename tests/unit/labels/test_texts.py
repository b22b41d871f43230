"""Texts to predict on."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import HeadstartError, UsageError
from headstart.labels.texts import read_texts
from tests.support import exports
from tests.support.steady import STEADY


def _texts(folder: Path, name: str, content: str | bytes, field: str = "auto") -> list[str]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_texts(path, field)


def _error(folder: Path, name: str, content: str | bytes, field: str = "auto") -> HeadstartError:
    with pytest.raises(UsageError) as caught:
        _texts(folder, name, content, field)
    return caught.value


def test_a_text_file_is_one_text_a_line_without_the_blank_ones(tmp_path: Path) -> None:
    assert _texts(tmp_path, "in.txt", "\ufeffone\n\n  \n two \r\nthree\rfour\u2028five") == [
        "one",
        " two ",
        "three",
        "four\u2028five",
    ]


def test_the_ending_of_a_text_file_may_be_in_capitals(tmp_path: Path) -> None:
    assert _texts(tmp_path, "IN.TXT", "one\n") == ["one"]


def test_every_table_gives_the_texts_of_its_field_in_order(tmp_path: Path) -> None:
    rows = exports.maps(exports.lines())
    expected = [row["text"] for row in rows]
    assert read_texts(exports.csv_file(tmp_path / "in.csv", rows), "auto") == expected
    assert read_texts(exports.jsonl_file(tmp_path / "in.jsonl", rows), "auto") == expected
    assert read_texts(exports.parquet_file(tmp_path / "in.parquet", rows), "auto") == expected
    assert _texts(tmp_path, "in.json", json.dumps(rows)) == expected


def test_no_label_is_needed(tmp_path: Path) -> None:
    assert _texts(tmp_path, "in.csv", "id,text\n1,one\n2,two\n") == ["one", "two"]


@pytest.mark.parametrize(
    ("name", "content", "texts"),
    [
        ("in.csv", "it is so and it was so then\nyes\n", ["it is so and it was so then", "yes"]),
        ("in.csv", "1,it is so now\n2,it was so then\n", ["it is so now", "it was so then"]),
        ("in.tsv", "it is so, now\t1\nit was so, then\t2\n", ["it is so, now", "it was so, then"]),
    ],
)
def test_a_table_without_a_header_has_texts_too(tmp_path: Path, name: str, content: str, texts: list[str]) -> None:
    assert _texts(tmp_path, name, content) == texts


def test_a_table_without_a_header_whose_text_cannot_be_told_is_an_error(tmp_path: Path) -> None:
    content = "it is so now,it was so then,1\nit was so then,it is so now,2\n"
    assert "no column is known to hold the text" in str(_error(tmp_path, "in.csv", content))
    assert _texts(tmp_path, "in.csv", content, "column 2") == ["it was so then", "it is so now"]


def test_the_field_may_be_named(tmp_path: Path) -> None:
    assert _texts(tmp_path, "in.csv", "text,title\nbody,head\n", "title") == ["head"]


def test_the_field_that_is_named_is_one_of_a_header(tmp_path: Path) -> None:
    content = "what did you think of all that,1\nit was fine,2\n"
    assert _texts(tmp_path, "in.csv", content, "what did you think of all that") == ["it was fine"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("in.csv", "text,title\nbody,head\n"),
        ("in.jsonl", '{"text": "body", "title": "head"}\n'),
        ("in.json", '[{"text": "body", "title": "head"}]'),
        ("in.csv", "Nachricht,title\nbody,head\n"),
    ],
)
def test_the_field_that_the_model_was_trained_on_goes_before_a_better_known_one(
    tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    assert read_texts(tmp_path / name, "auto", "title") == ["head"]


def test_without_the_field_that_the_model_was_trained_on_a_table_tells_its_own(tmp_path: Path) -> None:
    rows = [{"text": "body"}, {"text": "other"}]
    for path in (
        exports.csv_file(tmp_path / "in.csv", rows),
        exports.jsonl_file(tmp_path / "in.jsonl", rows),
        exports.parquet_file(tmp_path / "in.parquet", rows),
    ):
        assert read_texts(path, "auto", "title") == ["body", "other"]
    both = exports.parquet_file(tmp_path / "both.parquet", [{"text": "body", "title": "head"}])
    assert read_texts(both, "auto", "title") == ["head"]
    assert read_texts(both, "text", "title") == ["body"]


def test_a_row_that_lacks_the_field_of_those_before_it_is_an_error(tmp_path: Path) -> None:
    path = exports.jsonl_file(tmp_path / "in.jsonl", [{"text": "body", "title": "head"}, {"text": "body"}])
    with pytest.raises(HeadstartError, match="there is no field 'title'"):
        read_texts(path, "auto", "title")


def test_a_field_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    error = _error(tmp_path, "in.csv", "text,title\nbody,head\n", "titel")
    assert error.code == "data/unknown-field"
    assert "'titel'" in str(error)


@pytest.mark.parametrize(
    ("name", "content"), [("in.txt", ""), ("in.txt", "\n \n"), ("in.csv", ""), ("in.csv", "text\n"), ("in.jsonl", "\n")]
)
def test_a_file_without_texts_is_an_error(tmp_path: Path, name: str, content: str) -> None:
    error = _error(tmp_path, name, content)
    assert error.code == "predict/unreadable"
    assert "holds no texts" in error.problem


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("in.csv", "text,id\none,1\ntwo\n", "in.csv, line 3"),
        ("in.jsonl", '{"text": "one"}\n{"text": null}\n', "in.jsonl, line 2"),
        ("in.jsonl", '{"text": "one"}\n{"text": 5}\n', "in.jsonl, line 2"),
        ("in.jsonl", '{"text": "one"}\nbroken\n', "in.jsonl, line 2"),
    ],
)
def test_a_row_without_a_text_is_an_error_that_names_it(tmp_path: Path, name: str, content: str, place: str) -> None:
    error = _error(tmp_path, name, content)
    assert error.code == "predict/unreadable"
    assert error.where == place


def test_a_value_that_is_no_text_is_shown_with_its_field(tmp_path: Path) -> None:
    assert _error(tmp_path, "in.jsonl", '{"text": 5}').problem == "'text' holds 5, which is no text."
    assert _error(tmp_path, "in.jsonl", json.dumps({"text": ["a" * 200]})).problem.startswith("'text' holds ['aaa")
    assert _error(tmp_path, "in.jsonl", '{"text": null}').problem == "the row has no text."


def test_half_a_character_is_an_error_before_any_model_is_loaded(tmp_path: Path) -> None:
    error = _error(tmp_path, "in.jsonl", json.dumps({"text": "half \ud83d"}))
    assert error.where == "in.jsonl, line 1"


def test_a_folder_is_told_as_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="it is a folder") as caught:
        read_texts(tmp_path, "auto")
    assert "headstart score" in caught.value.remedy


def test_a_json_list_of_lists_is_no_table_of_texts(tmp_path: Path) -> None:
    error = _error(tmp_path, "in.json", '[["text", "label"], ["one", "a"], ["two", "b"]]')
    assert (error.where, error.problem) == ("in.json, object 1", "the entry is not a JSON object.")


def test_a_label_export_gives_the_texts_that_its_labels_are_about(tmp_path: Path) -> None:
    doccano = "".join(json.dumps({"id": id_, "text": text, "label": [text]}) + "\n" for id_, text in enumerate("ab"))
    assert _texts(tmp_path, "doccano.jsonl", doccano) == ["a", "b"]
    tasks = json.dumps(exports.tasks(exports.lines()))
    assert _texts(tmp_path, "tasks.json", tasks, "data.text") == [row["text"] for row in exports.maps(exports.lines())]
    assert "Name the field to use (--text" in _error(tmp_path, "tasks.json", tasks).remedy


@pytest.mark.parametrize(("content", "problem"), [("EU B-ORG\nis O\n", "it is none of"), ("", "it is empty.")])
def test_a_file_of_another_kind_is_told_what_texts_are_read_from(tmp_path: Path, content: str, problem: str) -> None:
    error = _error(tmp_path, "in.conll", content)
    assert error.code == "data/unknown-format"
    assert error.problem.startswith(problem)
    assert error.remedy == "Name a .txt, .csv, .json, .jsonl or .parquet file."


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("in.txt", "one\ncaf\xe9\n"),
        ("in.csv", "text,id\ncaf\xe9,1\n"),
        ("in.jsonl", '{"text": "one"}\n{"text": "caf\xe9"}\n'),
    ],
)
def test_a_line_that_is_not_utf8_is_an_error_that_names_it(tmp_path: Path, name: str, content: str) -> None:
    error = _error(tmp_path, name, content.encode("latin-1"))
    assert error.code == "predict/unreadable"
    assert error.where == f"{name}, line 2"
    assert "not UTF-8" in error.problem
    assert "iconv" in error.remedy


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_a_byte_order_mark_tells_the_encoding(tmp_path: Path, encoding: str) -> None:
    assert _texts(tmp_path, "in.txt", "one\ncaf\xe9\n".encode(encoding)) == ["one", "caf\xe9"]


def test_a_file_that_is_not_what_its_mark_announces_is_an_error(tmp_path: Path) -> None:
    assert _error(tmp_path, "in.txt", b"\xff\xfea").code == "predict/unreadable"


@pytest.mark.parametrize("name", ["none.txt", ".", "none/in.csv", "n\0.txt", "n" * 300 + ".txt"])
def test_a_path_that_is_no_file_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_texts(tmp_path / name, "auto")
    assert caught.value.code == "predict/unreadable"


@STEADY
@given(st.sampled_from(["in.txt", "in.csv", "in.jsonl", "in.parquet", "in"]), st.binary(max_size=120))
def test_no_bytes_crash_the_reader(tmp_path: Path, name: str, content: bytes) -> None:
    try:
        assert _texts(tmp_path, name, content)
    except HeadstartError:
        return
