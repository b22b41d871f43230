"""Record a retraining."""

from kfp import dsl

from headstart.components.image import IMAGE


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def record_retraining(spec: str, check: str, dataset: str, decision: str, version: str) -> str:
    """Write down that a retraining was done, so that the next check knows what it has to compare with.

    Args:
        spec: The spec as JSON.
        check: The check's digest.
        dataset: The dataset's digest.
        decision: The decision's digest.
        version: The version's digest.

    Returns:
        The version as name@number.
    """
    from headstart.schedules import calls

    return calls.record_retraining(spec, check, dataset, decision, version)
