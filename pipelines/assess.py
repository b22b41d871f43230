"""The verdict only: whether to transfer at all, and from which backbone."""

from typing import Any, NamedTuple

from kfp import dsl

from headstart.components import assess_transfer, fetch_backbone, import_labels
from headstart.pipelines.placement import PARAMETERS, SPEC, Placement
from headstart.pods import ACCELERATOR, CPUS, MEMORY, STORE_SECRET


class Assessment(NamedTuple):
    """What an assessment finds, and what a job begins with: digests of values."""

    dataset: Any
    backbones: Any
    verdict: Any


def assessment(spec: Any, place: Placement) -> Assessment:
    """Import, fetch, assess, as a part of a graph."""
    # What the first two read may change while the spec does not, so Kubeflow must not answer for them; the steps
    # themselves find what they have done before, by content.
    dataset = place.light(import_labels(spec=spec)).set_caching_options(False).outputs["Output"]
    backbones = place.light(fetch_backbone(spec=spec)).set_caching_options(False).outputs["Output"]
    verdict = place.heavy(assess_transfer(spec=spec, dataset=dataset, backbones=backbones)).outputs["Output"]
    return Assessment(dataset, backbones, verdict)


@dsl.pipeline(
    name="assess",
    description="Whether transfer is right for these labels, and from which backbone; makes no model.\n"
    f"{SPEC}{PARAMETERS}",
)
def assess(
    spec: str,
    cpus: str = CPUS,
    memory: str = MEMORY,
    accelerators: str = "0",
    accelerator_type: str = ACCELERATOR,
    tolerations: list[Any] = [],  # noqa: B006 (KFP keeps the default, not the list)
    node_selector: dict[str, Any] = {},  # noqa: B006
    store_secret: str = STORE_SECRET,
) -> str:
    """Import, fetch, assess; gives the verdict's digest."""
    place = Placement(cpus, memory, accelerators, accelerator_type, tolerations, node_selector, store_secret)
    return assessment(spec, place).verdict  # type: ignore[no-any-return]
