"""Assess transfer."""

from kfp import dsl

from headstart.components.image import IMAGE


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def assess_transfer(
    spec: str, dataset: str, backbones: str, metrics: dsl.Output[dsl.Metrics], report: dsl.Output[dsl.Markdown]
) -> str:
    """Say whether to transfer, from which backbone and how far, and whether to label more first.

    Args:
        spec: The spec as JSON.
        dataset: The dataset's digest.
        backbones: The digest of the candidates.
        metrics: Cross-validated scores of the controls and of the frozen features.
        report: The answer and its evidence.

    Returns:
        The verdict's digest.
    """
    from headstart import steps

    return steps.call("assess_transfer", spec, [metrics, report], dataset=dataset, backbones=backbones)
