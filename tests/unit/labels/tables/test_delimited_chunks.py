"""Delimited files in chunks: what Arrow parses is what Python's csv module would have."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError
from headstart.labels.records import Ask, Reject
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import delimited, delimited_chunks
from headstart.labels.tables.dialect import dialect_of
from headstart.labels.tables.pieces import Batch, Piece
from headstart.spec import FieldsSpec
from tests.support.steady import STEADY

ASK = Ask(FieldsSpec(text="text", label="label"))
_cells = st.text(alphabet='ab ,;"\n\r\t\0é\U0001f600', max_size=6) | st.sampled_from(["", "NULL", "nan", "007", "1e5"])


def _read(path: Path) -> tuple[list[tuple[int, tuple[str, ...]]], bool]:
    """The rows with their lines, what is rejected with its reason, and whether Arrow parsed all of it."""
    file = SourceFile(path, "rows.csv")
    rows: list[Any] = []
    by_arrow = True
    for item in delimited.pieces(file, dialect_of(file, ASK)):
        if isinstance(item, Reject):
            rows.append((int(item.place.rpartition(" ")[2]), tuple(item.content)))
            by_arrow = False
        else:
            by_arrow &= isinstance(item, Batch) or not item.numbers
            rows += _rows(item)
    return sorted(rows), by_arrow


def _rows(piece: Piece) -> list[tuple[int, tuple[str, ...]]]:
    return [(number, tuple(piece.row(index).values())) for index, number in enumerate(piece.numbers)]


def _plainly(content: bytes) -> list[tuple[int, tuple[str, ...]]]:
    """What Python's csv module makes of it, with the lines that rows start on."""
    reader = csv.reader(io.StringIO(content.decode(errors="surrogateescape"), newline=""), strict=True)
    rows, start = [], 1
    for cells in reader:
        if cells:
            rows.append((start, tuple(cells)))
        start = reader.line_num + 1
    return rows[1:]


def _written(rows: list[list[str]], **dialect: Any) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, **dialect)
    writer.writerow(["text", "label"])
    writer.writerows(rows)
    return stream.getvalue().encode()


@STEADY
@given(
    st.lists(st.tuples(_cells, _cells).map(list), max_size=12),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.integers(1, 40),
)
def test_what_was_written_is_read_on_the_lines_where_it_stands(
    tmp_path: Path, rows: list[list[str]], end: str, quoting: Any, chunk: int
) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(_written(rows, lineterminator=end, quoting=quoting))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited_chunks, "_CHUNK", chunk)
        read, _ = _read(path)
    assert read == _plainly(path.read_bytes())
    if quoting == csv.QUOTE_ALL:
        assert [cells for _, cells in read] == [tuple(row) for row in rows]


@STEADY
@given(st.text(alphabet='ab,"\n\r', max_size=40), st.integers(1, 20))
def test_any_quoting_is_read_as_python_does_or_refused_as_it_does(tmp_path: Path, content: str, chunk: int) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"text,label\n" + content.encode())
    try:
        expected = _plainly(path.read_bytes())
    except csv.Error:
        with pytest.raises(DataError):
            _read(path)
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited_chunks, "_CHUNK", chunk)
        assert _read(path)[0] == expected


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\nc,d\n",
        b"a,b\nc,d",
        b"a,b\r\nc,d\r\n",
        b'"a, ""b""",c\n"","d"\n',
        "é,\U0001f600\n".encode(),
        b"a,\n,b\n",
    ],
)
def test_ordinary_rows_are_parsed_by_arrow(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"text,label\n" + content)
    read, by_arrow = _read(path)
    assert by_arrow
    assert read == _plainly(path.read_bytes())


@pytest.mark.parametrize(
    "content", [b'a,5" pipe\n', b'"a\nb",c\n', b"a\n", b"a,b\n\nc,d\n", b"a,b\rc,d\n", b"a,\xff\n"]
)
def test_other_rows_are_left_to_python(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"text,label\n" + content)
    read, by_arrow = _read(path)
    assert not by_arrow
    assert read == _plainly(path.read_bytes())


def test_one_odd_row_does_not_slow_the_rows_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited_chunks, "_CHUNK", 1000)
    path = tmp_path / "rows.csv"
    path.write_bytes(b"text,label\n" + b"a,b\n" * 1000 + b'c,5" pipe\n' + b"d,e\n")
    file = SourceFile(path, "rows.csv")
    items = list(delimited.pieces(file, dialect_of(file, ASK)))
    assert sum(len(item.numbers) for item in items if isinstance(item, Batch)) > 700
    assert _read(path)[0][-2:] == [(1002, ("c", '5" pipe')), (1003, ("d", "e"))]
