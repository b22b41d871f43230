"""headstart assess."""

from pathlib import Path

import click

from headstart.cli import output
from headstart.spec import Spec


@click.command()
@output.spec_argument
@output.settings
@output.as_json
def assess(spec_path: Path, overrides: tuple[str, ...], as_json: bool) -> None:
    """Say whether transfer is right for the data in SPEC, how far to go, and whether to label more, without a model.

    SPEC is a YAML or JSON file. Frozen features of each backbone are compared with models that transfer nothing, by
    cross-validation; short trainings show what tuning may gain, and the learning curve what more labels would bring.
    """
    from headstart import events, steps
    from headstart.adapters.ray_compute import RayCompute
    from headstart.context import Context
    from headstart.report import verdict as verdicts
    from headstart.workspace import Workspace

    spec = Spec.load(spec_path, overrides)
    with output.working(spec) as progress, RayCompute(worker_output=True) as compute:
        on = Context(Workspace.open(spec.workspace), compute, progress, events=events.configured(spec))
        verdict = steps.assess_transfer(spec, steps.import_labels(spec, on), steps.fetch_backbone(spec, on), on)
    if as_json:
        output.say_json(verdict.said())
    else:
        click.echo(f"\n{verdicts.text(verdict)}")
