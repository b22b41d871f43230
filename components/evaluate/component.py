"""Evaluate."""

from kfp import dsl

from headstart.components.image import IMAGE


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def evaluate(
    spec: str,
    dataset: str,
    backbones: str,
    head: str,
    model: str,
    metrics: dsl.Output[dsl.Metrics],
    confusion: dsl.Output[dsl.ClassificationMetrics],
) -> str:
    """Judge head and tuned model on the test rows, against a bag of words and the champion.

    Args:
        spec: The spec as JSON.
        dataset: The dataset's digest.
        backbones: The digest of the candidates.
        head: The head's digest.
        model: The tuned model's digest.
        metrics: The candidate's metrics on the test rows, and whether it is promoted.
        confusion: The candidate's confusion matrix.

    Returns:
        The decision's digest.
    """
    from headstart import steps

    return steps.call(
        "evaluate", spec, [metrics, confusion], dataset=dataset, backbones=backbones, head=head, model=model
    )
