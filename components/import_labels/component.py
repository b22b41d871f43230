"""Import labels."""

from kfp import dsl

from headstart.components.image import IMAGE


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def import_labels(
    spec: str, dataset: dsl.Output[dsl.Dataset], metrics: dsl.Output[dsl.Metrics], report: dsl.Output[dsl.HTML]
) -> str:
    """Read the label export that the spec names and account for every record.

    Args:
        spec: The spec as JSON.
        dataset: The dataset's record.
        metrics: Records, rows, merged and rejected.
        report: What became of every record, as a page.

    Returns:
        The dataset's digest.
    """
    from headstart import steps

    return steps.call("import_labels", spec, [dataset, metrics, report])
