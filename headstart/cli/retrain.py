"""headstart retrain."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from headstart.cli import output
from headstart.errors import HeadstartError
from headstart.spec import Spec

if TYPE_CHECKING:
    from headstart.schedules.retrain import Retrained


@click.command()
@output.spec_argument
@output.settings
@click.option("--force", is_flag=True, help="Do the job without a reason, too.")
@output.as_json
def retrain(spec_path: Path, overrides: tuple[str, ...], force: bool, as_json: bool) -> None:
    """Do the whole job in SPEC again if there is a reason to: new labels, another backbone, spec or Headstart.

    SPEC is a YAML or JSON file; its section retrain says how many labels are reason enough. Without a reason the
    command leaves a receipt in the workspace and ends. Two at once are kept apart by a lock in the workspace. Where the
    environment variable HEADSTART_NOTIFY_URL names a webhook, it is told how it ended.
    """
    from headstart.adapters.ray_compute import RayCompute
    from headstart.schedules import notices
    from headstart.schedules.retrain import retrain

    try:
        spec = Spec.load(spec_path, overrides)
    except HeadstartError as error:
        notices.unread(spec_path, error)
        raise
    with notices.telling(spec), output.working(spec) as progress, RayCompute(worker_output=True) as compute:
        made = retrain(spec, force, progress, compute)
    if as_json:
        output.say_json(_said(made))
        return
    click.echo(f"{spec.name}: {made.check.summary()}")
    if made.run is not None:
        click.echo(f"{made.run.version.summary()}, {made.run.standing}: {made.run.decision.reason}")
        click.echo(f"Report: {made.run.report}")


def _said(made: "Retrained") -> dict[str, Any]:
    return {
        "due": made.check.is_due,
        "check": made.check.said(),
        "retraining": made.record.model_dump(mode="json") if made.record else None,
        "report": made.run.report if made.run else None,
    }
