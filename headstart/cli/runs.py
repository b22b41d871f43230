"""headstart demo, run and step."""

import importlib.resources
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from headstart.cli import following, output, place
from headstart.errors import SpecError, UsageError
from headstart.jobs import ending
from headstart.jobs.places import PLACES
from headstart.spec import Spec
from headstart.store import open_store

if TYPE_CHECKING:
    from headstart.runs import Run

_DEMO_FOLDER = Path(".headstart/demo")


@click.command()
@output.as_json
def demo(as_json: bool) -> None:
    """Do the whole job on the bundled example, offline, on this machine."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    folder = _DEMO_FOLDER.resolve()
    with importlib.resources.as_file(importlib.resources.files("headstart.examples")) as examples:
        spec = Spec.load(examples / "support.yaml", [f"workspace={folder}/work", f"registry.uri={folder}/registry"])
        _run(spec, as_json)


@click.command()
@click.argument("spec_uri", metavar="SPEC", shell_complete=output.files)
@output.settings
@click.option(
    "--on",
    type=click.Choice(list(PLACES)),
    default=None,
    help="Where to run it, as a job; without it, it runs here and ends with this command.",
)
@place.address
@place.namespace
@click.option("--detach", is_flag=True, help="With --on: print the job's id and come back, instead of following it.")
@output.as_json
@click.pass_context
def run(
    ctx: click.Context,
    spec_uri: str,
    overrides: tuple[str, ...],
    on: str | None,
    address: str | None,
    namespace: str | None,
    detach: bool,
    as_json: bool,
) -> None:
    """Do the whole job that SPEC describes, or what is left of it.

    SPEC is a YAML or JSON file, or an object such as s3://bucket/spec.json. Steps that are done in its workspace are
    not done again. With --on, the job's log is followed to its end, and the exit status is the job's; Ctrl-C leaves the
    job running.
    """
    spec = _load(spec_uri, overrides)
    if on is None:
        if detach:
            raise UsageError("usage", "what runs here is not left alone.", remedy="Say --on local.", where="--detach")
        for option in ("address", "namespace"):  # an address of the environment is for who says --on
            if ctx.get_parameter_source(option) is ParameterSource.COMMANDLINE:
                remedy = f"Say where, with --on: {', '.join(PLACES)}."
                raise UsageError("usage", "what runs here goes nowhere.", remedy=remedy, where=f"--{option}")
        _run(spec, as_json)
        return
    ctx.exit(following.hand_over(spec, place.Chosen(on, address, namespace), detach, as_json))


@click.command()
@click.argument("name")
@output.uri_option(
    "--spec",
    "spec_uri",
    required=True,
    help="The spec: a local file or an object in a store.",
)
@click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="NAME=DIGEST",
    help="A result of an earlier step that this one takes, by its digest.",
)
def step(name: str, spec_uri: str, inputs: tuple[str, ...]) -> None:
    """Run the step NAME and print the digest of its result: the entrypoint of jobs on a cluster.

    The steps, from import_labels to register, take results of earlier ones by digest, from the spec's workspace.
    """
    from headstart import steps

    spec = _load(spec_uri)
    with ending.told(spec.workspace, output.log_of(spec)) as end, output.working(spec) as progress:
        digest = steps.call(name, spec.to_json(), (), progress, **dict(map(_pair, inputs)))
        end.result = {"digests": {name: digest}}
    click.echo(digest)


def _load(uri: str, overrides: tuple[str, ...] = ()) -> Spec:
    """A spec from a file or an object."""
    if "://" not in uri:
        return Spec.load(uri, overrides)
    folder, _, key = uri.rpartition("/")
    text = open_store(folder).get(key)
    if text is None:
        raise SpecError("spec/unreadable", "there is no such object.", remedy="Name a YAML or JSON spec.", where=uri)
    return Spec.parse(text.decode("utf-8", errors="replace"), overrides)


def _pair(text: str) -> tuple[str, str]:
    name, equals, digest = text.partition("=")
    if not equals:
        raise UsageError("usage", f"{text!r} names no digest.", remedy="Write NAME=DIGEST.", where="--input")
    return name, digest


def _run(spec: Spec, as_json: bool) -> None:
    from headstart.adapters.ray_compute import RayCompute
    from headstart.runs import run

    output.tell(f"{spec.name}: {_described(spec)}", spec)
    with ending.told(spec.workspace, output.log_of(spec)) as end:
        with output.working(spec) as progress, RayCompute(worker_output=True) as compute:
            made = run(spec, progress, compute)
        end.result = said = _said(made, spec)
    if as_json:
        output.say_json(said)
    else:
        _tell(made, spec)


def _described(spec: Spec) -> str:
    sources = ", ".join(Path(source).name for source, _ in spec.data.sources())
    return f"{sources} and {', '.join(spec.backbones)}, in {spec.workspace}"


def _tell(made: "Run", spec: Spec) -> None:
    """The verdict and the final figures."""
    from headstart.report import verdict as verdicts

    decision, verdict = made.decision, made.verdict
    if made.reused:
        click.echo("\nNothing to do: every step was done before, on the same data, backbone and spec.")
    because = "" if decision.promote else f": {decision.reason}"
    contenders = sorted(decision.contenders, key=lambda each: each.name != decision.candidate_name)
    width = max(len(each.name) for each in contenders)
    rows = [
        f"{each.name:<{width}}  " + "   ".join(f"{metric} {score}" for metric, score in each.scores.items())
        for each in contenders
    ]
    asked = [verdicts.today(verdict)] if verdict.is_open else []
    _block("Verdict", [f"{verdicts.headline(verdict)}: {verdict.reason}.", *asked])
    _block(f"Test, {decision.test_rows} rows", rows)
    gain = decision.scored(decision.candidate_name).gain
    if gain is not None and gain.high < 0:
        _block(
            "Negative transfer",
            [f"The model is worse than a bag of words on these rows: {spec.gate.metric} {gain.signed()}."],
        )
    version = f"{made.version.name} version {made.version.version}"
    _block("Model", [f"{version}, {made.standing}{because}", f"in {spec.registry.uri}"])
    _block("Report", [made.report])
    _block("Log", [str(output.log_of(spec))])


def _block(title: str, lines: list[str]) -> None:
    click.echo()
    click.echo(click.style(title, bold=True))
    for line in lines:
        click.echo(f"  {line}")


def _said(made: "Run", spec: Spec) -> dict[str, Any]:
    return {
        "reused": made.reused,
        "dataset": made.dataset.digest,
        "digests": {step: receipt.digest for step, receipt in made.receipts.items()},
        "verdict": made.verdict.said(),
        "head": {"chosen": made.head.chosen.model_dump(mode="json"), "tried": len(made.head.tried)},
        "decision": made.decision.said(),
        "version": {"name": made.version.name, "version": made.version.version, "registry": spec.registry.uri},
        "report": made.report,
        "log": str(output.log_of(spec)),
        "seconds": {step: receipt.seconds for step, receipt in made.receipts.items()},
    }
