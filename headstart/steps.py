"""The seven steps: all that the platform does, on one screen. Each is found rather than made wherever it can be."""

import sys
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, get_type_hints

from headstart import assess, events, judge, pins, searching, status, tune
from headstart.backbone import Backbones, ingest
from headstart.backbone_source import locate
from headstart.context import Context
from headstart.dataset import Dataset, require_trainable
from headstart.evaluation.decision import Decision
from headstart.evaluation.verdict import Verdict
from headstart.evidence import Evidence
from headstart.head import Head
from headstart.importing import import_dataset
from headstart.jobs import names
from headstart.labels.sources import source
from headstart.model import Model
from headstart.origin import run_id
from headstart.progress import Progress
from headstart.registry import Version
from headstart.release import is_published, release
from headstart.spec import Spec, seconds_allowed
from headstart.values import Value
from headstart.wording import worded
from headstart.workspace import Workspace


def import_labels(spec: Spec, on: Context, to_train: bool = True) -> Dataset:
    """Label export to dataset, with an account of every record; ids and splits as in earlier imports of the name."""
    settings = spec.data.model_dump(mode="json", exclude={"source"})
    with source.gather(spec.data) as files:
        inputs = [source.fingerprint(files), spec.name, spec.task, settings, list(spec.gate.slices)]

        def make(earlier: Dataset | None) -> Dataset:
            return on.once(
                "import_labels",
                Dataset,
                inputs,
                lambda report: import_dataset(
                    spec.data, spec.task, files, on.workspace, earlier, to_train, spec.gate.slices
                ),
                lambda dataset: (
                    dataset.reconciliation.is_closed
                    and pins.goes_with(dataset, earlier, bool(spec.data.labels), on.workspace)
                ),
            )

        dataset = pins.following(on.workspace, spec.name, make)
    if to_train:  # it may have been found
        require_trainable(dataset.task, dataset.counts, dataset.sizes, files[0].name)
    return dataset


def fetch_backbone(spec: Spec, on: Context) -> Backbones:
    """Pretrained models, wherever they are, to verified safetensors in the workspace."""
    found = [locate(name) for name in spec.backbones]
    inputs = [each.signature for each in found]
    return on.once(
        "fetch_backbone",
        Backbones,
        inputs,
        lambda report: Backbones(candidates=tuple(ingest(each, on.workspace) for each in found)),
    )


def assess_transfer(spec: Spec, dataset: Dataset, backbones: Backbones, on: Context) -> Verdict:
    """Whether to transfer, from which backbone and how far, and whether more labels would help more."""
    inputs = [dataset, backbones, spec.assess.model_dump(mode="json"), spec.gate.metric, spec.gate.min]
    return on.once(
        "assess_transfer",
        Verdict,
        inputs,
        lambda report: assess.assess(spec.assess, spec.gate, dataset, backbones, on, report),
    )


def search_heads(spec: Spec, dataset: Dataset, backbones: Backbones, verdict: Verdict, on: Context) -> Head:
    """The best of many heads on the frozen features of the backbone that the verdict chose."""
    backbone = backbones.get(verdict.backbone)
    inputs = [dataset, backbone, spec.search.model_dump(mode="json"), spec.gate.metric]
    return on.once(
        "search_heads",
        Head,
        inputs,
        lambda report: searching.search(spec.search, spec.gate.metric, dataset, backbone, on, report),
    )


def fine_tune(spec: Spec, dataset: Dataset, backbones: Backbones, verdict: Verdict, head: Head, on: Context) -> Model:
    """The backbone tuned from the best head, as far as the spec says, or else the verdict."""
    backbone = backbones.get(head.backbone)
    allowed = seconds_allowed(spec.tune, spec.compute)
    tuned_by = [verdict.strategy, spec.tune.model_dump(mode="json"), allowed, spec.gate.metric]
    inputs = [dataset, backbone, head, *tuned_by]
    return on.once(
        "fine_tune",
        Model,
        inputs,
        lambda report: tune.fine_tune(spec, dataset, backbone, head, verdict.strategy, on, report),
    )


def evaluate(spec: Spec, dataset: Dataset, backbones: Backbones, head: Head, model: Model, on: Context) -> Decision:
    """The test rows, read once: the better of head and tuned model against the control and the champion."""
    backbone = backbones.get(head.backbone)
    inputs = [
        dataset,
        backbone,
        head,
        model,
        spec.calibration.model_dump(mode="json"),
        spec.gate.model_dump(mode="json"),
        spec.registry.model_dump(mode="json"),
        spec.name,
    ]
    return on.once(
        "evaluate", Decision, inputs, lambda report: judge.evaluate(spec, dataset, backbone, head, model, on, report)
    )


def register(
    spec: Spec,
    dataset: Dataset,
    backbones: Backbones,
    verdict: Verdict,
    head: Head,
    model: Model,
    decision: Decision,
    on: Context,
) -> Version:
    """One atomic publish, then the alias if the gate says so."""
    evidence = Evidence(spec, dataset, backbones, verdict, head, model, decision)
    inputs = [decision, spec.name, spec.registry.model_dump(mode="json")]
    return on.once(
        "register",
        Version,
        inputs,
        lambda report: release(evidence, on.workspace, report),
        lambda version: is_published(spec, version),
    )


STEPS: Mapping[str, Callable[..., Value]] = MappingProxyType(
    {
        step.__name__: step
        for step in (import_labels, fetch_backbone, assess_transfer, search_heads, fine_tune, evaluate, register)
    }
)


@worded()
def call(step: str, spec: str, show: Sequence[Any] = (), progress: Progress | None = None, /, **inputs: str) -> str:
    """Run one step by itself, as a Kubeflow component or a Ray job does.

    Args:
        step: The step's name.
        spec: The spec as JSON.
        show: Kubeflow's output artifacts; each is given what it can show of the result.
        progress: Hears of the step; by default it is told on standard error, which is a pod's log.
        inputs: The digest of each value that the step takes, by the name of its argument.

    Returns:
        The digest of the result, which is in the spec's workspace.

    Raises:
        UsageError: There is no such step, or it takes other inputs.
        HeadstartError: Whatever the step raises.
    """
    from headstart import display
    from headstart.adapters.ray_compute import RayCompute
    from headstart.report.kubeflow import fill

    names.check_inputs(step, names.inputs_of(step), inputs)
    kinds = _inputs_of(step)
    parsed = Spec.parse(spec)
    workspace = Workspace.open(parsed.workspace)
    values = {name: workspace.load(kinds[name], digest) for name, digest in inputs.items()}
    with RayCompute(worker_output=True) as compute:
        told = progress or display.lines(sys.stderr, run_id(parsed))
        with status.kept(workspace.store, parsed, told, whole=step == "register") as keeper:
            on = Context(workspace, compute, keeper, events=events.configured(parsed))
            result = STEPS[step](parsed, **values, on=on)
            _note(keeper, result)
    for artifact in show:
        fill(artifact, parsed, result, values)
    return result.digest


def _note(keeper: status.Keeper, result: Value) -> None:
    if isinstance(result, Decision):
        keeper.decided(result.promote)
    elif isinstance(result, Version):
        keeper.published(result.version)


def _inputs_of(step: str) -> dict[str, type[Value]]:
    """The values that a step takes, by the name of their argument."""
    hints = get_type_hints(STEPS[step])
    return {name: kind for name, kind in hints.items() if name != "return" and issubclass(kind, Value)}
