"""Texts without labels, to predict on."""

from collections.abc import Iterator
from pathlib import Path

from headstart.errors import DataError, UsageError
from headstart.labels import delimited, jsonl, parquet
from headstart.labels.detect import detect
from headstart.labels.fields import choose_text
from headstart.labels.files import SourceFile
from headstart.labels.pieces import Piece
from headstart.labels.reasons import REASONS
from headstart.labels.records import Reject, is_clean, printable
from headstart.labels.text import open_text


def read_texts(path: Path, field: str) -> list[str]:
    """The texts of a .txt file (one a line, blank lines left out), or of a field of a .csv, .jsonl or .parquet file.

    Raises:
        UsageError: The file is missing, holds no texts, or a row of it has none.
        DataError: The file cannot be read, or has no such field.
    """
    name = printable(path.name)
    remedy = "Name a .txt, .csv, .jsonl or .parquet file."
    try:
        if not path.is_file():
            raise UsageError("predict/unreadable", "there is no such file.", remedy=remedy, where=str(path))
        texts = list(
            _lines(path, name) if path.suffix.lower() == ".txt" else _of_table(SourceFile(path, name, None), field)
        )
    except OSError as error:
        raise UsageError("predict/unreadable", f"{error.strerror}.", remedy=remedy, where=name) from None
    if not texts:
        raise UsageError("predict/unreadable", "it holds no texts.", remedy="Give it at least one.", where=name)
    return texts


def _lines(path: Path, name: str) -> Iterator[str]:
    with open_text(path, name) as stream:
        yield from (line.rstrip("\r\n") for line in stream if line.strip())


def _of_table(file: SourceFile, field: str) -> Iterator[str]:
    format_, _ = detect(file, "auto")
    if format_ not in ("csv", "jsonl", "parquet"):
        remedy = "Use .txt, .csv, .jsonl or .parquet."
        raise DataError("data/unknown-format", "it is an export of labels.", remedy=remedy, where=file.name)
    if format_ == "parquet":
        field = choose_text(field, parquet.names(file), file.name)
        pieces: Iterator[Piece | Reject] = parquet.pieces(file, [field])
    else:
        pieces = jsonl.pieces(file) if format_ == "jsonl" else delimited.pieces(file)
    for piece in pieces:
        if isinstance(piece, Reject):
            problem = f"{REASONS[piece.reason]}."
            raise UsageError("predict/unreadable", problem, remedy="Mend or remove it.", where=piece.place)
        unit = "row" if format_ == "parquet" else "line"
        for index, number in enumerate(piece.numbers):
            place = f"{file.name}, {unit} {number}"
            row = piece.row(index)
            text = row.get(choose_text(field, list(row), place))
            if not isinstance(text, str) or not is_clean(text):
                raise UsageError("predict/unreadable", "the row has no text.", remedy="Mend or remove it.", where=place)
            yield text
