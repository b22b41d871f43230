"""Every scenario of ci/: Helm renders it, and Kubernetes, KubeRay and a security review have nothing to say."""

from pathlib import Path

import click
import pytest

from headstart.cli import main
from headstart.spec import Spec
from tests.chart.scenarios import SCENARIOS
from tests.support import kube_policy, kuberay_rules
from tests.support.helm import Helm, Release
from tests.support.kube_api import Object
from tests.support.kube_schemas import Schemas

KINDS = {
    "nothing": {"ServiceAccount": 1, "NetworkPolicy": 2},
    "kubeflow": {
        "ServiceAccount": 1,
        "Role": 2,
        "RoleBinding": 2,
        "NetworkPolicy": 3,
        "ConfigMap": 1,
        "CronJob": 1,
    },
    "kuberay": {
        "ServiceAccount": 1,
        "NetworkPolicy": 3,
        "ConfigMap": 2,
        "RayCluster": 1,
        "RayCronJob": 1,
        "PodMonitor": 1,
        "Deployment": 1,
        "Service": 1,
        "ServiceMonitor": 1,
    },
    "object-store": {"ServiceAccount": 1, "NetworkPolicy": 2, "ConfigMap": 1, "CronJob": 2},
    "operator": {"ServiceAccount": 1, "NetworkPolicy": 2, "ConfigMap": 2, "RayCluster": 1, "PodMonitor": 1},
    "volume": {
        "ServiceAccount": 1,
        "NetworkPolicy": 3,
        "ConfigMap": 1,
        "CronJob": 1,
        "PersistentVolumeClaim": 1,
        "Deployment": 1,
        "Service": 1,
    },
}


@pytest.fixture(scope="module", params=SCENARIOS)
def scenario(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def release(scenario: str, chart: Path, helm: Helm) -> Release:
    return helm.render(chart, SCENARIOS[scenario])


def everything(release: Release) -> list[Object]:
    # Prometheus' own kinds are looked at in test_values.py.
    return [each for each in (*release.objects, *release.hooks) if each["kind"] not in ("PodMonitor", "ServiceMonitor")]


def test_it_makes_these_objects_and_no_others(scenario: str, release: Release) -> None:
    kinds = [each["kind"] for each in release.objects]
    assert {kind: kinds.count(kind) for kind in kinds} == KINDS[scenario]


def test_kubernetes_and_kuberay_know_every_field(release: Release, schemas: Schemas) -> None:
    assert {each["metadata"]["name"]: found for each in everything(release) if (found := schemas.problems(each))} == {}


def test_kuberay_accepts_what_its_schemas_do_not_say(release: Release) -> None:
    assert [found for each in everything(release) for found in kuberay_rules.problems(each)] == []


def test_a_security_review_finds_nothing(release: Release) -> None:
    assert {
        each["metadata"]["name"]: found for each in everything(release) if (found := kube_policy.problems(each))
    } == {}


def test_every_object_is_labeled_and_in_the_releases_namespace(release: Release) -> None:
    for each in release.objects:
        if each["metadata"]["name"] != "kuberay-operator":
            assert each["metadata"]["labels"]["app.kubernetes.io/instance"] == "nightly"
        assert "namespace" not in each["metadata"]


def test_every_pod_is_under_a_policy_for_both_directions(release: Release) -> None:
    policies = [each["spec"] for each in release.objects if each["kind"] == "NetworkPolicy"]
    for template in (found for each in everything(release) for found in templates(each)):
        labels = template["metadata"]["labels"].items()
        assert any(policy["podSelector"]["matchLabels"].items() <= labels for policy in policies)


def templates(within: object) -> list[Object]:
    """The templates of pods within an object."""
    if isinstance(within, list):
        return [found for each in within for found in templates(each)]
    if not isinstance(within, dict):
        return []
    if "containers" in (within.get("spec") or {}):
        return [within]
    return [found for each in within.values() for found in templates(each)]


def test_every_command_is_one_of_the_command_line(release: Release) -> None:
    for program, *arguments in commands(release):
        assert program == "headstart"
        command: click.Command = main
        while isinstance(command, click.Group):
            command = command.commands[arguments.pop(0)]
        command.make_context(command.name, arguments)


def commands(release: Release) -> list[list[str]]:
    """What the pods run, and the jobs on Ray."""
    inside = [
        c["command"]
        for each in everything(release)
        for pod in kube_policy.pods(each)
        for c in kube_policy.containers(pod)
        if "command" in c
    ]
    return inside + [
        each["spec"]["jobTemplate"]["entrypoint"].split() for each in release.objects if each["kind"] == "RayCronJob"
    ]


def test_the_spec_is_one_that_headstart_takes(release: Release, tmp_path: Path) -> None:
    for each in release.objects:
        if each["metadata"]["name"].endswith("-retrain") and each["kind"] == "ConfigMap":
            (tmp_path / "retrain.yaml").write_text(each["data"]["retrain.yaml"])
            (command,) = [command for command in commands(release) if "retrain" in command]
            settings = [command[at + 1] for at, part in enumerate(command) if part == "--set"]
            spec = Spec.load(tmp_path / "retrain.yaml", settings)
            assert spec.workspace.endswith("/work")
            assert spec.registry.uri.startswith(("s3://", "/data/"))
