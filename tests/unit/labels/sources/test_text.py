"""Text files in the encodings of Unicode, and with bytes that are in none."""

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError, HeadstartError
from headstart.labels import plan
from headstart.labels.records import Ask
from headstart.labels.sources import source
from headstart.labels.sources.text import decoded, encoding_of, open_text, transcode
from headstart.spec import DataSpec
from tests.support.reading import said, taken
from tests.support.steady import STEADY, damaged

CSV = "text,label\r\nhé \U0001f600,a\nbye,b\n"
SAID = [("hé \U0001f600", (("a",),)), ("bye", (("b",),))]
MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


def read(path: Path, content: bytes) -> list[object]:
    path.write_bytes(content)
    spec = DataSpec.model_validate({"source": str(path)})
    with source.gather(spec) as files:
        return [item for part in plan.parts(files, "auto") for item in said(taken(part.open(Ask())))]


@pytest.mark.parametrize("name", ["rows.csv", "rows.json"])
@pytest.mark.parametrize("encoding", MARKS)
def test_a_file_is_read_in_the_encoding_that_its_mark_announces(tmp_path: Path, encoding: str, name: str) -> None:
    content = CSV if name == "rows.csv" else '[{"text": "hé \U0001f600", "label": "a"}, {"text": "bye", "label": "b"}]'
    assert read(tmp_path / name, MARKS[encoding] + content.encode(encoding)) == SAID


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_without_a_mark_utf16_is_told_by_its_zeros(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path / "rows.csv", CSV.encode(encoding)) == SAID
    chinese = "text,label\n我的卡还没有到\u3000一一一一一一,物流\n被扣了两次款,付款\n"
    assert read(tmp_path / "rows.csv", chinese.encode(encoding)) == read(tmp_path / "rows.csv", chinese.encode())


@pytest.mark.parametrize("content", [b"a\0,b\nc\0,d\n", bytes(range(1, 200, 2)) + b"\n\0\n", b"\0" * 64, b"P\0A\0R\0"])
def test_zeros_alone_make_no_utf16(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    assert encoding_of(tmp_path / "file") is None


def test_without_a_mark_a_file_is_in_utf8(tmp_path: Path) -> None:
    assert read(tmp_path / "rows.csv", CSV.encode()) == SAID


@pytest.mark.parametrize("content", [b"", b"\xff", b"\xef\xbb", b"text", b"\xff\xff\xff\xff"])
def test_other_bytes_announce_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    assert encoding_of(tmp_path / "file") is None


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_half_a_character_of_utf16_costs_its_record_and_no_other(tmp_path: Path, encoding: str) -> None:
    content = "text,label\nhalf \ud83d,a\nbye,b\n".encode(encoding, errors="surrogatepass")
    assert read(tmp_path / "rows.csv", MARKS[encoding] + content) == ["broken-unicode", ("bye", (("b",),))]


@pytest.mark.parametrize(("encoding", "cut"), [("utf-16-le", 1), ("utf-32-be", 3)])
def test_a_file_that_is_not_what_its_mark_says_is_a_clear_error(tmp_path: Path, encoding: str, cut: int) -> None:
    content = MARKS[encoding] + CSV.encode(encoding)
    with pytest.raises(DataError, match=f"it seems to be {encoding[:6].upper()} and is not") as caught:
        read(tmp_path / "rows.csv", content[:-cut])
    assert (caught.value.code, caught.value.where) == ("data/unreadable", "rows.csv")


def test_bytes_that_are_not_utf8_are_kept_as_what_no_record_may_hold(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\xef\xbb\xbfcaf\xe9\r\nend")
    with open_text(tmp_path / "file") as stream:
        assert list(stream) == ["caf\udce9\r\n", "end"]
    assert decoded(b"\xef\xbb\xbfcaf\xe9") == "caf\udce9"


@STEADY
@given(st.text(alphabet=st.characters(codec="utf-8")), st.sampled_from(list(MARKS)[1:]))
def test_a_text_is_the_same_in_utf8(tmp_path: Path, text: str, encoding: str) -> None:
    (tmp_path / "before").write_bytes(MARKS[encoding] + text.encode(encoding))
    announced = encoding_of(tmp_path / "before")
    if (announced or "") != encoding[:6]:  # two zero bytes behind the mark of UTF-16 make it that of UTF-32
        assert text.startswith("\0")
        return
    transcode(tmp_path / "before", announced or "", tmp_path / "after")
    assert (tmp_path / "after").read_bytes() == text.encode()


@STEADY
@given(st.data(), st.sampled_from(list(MARKS)))
def test_damaged_files_raise_nothing_but_errors_of_their_own(
    tmp_path: Path, data: st.DataObject, encoding: str
) -> None:
    try:
        read(tmp_path / "rows.csv", MARKS[encoding] + damaged(data, CSV.encode(encoding)))
    except HeadstartError:
        return
