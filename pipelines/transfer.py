"""The whole job: from a label export and a pretrained model to a version in the registry."""

from kfp import dsl

from headstart.components import (
    assess_transfer,
    evaluate,
    fetch_backbone,
    fine_tune,
    import_labels,
    register,
    search_heads,
)


@dsl.pipeline(
    name="transfer",
    description="From a label export and a pretrained model to the best model for the task, in a registry.\n\n"
    "**spec**: the spec as one JSON string (`headstart` documents its keys). Its workspace and its registry "
    "must be `s3://` prefixes that every step can reach.",
)
def transfer(spec: str) -> str:
    """Import, fetch, assess, search, tune, evaluate, register; gives the version's digest."""
    # What these read may change while the spec does not, so Kubeflow must not answer for them; the steps
    # themselves find what they have done before, by content.
    dataset = import_labels(spec=spec).set_caching_options(False).outputs["Output"]
    backbones = fetch_backbone(spec=spec).set_caching_options(False).outputs["Output"]
    verdict = assess_transfer(spec=spec, dataset=dataset, backbones=backbones).outputs["Output"]
    head = search_heads(spec=spec, dataset=dataset, backbones=backbones, verdict=verdict).outputs["Output"]
    model = fine_tune(spec=spec, dataset=dataset, backbones=backbones, head=head).outputs["Output"]
    decision = evaluate(spec=spec, dataset=dataset, backbones=backbones, head=head, model=model).outputs["Output"]
    version = register(
        spec=spec, dataset=dataset, backbones=backbones, verdict=verdict, head=head, model=model, decision=decision
    ).set_caching_options(False)
    return version.outputs["Output"]  # type: ignore[no-any-return]
