"""The page on the cluster of a job on KubeRay: its models, with their attributes' docstrings."""

from docs.pages import spec
from headstart.jobs.cluster import ClusterSpec


def lines() -> list[str]:
    """Every key."""
    return [
        "# The cluster of a job on KubeRay",
        "",
        "What the file that `HEADSTART_CLUSTER` names may say, in YAML or JSON; the",
        "[guide](../guides/kuberay.md) has an example.",
        "",
        "## The keys",
        "",
        *spec.section(ClusterSpec, ""),
    ]
