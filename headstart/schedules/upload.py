"""Publishing pipelines in Kubeflow: a new version where the graph changed, and none where it did not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from headstart.adapters.kubeflow import Kubeflow


class Graph(Protocol):
    """A compiled pipeline: equal graphs have an equal ``version``."""

    @property
    def name(self) -> str:
        """What the pipeline is called."""

    @property
    def description(self) -> str:
        """What the UI says of it."""

    @property
    def text(self) -> str:
        """Its intermediate representation."""

    @property
    def version(self) -> str:
        """What the version is called."""


@dataclass(frozen=True)
class Uploaded:
    """What came of one pipeline: the version that is the latest now, and whether it is new."""

    pipeline: str
    version: str
    is_new: bool


def upload(graphs: Sequence[Graph], kubeflow: Kubeflow) -> list[Uploaded]:
    """Make each graph the latest version of its pipeline.

    Interrupted and called again, it makes no version twice. A graph that was the latest before another one becomes so
    again by a version of its own, with a number behind its name.

    Raises:
        HeadstartError: Kubeflow cannot be reached, or refuses.
    """
    return [_upload(graph, kubeflow) for graph in graphs]


def _upload(graph: Graph, kubeflow: Kubeflow) -> Uploaded:
    pipeline = kubeflow.find_pipeline(graph.name) or kubeflow.create_pipeline(graph.name, graph.description)
    names = list(kubeflow.versions(pipeline))
    if names and names[0].partition("~")[0] == graph.version:
        return Uploaded(graph.name, names[0], False)
    earlier = sum(name.partition("~")[0] == graph.version for name in names)
    version = f"{graph.version}~{earlier + 1}" if earlier else graph.version
    kubeflow.upload_version(pipeline, version, graph.text)
    return Uploaded(graph.name, version, True)
