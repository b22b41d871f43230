"""Notify."""

from kfp import dsl

from headstart.components.image import IMAGE


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def notify(spec: str, status: dsl.PipelineTaskFinalStatus) -> str:
    """Tell how a pipeline ended, and count how often it failed in a row; for a pipeline's exit handler.

    The message goes to the log and, where the environment variable HEADSTART_NOTIFY_URL names a webhook, there. Take
    the variable from a secret: the address is one. It is an https:// address of the internet; of a host inside the
    cluster where HEADSTART_ALLOW_PRIVATE_HOSTS names that host, and then http:// will do.

    Args:
        spec: The spec as JSON.
        status: How the pipeline ended; Kubeflow gives it.

    Returns:
        The message.
    """
    from headstart.schedules import calls

    return calls.notify(spec, status)
