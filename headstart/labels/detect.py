"""Which reader a file needs, told from its content, and why."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import cast

from headstart.errors import DataError
from headstart.labels.formats import (
    argilla,
    brat,
    coco,
    cvat,
    doccano,
    fasttext,
    image_folder,
    prodigy,
    rejected,
    spacy,
    text_folder,
    trec,
)
from headstart.labels.formats.conll import reader as conll
from headstart.labels.formats.label_studio import csv_export as label_studio_csv
from headstart.labels.formats.label_studio import export as label_studio
from headstart.labels.formats.label_studio import json_min as label_studio_min
from headstart.labels.records import Reader
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import arrow, delimited, excel, json_table, jsonl, parquet
from headstart.spec import Format

# In the order in which they are asked: those that know their files by more than a name come first, and last the
# one that takes any text beside annotated ones.
READERS: Mapping[Format, Reader] = MappingProxyType(
    {
        "parquet": cast(Reader, parquet),
        "arrow": cast(Reader, arrow),
        "excel": cast(Reader, excel),
        "label-studio": cast(Reader, label_studio),
        "label-studio-min": cast(Reader, label_studio_min),
        "label-studio-csv": cast(Reader, label_studio_csv),
        "rejected": cast(Reader, rejected),
        "prodigy": cast(Reader, prodigy),
        "argilla": cast(Reader, argilla),
        "doccano": cast(Reader, doccano),
        "spacy": cast(Reader, spacy),
        "cvat": cast(Reader, cvat),
        "coco": cast(Reader, coco),
        "image-folder": cast(Reader, image_folder),
        "text-folder": cast(Reader, text_folder),
        "fasttext": cast(Reader, fasttext),
        "trec": cast(Reader, trec),
        "conll": cast(Reader, conll),
        "csv": cast(Reader, delimited),
        "json": cast(Reader, json_table),
        "jsonl": cast(Reader, jsonl),
        "brat": cast(Reader, brat),
    }
)
_SHOWN = 24  # bytes


def detect(file: SourceFile, wanted: str) -> tuple[Format, str]:
    """The format of a file and the reason for it; ``wanted`` other than ``auto`` overrides.

    Raises:
        DataError: No reader recognises the file.
    """
    if wanted != "auto":
        return cast(Format, wanted), "the spec says so"
    for name, reader in READERS.items():
        if reason := reader.recognise(file):
            return name, reason
    start = _start(file)
    if not start:
        raise DataError("data/unknown-format", "it is empty.", remedy="Export it again.", where=file.name)
    raise DataError(
        "data/unknown-format",
        f"no reader recognises it; it starts with {start!r}.",
        remedy=f"Set data.format to one of {', '.join(READERS)}, or convert it.",
        where=file.name,
    )


def _start(file: SourceFile) -> bytes:
    with file.path.open("rb") as stream:
        return stream.read(_SHOWN)
