"""headstart predict."""

import sys
from pathlib import Path

import click

from headstart.cli import answers, output
from headstart.registry import Registry

_BATCH = 4096


@click.command()
@click.argument("reference", metavar="NAME[@ALIAS|@NUMBER]")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the answers to this file, whose name ends in .csv, .jsonl or .parquet.",
)
@output.text_field
@output.registry
@output.as_json
def predict(reference: str, file: Path, out: Path | None, text: str, uri: str, as_json: bool) -> None:
    """Label the texts in FILE: .txt (one a line), .csv, .json, .jsonl or .parquet.

    NAME alone is the model's latest version. Without --out, each answer is a line on standard output: probability,
    marks, label and text. The marks are ? where the model abstains and ! where the text is unusual. With --json an
    answer is an object that also has the probability of every label and the candidates, the labels that it may be.
    """
    from headstart.labels.texts import read_texts

    if out is not None:
        answers.check(out, file)
    registry = Registry(uri)
    version = registry.resolve(reference)
    texts = read_texts(file, text, version.lineage.text_field)
    model = registry.load(version)
    batches = (texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH))
    made = (answer for batch in batches for answer in zip(batch, model.predict(batch), strict=True))
    if out is not None:
        answers.write(made, out)
        click.echo(f"{len(texts)} answers in {out}", err=True)
    elif as_json:
        answers.as_json_lines(made, sys.stdout)
    else:
        answers.as_columns(made, sys.stdout)
