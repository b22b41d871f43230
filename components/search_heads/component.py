"""Search heads."""

from kfp import dsl

from headstart.components.image import IMAGE


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def search_heads(spec: str, dataset: str, backbones: str, verdict: str, metrics: dsl.Output[dsl.Metrics]) -> str:
    """Find the best head on the frozen features of the chosen backbone.

    Args:
        spec: The spec as JSON.
        dataset: The dataset's digest.
        backbones: The digest of the candidates.
        verdict: The verdict's digest.
        metrics: Score, log loss and layer of the best head, and how many were tried.

    Returns:
        The head's digest.
    """
    from headstart import steps

    return steps.call("search_heads", spec, [metrics], dataset=dataset, backbones=backbones, verdict=verdict)
