"""headstart predict."""

import csv
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

import click

from headstart.cli import output
from headstart.errors import UsageError
from headstart.registry import Registry

if TYPE_CHECKING:
    from headstart.tasks.prediction import Prediction

_BATCH = 4096
Answer = tuple[str, "Prediction"]


@click.command()
@click.argument("reference", metavar="NAME[@ALIAS|@NUMBER]")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the answers to this file: CSV if its name ends in .csv, else JSON lines.",
)
@click.option(
    "--text", default="auto", show_default=True, metavar="FIELD", help="The field that holds the text; auto derives it."
)
@output.registry
@output.as_json
def predict(reference: str, file: Path, out: Path | None, text: str, uri: str, as_json: bool) -> None:
    """Label the texts in FILE: .txt (one a line), .csv, .jsonl or .parquet.

    NAME alone is the model's latest version. Without --out, each answer is a line on standard output: probability,
    marks, label and text. The marks are ? where the model abstains and ! where the text is unusual. With --json an
    answer is an object that also has the probability of every label and the candidates, the labels that it may be.
    """
    from headstart.labels.texts import read_texts

    if out is not None and not out.parent.is_dir():
        raise UsageError("usage", "there is no such folder.", remedy="Make it first.", where=str(out.parent))
    texts = read_texts(file, text)
    model = Registry(uri).load(reference)
    batches = (texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH))
    answers = (answer for batch in batches for answer in zip(batch, model.predict(batch), strict=True))
    if out is None:
        _write(sys.stdout, answers, "jsonl" if as_json else "columns")
        return
    temporary = out.with_name(f".{out.name}.part")
    try:
        with temporary.open("w", encoding="utf-8", newline="") as stream:
            _write(stream, answers, "csv" if out.suffix == ".csv" else "jsonl")
        temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)
    click.echo(f"{len(texts)} answers in {out}", err=True)


def _write(stream: IO[str], answers: Iterable[Answer], form: Literal["columns", "jsonl", "csv"]) -> None:
    table = csv.writer(stream)
    if form == "csv":
        table.writerow(["text", "label", "probability", "candidates", "abstains", "unusual"])
    for text, answer in answers:
        if form == "csv":
            table.writerow(_cells(text, answer))
        elif form == "jsonl":
            stream.write(json.dumps({"text": text, **asdict(answer)}, ensure_ascii=False) + "\n")
        else:
            marks = ("?" if answer.abstains else " ") + ("!" if answer.unusual else " ")
            stream.write(f"{answer.probability:.2f} {marks} {answer.label:<20}  {' '.join(text.split())}\n")


def _cells(text: str, answer: "Prediction") -> list[str]:
    """A row of CSV; what the model says nothing of stays empty, and the candidates are a JSON list."""
    candidates = "" if answer.candidates is None else json.dumps(answer.candidates, ensure_ascii=False)
    flags = ("" if flag is None else str(flag).lower() for flag in (answer.abstains, answer.unusual))
    return [text, answer.label, f"{answer.probability:.6f}", candidates, *flags]
