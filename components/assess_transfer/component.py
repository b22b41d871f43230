"""Assess transfer."""

from kfp import dsl

from headstart.components.image import IMAGE


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def assess_transfer(spec: str, dataset: str, backbones: str, metrics: dsl.Output[dsl.Metrics]) -> str:
    """Say whether to transfer at all, and from which backbone.

    Args:
        spec: The spec as JSON.
        dataset: The dataset's digest.
        backbones: The digest of the candidates.
        metrics: Cross-validated scores of the controls and of the frozen features.

    Returns:
        The verdict's digest.
    """
    from headstart import steps

    return steps.call("assess_transfer", spec, [metrics], dataset=dataset, backbones=backbones)
