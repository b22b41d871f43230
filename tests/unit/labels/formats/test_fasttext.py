"""fastText's files."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError
from headstart.labels.records import Record, Reject
from tests.support import exports, reading
from tests.support.exports import import_export, in_memory
from tests.support.steady import STEADY


def _read(folder: Path, content: str | bytes) -> list[Record | Reject]:
    path = folder / "train.txt"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return reading.taken(reading.opened(path, form="fasttext"))


def _said(items: list[Record | Reject]) -> list[object]:
    return [
        (item.text, *(vote.value for vote in item.votes)) if isinstance(item, Record) else item.reason for item in items
    ]


def test_labels_are_words_that_begin_with_label_and_the_rest_is_the_text(tmp_path: Path) -> None:
    content = (
        "__label__sauce __label__cheese How much does  it cost?\n\n__label__a é\t, ok \nno label here\n__label__b\n"
    )
    items = _read(tmp_path, content)
    assert _said(items) == [
        ("How much does  it cost?", ("sauce", "cheese")),
        ("é\t, ok", ("a",)),
        ("no label here",),
        ("", ("b",)),
    ]
    assert [item.place for item in items] == [f"train.txt, line {number}" for number in (1, 3, 4, 5)]


def test_labels_may_stand_anywhere_as_they_may_for_fasttext(tmp_path: Path) -> None:
    items = _read(tmp_path, "a word __label__x and more __label__y\nnot__label__z\n")
    assert _said(items) == [("a word and more", ("x", "y")), ("not__label__z",)]


def test_a_line_that_is_not_utf8_costs_itself_alone(tmp_path: Path) -> None:
    assert _said(_read(tmp_path, b"__label__a caf\xe9\n__label__a ok\n")) == ["broken-unicode", ("ok", ("a",))]


def test_it_is_recognised_by_its_first_line_and_imported(tmp_path: Path) -> None:
    rows = "".join(f"__label__{label} {text}\n" for text, label in exports.lines(40))
    (tmp_path / "train.txt").write_text("\ufeff" + rows)
    workspace = in_memory()
    dataset = import_export(tmp_path / "train.txt", workspace)
    (source,) = dataset.reconciliation.sources
    assert (source.format, source.reason) == ("fasttext", "its first line begins with __label__")
    assert (dataset.task, dataset.reconciliation.rows) == ("text-classification", 40)


def test_a_task_of_other_labels_is_refused(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("__label__a x\n")
    with pytest.raises(DataError, match="takes spans"):
        reading.opened(tmp_path / "train.txt", task="token-classification")


_word = st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=1, max_size=4)


@STEADY
@given(st.lists(st.tuples(st.lists(_word, min_size=1, max_size=3), st.lists(_word, max_size=4)), max_size=6))
def test_what_is_written_is_read(tmp_path: Path, rows: list[tuple[list[str], list[str]]]) -> None:
    lines = [" ".join([*(f"__label__{name}" for name in names), *words]) for names, words in rows]
    assert _said(_read(tmp_path, "".join(f"{line}\n" for line in lines))) == [
        (" ".join(words), tuple(names)) for names, words in rows
    ]
