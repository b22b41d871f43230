"""Telling CoNLL's column files from tables and prose."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.labels.formats.conll import reader as conll
from headstart.labels.sources.files import SourceFile
from tests.support import shared_data
from tests.support.steady import STEADY
from tests.unit.labels.formats.conll.test_reader import CONLL_2003, CONLL_U_PLUS, GERMEVAL, HIPE, MISC

NAMES = ["train.conll", "train.bio", "train.iob", "train.tsv", "train.csv", "train.txt", "emerging.test.annotated", "x"]


def _recognised(folder: Path, content: str | bytes, name: str = "file") -> str | None:
    (folder / "file").write_bytes(content.encode() if isinstance(content, str) else content)
    return conll.recognise(SourceFile(folder / "file", name))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("content", [CONLL_2003, GERMEVAL, CONLL_U_PLUS, MISC, HIPE])
def test_it_is_told_from_the_content_whatever_the_name(tmp_path: Path, content: str, name: str) -> None:
    reason = _recognised(tmp_path, content, name)
    assert reason is not None
    assert reason.startswith("its lines are tokens with tags (")


@pytest.mark.parametrize(
    "content",
    [
        "Oslo B-LOC\nis O\nbig O",
        "\ufeff\n\nOslo\tB-LOC\r\nis\tO\r\n\r\nhi\tO\r\n",
        "a O\nb O\n\nc O\n",
        "Oslo LOC\nis O\nbig O\n\nhi O\n",
        "a B\nb I\nc O\n\nd O\n",
        "A B-X\nB L-X\nC U-Y\n\nD O\n",
        "O\tfilms\nB-DIRECTOR\tjane\n\nO\thi\n",
        "I|O like|O New|B-GPE York|I-GPE\n",
        "-DOCSTART- -X- O\nOslo -X- _ B-LOC\nrocks -X- _ O\n",
        "Oslo B-LOC\nis O\nbig O\n\n" * 5 + "hi\n\n",
        "caf\xe9 O\nOslo B-LOC\nis O\n".encode("latin-1"),
    ],
)
def test_short_and_unusual_files_are_recognised(tmp_path: Path, content: str | bytes) -> None:
    assert _recognised(tmp_path, content)


def test_one_sentence_without_a_span_is_recognised_by_its_name_only(tmp_path: Path) -> None:
    assert _recognised(tmp_path, "I O\ngo O\n", "letter-7.conll")
    assert not _recognised(tmp_path, "I O\ngo O\n", "letter-7.txt")
    assert not _recognised(tmp_path, "I PRP\ngo VB\n", "letter-7.conll")


def test_a_long_first_sentence_is_recognised_where_comments_show_that_it_is_no_table(tmp_path: Path) -> None:
    rows = "".join(f"token{number}\t{'B-X' if number % 9 == 0 else 'O'}\n" for number in range(50_000))
    assert _recognised(tmp_path, f"# document = 1\n{rows}")
    assert not _recognised(tmp_path, f"word\ttag\n{rows}")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\n\n",
        "hello\n",
        "Blood type O\n",
        "Take vitamin B-12\n",
        "Buy food. See you at O\n\nThe bus leaves at 8 O\n",
        "ham\tGo until jurong point\nspam\tFree entry\nham\tOk lar\n",
        "text\tlabel\nI love it\tpos\nI hate it\tneg\n",
        "text,label\nfine,O\nbad,B-X\n",
        "My favourite thing\t27\teebbqej\nWhat\t0,1\tx\n",
        "word\n\nword\n",
        "id\ttext\tcell\n1\tshe has leukemia\tB-cell\n2\tso does he\tB-cell\n3\tor not\tO\n",
        "1\tGo\tgo\tVERB\tVB\t_\t0\troot\t_\t_\n2\t!\t!\tPUNCT\t.\t_\t1\tpunct\t_\t_\n\n1\tNo\tno\tINTJ\tUH\t_\t0\troot\t_\t_\n",
        "Buy NN\nit PRP\n\nnow RB\nO UH\n",
        "T1\tProtein 0 4\tI-kB\nT2\tProtein 6 9\tB-Raf\n",
        "#FORMAT=WebAnno TSV 3.3\n\n#Text=Oslo\n1-1\t0-4\tOslo\tLOC\n",
        '{"text": "O"}\n{"text": "B-X"}\n',
        '[{"data": {"text": "a"}, "annotations": []}]',
        "<annotations>\n<O>\n</annotations>\n",
        b"PAR1\x00\x01\xff\xfe",
        "Oslo B-LOC\nis O\n".encode("utf-16"),
    ],
)
def test_tables_prose_and_other_formats_are_not_claimed(tmp_path: Path, content: str | bytes) -> None:
    assert _recognised(tmp_path, content) is None


def test_of_the_real_data_only_wnut_is_claimed() -> None:
    folders = ["banking77", "goemotions", "sms_spam", "stsb", "prodigy_exports", "labelstudio_exports", "wnut17"]
    claimed = [
        path.name
        for folder in folders
        for path in sorted(shared_data.folder(folder).rglob("*"))
        if path.is_file() and conll.recognise(SourceFile(path, path.name))
    ]
    assert claimed == ["emerging.dev.conll", "emerging.test.annotated", "wnut17train.conll"]


def test_a_file_is_recognised_by_its_start_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as stream:
        stream.write(b"Oslo B-LOC\nis O\n\n" * 20_000)
        stream.truncate(1 << 40)  # of which a disk keeps no more than what was written
    assert conll.recognise(SourceFile(path, "file"))


@STEADY
@given(st.binary(max_size=100) | st.text("OB-X I\t\n#_|=0", max_size=60).map(str.encode))
def test_any_bytes_are_recognised_or_not(tmp_path: Path, content: bytes) -> None:
    assert _recognised(tmp_path, content) is None or b"\n" in content or b"|" in content
