"""headstart doctor."""

import click

from headstart.cli import output

_MARKS = {"good": "✓", "warn": "!", "bad": "✗"}


@click.command()
@output.uri_option(
    "--workspace",
    default=".headstart/work",
    show_default=True,
    help="The workspace: a folder or s3://bucket/prefix.",
)
@output.registry
@output.as_json
@click.pass_context
def doctor(ctx: click.Context, workspace: str, uri: str, as_json: bool) -> None:
    """Say what this machine, its packages and its stores can do.

    Workspace and registry are tried with sixteen writers at once, of which exactly one must win; nothing but empty
    folders stays of it.
    The exit status is 1 where something is in the way.
    """
    from headstart.doctor import examine

    checks = []
    for check in examine(workspace, uri):
        checks.append(check)
        if not as_json:
            click.echo(f"{_MARKS[check.state]} {check.name:<12} {check.found}")
            if check.remedy:
                click.echo(f"  {'':<12} {check.remedy}")
    if as_json:
        output.say_json([check.model_dump(mode="json") for check in checks])
    ctx.exit(1 if any(check.state == "bad" for check in checks) else 0)
