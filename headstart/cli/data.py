"""headstart import."""

from typing import Any, get_args

import click

from headstart.cli import account, output
from headstart.spec import Format, Spec, TaskName

_FIELD = "auto derives it."


@click.command("import")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, shell_complete=output.files)
@output.uri_option(
    "--out",
    required=True,
    help="The workspace that takes the dataset: a folder or s3://bucket/prefix.",
)
@click.option("--name", default="import", show_default=True, help="Imports of one name keep label ids and splits.")
@click.option(
    "--task",
    type=click.Choice(["auto", *get_args(TaskName)]),
    default="auto",
    show_default=True,
    help="What the labels are for; auto derives it.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["auto", *get_args(Format)]),
    default="auto",
    show_default=True,
    help="The export's format; auto recognises it.",
)
@click.option("--text", default="auto", show_default=True, metavar="FIELD", help=f"The field of the text; {_FIELD}")
@click.option("--pair", default="auto", show_default=True, metavar="FIELD", help=f"That of a second text; {_FIELD}")
@click.option("--image", default="auto", show_default=True, metavar="FIELD", help=f"The field of the image; {_FIELD}")
@click.option("--label", default="auto", show_default=True, metavar="FIELD", help=f"The field of the label; {_FIELD}")
@output.uri_option(
    "--root",
    default=None,
    help="What image paths are relative to: a folder or s3:// prefix.",
)
@click.option("--group-by", default=None, metavar="FIELD", help="Rows that agree in this field stay in one split.")
@click.option("--time", default=None, metavar="FIELD", help="The latest rows by this field judge.")
@click.option(
    "--on-conflict",
    type=click.Choice(["majority", "drop", "error"]),
    default="majority",
    show_default=True,
    help="Where annotators disagree: take the majority, drop the record, or stop.",
)
@click.option("--strict", is_flag=True, help="Fail where a record is rejected.")
@output.as_json
def import_(sources: tuple[str, ...], out: str, as_json: bool, **options: Any) -> None:
    """Read a label export, which may be of several SOURCEs, and account for every record.

    SOURCE is a file, a folder, an archive, a glob in quotes, or an s3://, https:// or hf:// URI. The dataset goes to a
    workspace; a run there on the same export and the same settings finds it.
    """
    from headstart import events, steps
    from headstart.compute import InlineCompute
    from headstart.context import Context
    from headstart.report import imported
    from headstart.workspace import Workspace

    spec = Spec.build(_spec(sources, out, **options), "the command line")
    workspace = Workspace.open(spec.workspace)
    dataset = steps.import_labels(
        spec, Context(workspace, InlineCompute(), events=events.configured(spec)), to_train=False
    )
    imported.publish(dataset, workspace, spec.name)
    if as_json:
        output.say_json(dataset.said())
    else:
        account.tell(dataset, workspace, spec.name)


def _spec(sources: tuple[str, ...], out: str, *, name: str, task: str, format_: str, **options: Any) -> dict[str, Any]:
    """The options as a spec."""
    data = {
        "source": sources[0] if len(sources) == 1 else sources,
        "format": format_,
        "fields": {field: options[field] for field in ("text", "pair", "image", "label")},
        "root": options["root"],
        "split": {"group_by": options["group_by"], "time": options["time"]},
        "on_conflict": options["on_conflict"],
        "strict": options["strict"],
    }
    return {"name": name, "task": task, "data": data, "workspace": out}
