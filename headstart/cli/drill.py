"""headstart drill."""

import dataclasses
from typing import TYPE_CHECKING

import click

from headstart.cli import output

if TYPE_CHECKING:
    from headstart.drill import Outcome

_WORDS = {"nobody": "undisturbed", "worker": "a worker killed", "driver": "the driver killed"}


@click.command()
@output.as_json
@click.pass_context
def drill(ctx: click.Context, as_json: bool) -> None:
    """Kill a training's worker, and then its driver, and prove that it resumes.

    Trains a small network three times on this machine, on the same Ray Train and with the same loop as real runs:
    undisturbed, with a worker killed, and with the driver killed and started again. All three must do the same steps
    and end in the same weights, to the bit; else the exit status is 1.
    """
    from headstart.drill import drill as run

    outcomes = run(lambda outcome: click.echo(_line(outcome), err=True))
    agree = all(each.agrees(outcomes[0]) for each in outcomes)
    if as_json:
        output.say_json({"agree": agree, "outcomes": [dataclasses.asdict(each) for each in outcomes]})
    else:
        click.echo("Every training ended in the same weights." if agree else "The weights differ.")
    ctx.exit(0 if agree else 1)


def _line(outcome: "Outcome") -> str:
    again = f", {outcome.repeated} of them twice" if outcome.repeated else ""
    said = f"{outcome.steps} steps{again}, weights {outcome.weights[:12]}, {outcome.seconds:.0f} s"
    return f"{_WORDS[outcome.victim]:<18} {said}"
