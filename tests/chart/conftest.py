"""The chart, and Helm with a cluster."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import shared_data
from tests.support.helm import Helm, helm_on
from tests.support.kube_schemas import Schemas

_CHART = Path(__file__).parents[2] / "charts" / "headstart"
_OPERATOR = Path(__file__).parent / "kuberay-operator"


@pytest.fixture(scope="session")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chart with a stand-in for the operator's, which `helm dependency build` would fetch."""
    copy = tmp_path_factory.mktemp("charts") / "headstart"
    shutil.copytree(_CHART, copy)
    shutil.copytree(_OPERATOR, copy / "charts" / "kuberay-operator")
    return copy


@pytest.fixture(scope="session")
def helm() -> Iterator[Helm]:
    """Helm on a cluster that knows KubeRay's and Prometheus' kinds; releases come and go in it."""
    with helm_on("full") as found:
        yield found


@pytest.fixture(scope="session")
def schemas() -> Schemas:
    """The schemas of Kubernetes and KubeRay."""
    return Schemas(shared_data.folder("kuberay-crds"))
