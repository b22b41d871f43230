"""Texts without labels, to predict on."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from headstart.errors import NO_ROOM, DataError, UsageError
from headstart.labels.detect import READERS
from headstart.labels.reasons import REASONS, TO_UTF8
from headstart.labels.records import Ask, Reject, is_clean, printable
from headstart.labels.sources import pointers
from headstart.labels.sources.files import SourceFile
from headstart.labels.sources.text import encoding_of, open_text, transcode
from headstart.labels.tables import delimited, headers, json_table, jsonl, nested, parquet
from headstart.labels.tables.dialect import dialect_of
from headstart.labels.tables.fields import choose_text
from headstart.labels.tables.pieces import Piece
from headstart.spec import FieldsSpec, Format

_TABLES: tuple[Format, ...] = ("parquet", "csv", "json", "jsonl")
_SHOWN = 60  # characters of a value
_MEND, _NAME = "Mend or remove it.", "Name a .txt, .csv, .json, .jsonl or .parquet file."


def read_texts(path: Path, field: str, trained: str = "auto") -> list[str]:
    """The texts of a .txt file (one a line, blank lines left out), or of a field of a table.

    Tables are .csv, .json, .jsonl and .parquet files.

    Args:
        path: The file.
        field: The field; ``auto`` derives it.
        trained: The field that the model's own texts were in: where a table has it, ``auto`` is that one.

    Raises:
        UsageError: The file is missing, holds no texts, or a row of it has none.
        DataError: The file cannot be read, or has no such field.
    """
    name = printable(path.name)
    with _opening(name), tempfile.TemporaryDirectory() as folder:
        if path.is_dir():
            remedy = "Name a file of it, or use headstart score, which reads folders."
            raise UsageError("predict/unreadable", "it is a folder.", remedy=remedy, where=str(path))
        if not path.is_file():
            raise UsageError("predict/unreadable", "there is no such file.", remedy=_NAME, where=str(path))
        pointers.check(path, name)
        readable = path
        if encoding := encoding_of(path):
            readable = Path(folder) / path.name
            transcode(path, encoding, readable)
        return texts_of(SourceFile(readable, name), field, trained)


def texts_of(file: SourceFile, field: str, trained: str = "auto") -> list[str]:
    """The texts of a file in UTF-8; none where nobody named the file and it is of another kind, or empty.

    Raises:
        UsageError: A row has no text, or the file was named and holds none.
        DataError: The file cannot be read, or has no such field.
    """
    with _opening(file.name):
        texts = list(_lines(file) if file.suffix == ".txt" else _of_table(file, field, trained))
    if not texts and file.is_named:
        raise UsageError("predict/unreadable", "it holds no texts.", remedy="Give it at least one.", where=file.name)
    return texts


@contextlib.contextmanager
def _opening(name: str) -> Iterator[None]:
    try:
        yield
    except UnicodeError as error:
        raise UsageError("predict/unreadable", f"{error}.", remedy="Save the file as UTF-8.", where=name) from None
    except OSError as error:
        if error.errno in NO_ROOM:
            raise
        raise UsageError("predict/unreadable", f"{error.strerror}.", remedy=_NAME, where=name) from None


def _lines(file: SourceFile) -> Iterator[str]:
    with open_text(file.path) as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield _clean(line, f"{file.name}, line {number}").rstrip("\r\n")


def _of_table(file: SourceFile, field: str, trained: str) -> Iterator[str]:
    """A label export is a table, too, where its entries are objects or rows."""
    format_ = next((name for name in _TABLES if READERS[name].recognise(file)), None)
    wanted = field if field != "auto" else trained
    ask = Ask(FieldsSpec(text=wanted))
    if format_ is None:
        if not file.is_named:
            return
        problem = "it is none of the files that texts are read from." if file.start(1) else "it is empty."
        raise DataError("data/unknown-format", problem, remedy=_NAME, where=file.name)
    if format_ == "parquet":
        names = parquet.names(file, wanted)
        field = choose_text(wanted if wanted in names else field, names, file.name)
        pieces: Iterator[Piece | Reject] = parquet.pieces(file, [field])
    elif format_ in ("json", "jsonl"):
        objects = json_table.pieces(file) if format_ == "json" else jsonl.pieces(file)
        pieces = nested.lifted(objects, ask)
    else:
        dialect = dialect_of(file, ask)
        pieces = delimited.pieces(file, dialect)
        if dialect.seen and field == "auto" and wanted not in dialect.columns:
            field = headers.choose_text(dialect.seen, dialect.columns, file.name)
    for piece in pieces:
        if isinstance(piece, Reject):
            raise UsageError("predict/unreadable", f"{REASONS[piece.reason]}.", remedy=_MEND, where=piece.place)
        for index, number in enumerate(piece.numbers):
            place = f"{file.name}, {piece.unit} {number}"
            row = piece.row(index)
            field = wanted if wanted in row else field
            name = choose_text(field, list(row), place)
            yield _text(row.get(name), name, place)


def _text(value: object, name: str, place: str) -> str:
    if isinstance(value, str):
        return _clean(value, place)
    held = f"{name!r} holds {ascii(value)[:_SHOWN]}, which is no text."
    problem = "the row has no text." if value is None else held
    raise UsageError("predict/unreadable", problem, remedy=_MEND, where=place)


def _clean(text: str, place: str) -> str:
    if is_clean(text):
        return text
    problem = "the text has bytes that are not UTF-8, or half a character."
    raise UsageError("predict/unreadable", problem, remedy=TO_UTF8, where=place)
