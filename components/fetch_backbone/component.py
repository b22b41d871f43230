"""Fetch backbones."""

from kfp import dsl

from headstart.components.image import IMAGE


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def fetch_backbone(spec: str, backbone: dsl.Output[dsl.Model]) -> str:
    """Bring the pretrained models that the spec names into the workspace, verified.

    Args:
        spec: The spec as JSON.
        backbone: The candidates' record, with their licences.

    Returns:
        The digest of the candidates.
    """
    from headstart import steps

    return steps.call("fetch_backbone", spec, [backbone])
