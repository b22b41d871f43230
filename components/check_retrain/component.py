"""Check whether to retrain."""

from kfp import dsl

from headstart.components.image import IMAGE


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def check_retrain(spec: str, force: bool, check: dsl.OutputPath(str), summary: dsl.Output[dsl.Markdown]) -> bool:  # type: ignore[valid-type]
    """Say whether there is a reason to do the job again: new labels, another backbone, spec or Headstart.

    Args:
        spec: The spec as JSON.
        force: Do it without a reason, too.
        check: The check's digest.
        summary: The reasons, or what is waited for.

    Returns:
        Whether there is a reason.
    """
    from headstart.schedules import calls

    return calls.check_retrain(spec, force, check, [summary])
