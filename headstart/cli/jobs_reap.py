"""headstart jobs reap."""

from datetime import timedelta

import click

from headstart.cli import output


@click.command()
@click.option(
    "--address", default=None, envvar="HEADSTART_ADDRESS", metavar="CONTEXT", help="The kubeconfig's context."
)
@click.option("--namespace", default=None, metavar="NAME", help="The Kubernetes namespace.")
@click.option(
    "--silent",
    default="15m",
    show_default=True,
    metavar="TIME",
    help="How old the sign of life of whoever watches over a job may be.",
)
@click.option(
    "--keep", default="24h", show_default=True, metavar="TIME", help="How long jobs that have ended are kept."
)
@click.option("--apply", is_flag=True, help="Do it. Without this nothing is changed.")
@output.as_json
def reap(address: str | None, namespace: str | None, silent: str, keep: str, apply: bool, as_json: bool) -> None:
    """Say which jobs on KubeRay nobody waits for any more, and with --apply delete them.

    That is jobs of pipeline steps that are gone, and jobs that ended long ago. Jobs that were submitted by hand have
    nobody who watches over them, and go on. What jobs made stays: it is in the workspace.
    """
    from headstart.adapters.kuberay import KubeRayRunner

    longest = timedelta(seconds=output.duration(silent, "--silent"))
    kept = timedelta(seconds=output.duration(keep, "--keep"))
    found = KubeRayRunner(address, namespace).reap(longest, kept, apply)
    if as_json:
        output.say_json([{"job": each.name, "why": each.why} for each in found])
        return
    for each in found:
        click.echo(f"{'Deleted' if apply else 'Would delete'} {each.name}: {each.why}")
    if not apply:
        click.echo("Nothing was changed: --apply does it.")
