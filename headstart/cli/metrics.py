"""headstart metrics."""

import click

from headstart.cli import output
from headstart.ending import Terminated
from headstart.errors import UsageError


@click.command()
@output.uri_option(
    "--workspace",
    default=None,
    envvar="HEADSTART_WORKSPACE",
    show_envvar=True,
    help="A workspace.",
)
@output.uri_option(
    "--registry",
    default=None,
    envvar="HEADSTART_REGISTRY",
    show_envvar=True,
    help="A registry.",
)
@click.option(
    "--listen",
    "port",
    type=click.IntRange(0, 65535),
    default=None,
    metavar="PORT",
    help="Serve them at http://…:PORT/metrics until stopped; 0 takes a free port.",
)
def metrics(workspace: str | None, registry: str | None, port: int | None) -> None:
    """Print metrics of a workspace's runs and a registry's models, in Prometheus' text format.

    Nothing has to run to be seen: what is told is what runs left behind. Without --listen they are printed once, for
    the text files of a node exporter or a Pushgateway.
    """
    from headstart.monitoring.exporter import Exporter, Server, Source
    from headstart.monitoring.models import Models
    from headstart.monitoring.runs import Runs
    from headstart.registry import Registry
    from headstart.store import open_store

    sources: dict[str, Source] = {}
    if workspace:
        sources["workspace"] = Runs(open_store(workspace))
    if registry:
        sources["registry"] = Models(Registry(registry))
    if not sources:
        problem = "neither a workspace nor a registry is named."
        raise UsageError("usage", problem, remedy="Give --workspace URI, --registry URI or both.", where="metrics")
    exporter = Exporter(sources)
    if port is None:
        click.echo(exporter.once(), nl=False)
        return
    with Server(exporter, port) as server:
        click.echo(f"Metrics: http://localhost:{server.server_port}/metrics", err=True)
        try:
            server.serve_forever()
        except (KeyboardInterrupt, Terminated):  # its end is nothing that went wrong
            return
