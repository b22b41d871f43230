"""headstart import and assess."""

from pathlib import Path

import click

from headstart.cli import output
from headstart.spec import Spec


@click.command("import")
@click.argument("source")
@click.option(
    "--out", required=True, metavar="URI", help="The workspace that takes the dataset: a folder or s3://bucket/prefix."
)
@click.option(
    "--format",
    "format_",
    default="auto",
    show_default=True,
    help="The export's format: label-studio, csv, jsonl or parquet; auto recognises it.",
)
@click.option(
    "--text", default="auto", show_default=True, metavar="FIELD", help="The field that holds the text; auto derives it."
)
@click.option(
    "--label",
    default="auto",
    show_default=True,
    metavar="FIELD",
    help="The field that holds the label; auto derives it.",
)
@click.option("--group-by", default=None, metavar="FIELD", help="Rows that agree in this field stay in one split.")
@click.option(
    "--on-conflict",
    type=click.Choice(["majority", "drop", "error"]),
    default="majority",
    show_default=True,
    help="Where annotators of one text disagree: take the majority, drop the text, or stop.",
)
@output.as_json
def import_(
    source: str, out: str, format_: str, text: str, label: str, group_by: str | None, on_conflict: str, as_json: bool
) -> None:
    """Read the label export SOURCE and account for every record.

    SOURCE is a file, a folder, a glob in quotes or an s3:// URI. The dataset goes to a workspace; a run there on
    the same export and the same settings finds it.
    """
    from headstart import steps
    from headstart.compute import InlineCompute
    from headstart.context import Context
    from headstart.labels.reasons import REASONS
    from headstart.workspace import Workspace

    data = {
        "source": source,
        "format": format_,
        "fields": {"text": text, "label": label},
        "split": {"group_by": group_by},
        "on_conflict": on_conflict,
    }
    spec = Spec.build({"name": "import", "data": data, "workspace": out}, "the command line")
    workspace = Workspace.open(spec.workspace)
    dataset = steps.import_labels(spec, Context(workspace, InlineCompute()))
    if as_json:
        output.say_json(dataset.said())
        return
    account = dataset.reconciliation
    for read in account.sources:
        click.echo(f"{read.name}: {read.format} ({read.reason}); {read.fields}")
    click.echo(dataset.summary())
    for each in account.rejected:
        click.echo(f"  rejected {each.records:>5}  {REASONS[each.reason]}; first: {each.examples[0]}")
    if account.outvoted:
        click.echo(f"  outvoted {account.outvoted:>5}  annotations that the majority overruled")
    if account.rejects:
        rejects = workspace.store.local_path(account.rejects.blob) or f"{workspace.uri}/{account.rejects.blob}"
        click.echo(f"Rejected records, to be mended: {rejects}")
    click.echo(f"Dataset {dataset.digest} in {workspace.uri}")


@click.command()
@output.spec_argument
@output.settings
@output.as_json
def assess(spec_path: Path, overrides: tuple[str, ...], as_json: bool) -> None:
    """Say whether transfer is right for the data in SPEC, without making a model.

    SPEC is a YAML or JSON file. Frozen features of each backbone are compared with models that transfer nothing,
    by cross-validation.
    """
    from headstart import steps
    from headstart.adapters.ray_compute import RayCompute
    from headstart.context import Context
    from headstart.workspace import Workspace

    spec = Spec.load(spec_path, overrides)
    with output.working(spec) as progress, RayCompute(worker_output=True) as compute:
        on = Context(Workspace.open(spec.workspace), compute, progress)
        verdict = steps.assess_transfer(spec, steps.import_labels(spec, on), steps.fetch_backbone(spec, on), on)
    if as_json:
        output.say_json(verdict.said())
        return
    click.echo(f"\n{verdict.answer.replace('-', ' ').capitalize()}: {verdict.reason}.\n")
    contenders = (*verdict.controls, *verdict.probes)
    width = max(len(each.name) for each in contenders)
    for each in contenders:
        gain = f"   {each.gain.signed()} over the best control" if each.gain else ""
        click.echo(f"  {each.name:<{width}}  {verdict.metric} {each.score}{gain}")
