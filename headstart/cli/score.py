"""headstart score."""

import click

from headstart.cli import output


@click.command()
@click.argument("reference", metavar="NAME[@ALIAS|@NUMBER]")
@click.argument("source", metavar="SOURCE")
@click.option("--out", required=True, metavar="URI", help="Where the answers go: a folder or s3://bucket/prefix.")
@click.option(
    "--text", default="auto", show_default=True, metavar="FIELD", help="The field that holds the text; auto derives it."
)
@output.registry
@output.as_json
def score(reference: str, source: str, out: str, text: str, uri: str, as_json: bool) -> None:
    """Label every text in SOURCE on all workers, and write the answers as Parquet.

    SOURCE is a .txt, .csv, .jsonl or .parquet file, a folder, a glob in quotes, or an s3://, https:// or hf:// URI.
    NAME alone is the model's latest version. A scoring that was stopped goes on where it stopped.
    """
    from headstart.adapters.ray_compute import RayCompute
    from headstart.scoring import score

    def tell(done: float, total: float, note: str) -> None:
        click.echo(f"{done:.0f} of {total:.0f} files: {note}", err=True)

    with RayCompute() as compute:
        scores = score(reference, source, out, uri, compute, text, tell)
    if as_json:
        output.say_json(scores.said())
    else:
        click.echo(f"{scores.summary()}\nAnswers: {scores.out}")
