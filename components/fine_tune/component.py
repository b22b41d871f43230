"""Fine-tune."""

from kfp import dsl

from headstart.components.image import IMAGE


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def fine_tune(
    spec: str,
    dataset: str,
    backbones: str,
    verdict: str,
    head: str,
    model: dsl.Output[dsl.Model],
    metrics: dsl.Output[dsl.Metrics],
) -> str:
    """Tune the backbone from the best head, as far as the strategy says.

    Args:
        spec: The spec as JSON.
        dataset: The dataset's digest.
        backbones: The digest of the candidates.
        verdict: The verdict's digest.
        head: The head's digest.
        model: The model's record.
        metrics: The kept epoch, and its score and loss on the validation rows.

    Returns:
        The model's digest.
    """
    from headstart import steps

    return steps.call(
        "fine_tune", spec, [model, metrics], dataset=dataset, backbones=backbones, verdict=verdict, head=head
    )
