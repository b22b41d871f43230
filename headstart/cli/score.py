"""headstart score."""

import click

from headstart.cli import output


@click.command()
@click.argument("reference", metavar="NAME[@ALIAS|@NUMBER]")
@click.argument("source", metavar="SOURCE", shell_complete=output.files)
@output.uri_option(
    "--out",
    required=True,
    help="Where the answers go: a folder or s3://bucket/prefix.",
)
@output.text_field
@click.option(
    "--shadow",
    default="",
    metavar="ALIAS|NUMBER",
    help="Let this version of the model answer the same texts, too, and say where the two differ.",
)
@output.registry
@output.as_json
def score(reference: str, source: str, out: str, text: str, shadow: str, uri: str, as_json: bool) -> None:
    """Label every text in SOURCE on all workers, write the answers as Parquet, and say whether the texts drifted.

    SOURCE is a .txt, .csv, .json, .jsonl or .parquet file, a folder, a glob in quotes, or a URI: s3://, https:// or hf://.
    NAME alone is the model's latest version. A scoring that was stopped goes on where it stopped.
    """
    from headstart.adapters.ray_compute import RayCompute
    from headstart.scoring import score

    def tell(done: float, total: float, note: str) -> None:
        click.echo(f"{done:.0f} of {total:.0f} files: {note}", err=True)

    with RayCompute() as compute:
        scores = score(reference, source, out, uri, compute, text, tell, shadow=shadow)
    if as_json:
        output.say_json(scores.said())
    else:
        click.echo("\n".join([scores.summary(), *scores.notes(), f"Answers: {scores.out}", f"Report: {scores.report}"]))
