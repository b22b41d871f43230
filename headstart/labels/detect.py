"""Which reader a file needs, told from its content, and why."""

from types import MappingProxyType
from typing import cast

from headstart.errors import DataError
from headstart.labels import delimited, jsonl, label_studio, parquet
from headstart.labels.records import Reader, SourceFile

READERS = MappingProxyType(
    {
        "parquet": cast(Reader, parquet),
        "label-studio": cast(Reader, label_studio),
        "csv": cast(Reader, delimited),
        "jsonl": cast(Reader, jsonl),
    }
)
_HEAD = 1 << 16


def detect(file: SourceFile, wanted: str) -> tuple[str, str]:
    """The format of a file and the reason for it; ``wanted`` other than ``auto`` overrides.

    Raises:
        DataError: No reader recognises the file.
    """
    if wanted != "auto":
        return wanted, "the spec says so"
    with file.path.open("rb") as stream:
        head = stream.read(_HEAD)
    for name, reader in READERS.items():
        if reason := reader.recognise(head, file.name):
            return name, reason
    raise DataError(
        "data/unknown-format",
        f"no reader recognises it; it starts with {head[:24]!r}.",
        remedy=f"Set data.format to one of {', '.join(READERS)}, or convert it.",
        where=file.name,
    )
