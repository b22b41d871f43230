"""Uploading pipelines: a version for each graph that is not the latest, and none twice."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

pytest.importorskip("kfp")

from headstart.adapters.kubeflow import Kubeflow
from headstart.schedules.upload import upload
from tests.support.kubeflow_api import kubeflow_api
from tests.support.kubeflow_state import State


@dataclass(frozen=True)
class Small:
    """A graph that says next to nothing."""

    version: str
    name: str = "retrain"
    description: str = "again and again"

    @property
    def text(self) -> str:
        return f"pipelineInfo: {{name: {self.name}}}\nroot: {{}}\nversion: {self.version}\n"


ONE, OTHER = Small("retrain-1"), Small("retrain-2")


@pytest.fixture
def state() -> State:
    return State()


@pytest.fixture
def kubeflow(state: State) -> Iterator[Kubeflow]:
    with kubeflow_api(state) as endpoint:
        yield Kubeflow(endpoint)


def names(state: State) -> list[str]:
    return [each["display_name"] for each in state.versions.values()]


def test_the_first_upload_makes_pipeline_and_version_and_the_second_nothing(state: State, kubeflow: Kubeflow) -> None:
    assert [each.is_new for each in upload([ONE], kubeflow)] == [True]
    assert [each.is_new for each in upload([ONE], kubeflow)] == [False]
    (pipeline,) = state.pipelines.values()
    assert (pipeline["display_name"], pipeline["description"]) == ("retrain", "again and again")
    (version,) = state.versions.values()
    assert version["display_name"] == "retrain-1"
    assert version["pipeline_spec"]["version"] == "retrain-1"


def test_another_graph_is_another_version_of_the_same_pipeline(state: State, kubeflow: Kubeflow) -> None:
    upload([ONE], kubeflow)
    upload([OTHER], kubeflow)
    assert len(state.pipelines) == 1
    assert names(state) == ["retrain-1", "retrain-2"]


def test_a_graph_that_comes_back_is_the_latest_again(state: State, kubeflow: Kubeflow) -> None:
    for graph in (ONE, OTHER, ONE, ONE):
        upload([graph], kubeflow)
    assert names(state) == ["retrain-1", "retrain-2", "retrain-1~2"]


def test_an_upload_that_was_interrupted_after_the_pipeline_goes_on_with_its_version(
    state: State, kubeflow: Kubeflow
) -> None:
    kubeflow.create_pipeline("retrain", "again and again")
    upload([ONE], kubeflow)
    assert len(state.pipelines) == 1
    assert names(state) == ["retrain-1"]
