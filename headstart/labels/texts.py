"""Texts without labels, to predict on."""

from pathlib import Path

from headstart.errors import DataError, UsageError
from headstart.labels import delimited, fields, jsonl, parquet
from headstart.labels.detect import detect
from headstart.labels.records import Reject, SourceFile
from headstart.labels.text import open_text

_ROWS = {"csv": delimited.rows, "jsonl": jsonl.rows, "parquet": parquet.rows}


def read_texts(path: Path, field: str) -> list[str]:
    """The texts of a .txt file (one a line, blank lines left out), or of a field of a .csv, .jsonl or .parquet file.

    Raises:
        UsageError: The file is missing, holds no texts, or a row of it has none.
        DataError: The file cannot be read, or has no such field.
    """
    if not path.is_file():
        raise UsageError(
            "predict/unreadable",
            "there is no such file.",
            remedy="Name a .txt, .csv, .jsonl or .parquet file.",
            where=str(path),
        )
    file = SourceFile(path, path.name, None)
    if path.suffix == ".txt":
        with open_text(path, path.name) as stream:
            texts = [line.rstrip("\r\n") for line in stream if line.strip()]
    else:
        texts = _of_table(file, field)
    if not texts:
        raise UsageError("predict/unreadable", "it holds no texts.", remedy="Give it at least one.", where=str(path))
    return texts


def _of_table(file: SourceFile, field: str) -> list[str]:
    format_, _ = detect(file, "auto")
    if format_ not in _ROWS:
        raise DataError(
            "data/unknown-format",
            f"{format_} is an export of labels.",
            remedy="Use .txt, .csv, .jsonl or .parquet.",
            where=file.name,
        )
    texts = []
    for place, row in _ROWS[format_](file):
        text = None if isinstance(row, Reject) else row.get(fields.choose(field, "text", list(row), file.name))
        if not isinstance(text, str):
            raise UsageError("predict/unreadable", "the row has no text.", remedy="Mend or remove it.", where=place)
        texts.append(text)
    return texts
