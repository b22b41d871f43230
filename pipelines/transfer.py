"""The whole job: from a label export and a pretrained model to a version in the registry."""

from typing import Any, NamedTuple

from kfp import dsl

from headstart.components import evaluate, fine_tune, register, search_heads
from headstart.pipelines.assess import assessment
from headstart.pipelines.placement import PARAMETERS, SPEC, Placement
from headstart.pods import ACCELERATOR, CPUS, MEMORY, STORE_SECRET


class Job(NamedTuple):
    """What a job ends with: digests of values."""

    dataset: str
    decision: str
    version: str


@dsl.pipeline(
    name="transfer",
    description="From a label export and a pretrained model to the best model for the task, in a registry.\n"
    f"{SPEC}{PARAMETERS}",
)
def transfer(
    spec: str,
    cpus: str = CPUS,
    memory: str = MEMORY,
    accelerators: str = "0",
    accelerator_type: str = ACCELERATOR,
    tolerations: list[Any] = [],  # noqa: B006 (KFP keeps the default, not the list)
    node_selector: dict[str, Any] = {},  # noqa: B006
    store_secret: str = STORE_SECRET,
) -> Job:
    """Import, fetch, assess, search, tune, evaluate, register."""
    place = Placement(cpus, memory, accelerators, accelerator_type, tolerations, node_selector, store_secret)
    dataset, backbones, verdict = assessment(spec, place)
    given = {"spec": spec, "dataset": dataset, "backbones": backbones}
    head = place.heavy(search_heads(**given, verdict=verdict)).outputs["Output"]
    model = place.heavy(fine_tune(**given, verdict=verdict, head=head)).outputs["Output"]
    # The champion may move while no input of these two changes.
    decided = place.heavy(evaluate(**given, head=head, model=model)).set_caching_options(False)
    decision = decided.outputs["Output"]
    released = register(**given, verdict=verdict, head=head, model=model, decision=decision)
    version = place.light(released).set_caching_options(False).outputs["Output"]
    return Job(dataset, decision, version)
