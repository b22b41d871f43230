"""fastText's files."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.labels.formats import fasttext
from headstart.labels.sources.files import SourceFile
from tests.support import exports
from tests.support.exports import import_export, in_memory
from tests.support.reading import read_bytes, said
from tests.support.steady import STEADY


@pytest.mark.parametrize("name", ["rows.txt", "rows", "rows.ft", "rows.train"])
def test_they_are_told_by_their_labels(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("\ufeff__label__spam Win a prize\n\n__label__ham Are you here\nno label here\n")
    assert fasttext.recognise(SourceFile(tmp_path / name, name)) == "most of its lines begin with __label__"


@pytest.mark.parametrize("content", ["", "hello\n", "hello\n__label__a x\n", "a __label__a x\n"])
def test_other_lines_are_left_to_others(tmp_path: Path, content: str) -> None:
    (tmp_path / "rows.txt").write_text(content)
    assert fasttext.recognise(SourceFile(tmp_path / "rows.txt", "rows.txt")) is None


@pytest.mark.parametrize(
    ("line", "text", "names"),
    [
        ("__label__spam Win a  prize", "Win a  prize", ("spam",)),
        ("__label__a __label__b\tboth of them", "both of them", ("a", "b")),
        ("  __label__a __label__a twice  ", "twice", ("a",)),
        ("at the end __label__a", "at the end", ("a",)),
        ("in the __label__a middle", "in the middle", ("a",)),
        ("no__label__x is here __label__a", "no__label__x is here", ("a",)),
        ("__label__a", "", ("a",)),
    ],
)
def test_the_labels_of_a_line_are_all_that_fasttext_takes_for_some(
    tmp_path: Path, line: str, text: str, names: tuple[str, ...]
) -> None:
    found = said(read_bytes(tmp_path / "rows.txt", f"{line}\n", form="fasttext"))
    assert found == [(text, (names,))]


def test_a_line_without_a_label_is_not_labeled_and_a_blank_one_is_none(tmp_path: Path) -> None:
    found = read_bytes(tmp_path / "rows.txt", "__label__a one\n \n__label__b two\nthree\n")
    assert said(found) == [("one", (("a",),)), ("two", (("b",),)), ("three", ())]
    assert [each.place for each in found] == ["rows.txt, line 1", "rows.txt, line 3", "rows.txt, line 4"]


def test_a_byte_that_is_not_utf8_costs_its_line_and_no_other(tmp_path: Path) -> None:
    content = b"__label__a one\n__label__b caf\xe9\n__label__c three\n"
    found = said(read_bytes(tmp_path / "rows.txt", content))
    assert found == [("one", (("a",),)), "broken-unicode", ("three", (("c",),))]


def test_they_are_imported(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("".join(f"__label__{label} {text}\n" for text, label in exports.lines(40)))
    dataset = import_export(tmp_path / "train.txt", in_memory())
    assert dataset.reconciliation.sources[0].format == "fasttext"
    assert (dataset.task, dataset.reconciliation.rows) == ("text-classification", 40)


_word = st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=1, max_size=4)


@STEADY
@given(
    st.lists(st.tuples(st.lists(_word, min_size=1, max_size=3, unique=True), st.lists(_word, max_size=4)), max_size=6)
)
def test_what_is_written_is_read(tmp_path: Path, rows: list[tuple[list[str], list[str]]]) -> None:
    lines = [" ".join([*(f"__label__{name}" for name in names), *words]) for names, words in rows]
    found = read_bytes(tmp_path / "rows.txt", "".join(f"{line}\n" for line in lines), form="fasttext")
    assert said(found) == [(" ".join(words), (tuple(names),)) for names, words in rows]
