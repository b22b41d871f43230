"""Which reader a file needs, told from its content, and why."""

from types import MappingProxyType
from typing import cast

from headstart.errors import DataError
from headstart.labels import brat, conll, delimited, jsonl, label_studio, parquet
from headstart.labels.files import SourceFile
from headstart.labels.records import Reader

READERS = MappingProxyType(
    {
        "parquet": cast(Reader, parquet),
        "label-studio": cast(Reader, label_studio),
        "conll": cast(Reader, conll),
        "csv": cast(Reader, delimited),
        "jsonl": cast(Reader, jsonl),
        "brat": cast(Reader, brat),  # last, for it takes any text beside annotated ones
    }
)
_SHOWN = 24  # bytes


def detect(file: SourceFile, wanted: str) -> tuple[str, str]:
    """The format of a file and the reason for it; ``wanted`` other than ``auto`` overrides.

    Raises:
        DataError: No reader recognises the file.
    """
    if wanted != "auto":
        return wanted, "the spec says so"
    for name, reader in READERS.items():
        if reason := reader.recognise(file):
            return name, reason
    raise DataError(
        "data/unknown-format",
        f"no reader recognises it; it starts with {_start(file)!r}.",
        remedy=f"Set data.format to one of {', '.join(READERS)}, or convert it.",
        where=file.name,
    )


def _start(file: SourceFile) -> bytes:
    with file.path.open("rb") as stream:
        return stream.read(_SHOWN)
