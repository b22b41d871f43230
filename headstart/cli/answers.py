"""Answers as lines on a terminal and as files: CSV, JSON lines, Parquet."""

import contextlib
import csv
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING

from headstart.errors import StoreError, UsageError
from headstart.spelling import harmless

if TYPE_CHECKING:
    from headstart.tasks.prediction import Prediction

_BATCH = 4096
Answer = tuple[str, "Prediction"]


def as_columns(answers: Iterable[Answer], stream: IO[str]) -> None:
    """Lines for people: probability, marks, label and text."""
    for text, answer in answers:
        marks = ("?" if answer.abstains else " ") + ("!" if answer.unusual else " ")
        label, shown = harmless(answer.label), harmless(" ".join(text.split()))
        stream.write(f"{answer.probability:.2f} {marks} {label:<20}  {shown}\n")


def as_json_lines(answers: Iterable[Answer], stream: IO[str]) -> None:
    """An object a line, with the probability of every label."""
    for text, answer in answers:
        stream.write(json.dumps({"text": text, **asdict(answer)}, ensure_ascii=False) + "\n")


def write(answers: Iterable[Answer], out: Path) -> None:
    """Write a file, whose name was checked, in the form that it ends in, whole or not at all.

    Raises:
        StoreError: It cannot be written there, or not whole.
    """
    temporary = out.with_name(f".{out.name}.part")
    try:
        _FORMS[out.suffix.lower()](answers, temporary)
        temporary.replace(out)
    except OSError as error:
        remedy = "Make room there, and look at the folder's permissions; or write to another."
        problem = f"{os.strerror(error.errno) if error.errno else error}."
        raise StoreError("store/unreachable", problem, remedy=remedy, where=str(out)) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def check(out: Path, texts: Path) -> None:
    """Refuse a name under which nothing can be written, or under which the texts themselves stand.

    Raises:
        UsageError: It ends otherwise than the forms' names do, its folder is not there, or it is the file of the texts.
    """
    if out.suffix.lower() not in _FORMS:
        remedy = f"Let it end in {', '.join(_FORMS)}."
        raise UsageError(
            "usage", f"answers are not written as {out.suffix or out.name!r}.", remedy=remedy, where=str(out)
        )
    if not out.parent.is_dir():
        raise UsageError("usage", "there is no such folder.", remedy="Make it first.", where=str(out.parent))
    if out.exists() and texts.exists() and out.samefile(texts):
        problem = "the answers would replace the file of the texts."
        raise UsageError("usage", problem, remedy="Name another file.", where=str(out))


def _csv(answers: Iterable[Answer], path: Path) -> None:
    """What the model says nothing of stays empty, and the candidates are a JSON list."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["text", "label", "probability", "candidates", "abstains", "unusual"])
        for text, answer in answers:
            candidates = "" if answer.candidates is None else json.dumps(answer.candidates, ensure_ascii=False)
            flags = ("" if flag is None else str(flag).lower() for flag in (answer.abstains, answer.unusual))
            table.writerow([text, answer.label, f"{answer.probability:.6f}", candidates, *flags])


def _json_lines(answers: Iterable[Answer], path: Path) -> None:
    with path.open("w", encoding="utf-8") as stream:
        as_json_lines(answers, stream)


def _parquet(answers: Iterable[Answer], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"candidates": pa.list_(pa.string()), "abstains": pa.bool_(), "unusual": pa.bool_()}
    schema = pa.schema({"text": pa.string(), "label": pa.string(), "probability": pa.float64(), **kinds})
    rows = ({"text": text, **asdict(answer)} for text, answer in answers)
    with pq.ParquetWriter(path, schema) as writer:
        while batch := list(islice(rows, _BATCH)):
            writer.write_batch(pa.RecordBatch.from_pylist(batch, schema=schema))


_FORMS: Mapping[str, Callable[[Iterable[Answer], Path], None]] = MappingProxyType(
    {".csv": _csv, ".jsonl": _json_lines, ".parquet": _parquet}
)
