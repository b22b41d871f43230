"""Register."""

from kfp import dsl

from headstart.components.image import IMAGE


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def register(
    spec: str,
    dataset: str,
    backbones: str,
    verdict: str,
    head: str,
    model: str,
    decision: str,
    version: dsl.Output[dsl.Model],
    report: dsl.Output[dsl.HTML],
) -> str:
    """Publish the candidate, and point the alias at it if the gate says so.

    Args:
        spec: The spec as JSON.
        dataset: The dataset's digest.
        backbones: The digest of the candidates.
        verdict: The verdict's digest.
        head: The head's digest.
        model: The tuned model's digest.
        decision: The decision's digest.
        version: The version's record: name, number, registry, licence.
        report: The whole story on one page.

    Returns:
        The version's digest.
    """
    from headstart import steps

    return steps.call(
        "register",
        spec,
        [version, report],
        dataset=dataset,
        backbones=backbones,
        verdict=verdict,
        head=head,
        model=model,
        decision=decision,
    )
