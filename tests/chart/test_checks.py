"""What the checks of the scenarios are worth: each finds the mistake that it is for."""

import copy
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chart.scenarios import SCENARIOS
from tests.support import kube_policy, kuberay_rules
from tests.support.helm import Helm
from tests.support.kube_api import Object
from tests.support.kube_schemas import Schemas


@pytest.fixture(scope="module")
def objects(chart: Path, helm: Helm) -> dict[str, Object]:
    found = helm.render(chart, SCENARIOS["kuberay"] | {"rbac": {"rayJobs": True}}).objects
    found += helm.render(chart, SCENARIOS["object-store"]).objects
    return {each["kind"]: each for each in found}


def pod_of(job: Object) -> Object:
    return next(kube_policy.pods(job))


def first(job: Object) -> Object:
    return pod_of(job)["containers"][0]


MISTAKES: list[tuple[str, Callable[[Object], object], str]] = [
    ("CronJob", lambda job: pod_of(job).update(hostNetwork=True), "the pod has hostNetwork"),
    (
        "CronJob",
        lambda job: pod_of(job)["volumes"].append({"name": "v", "hostPath": {"path": "/"}}),
        "volume v is a hostPath",
    ),
    ("CronJob", lambda job: pod_of(job)["securityContext"].pop("runAsNonRoot"), "retrain may run as root"),
    ("CronJob", lambda job: first(job)["securityContext"].update(runAsUser=0), "retrain may run as root"),
    ("CronJob", lambda job: pod_of(job)["securityContext"].pop("seccompProfile"), "retrain has no seccomp profile"),
    (
        "CronJob",
        lambda job: first(job)["securityContext"].pop("allowPrivilegeEscalation"),
        "retrain may gain privileges",
    ),
    ("CronJob", lambda job: first(job)["securityContext"].update(capabilities={}), "retrain keeps capabilities"),
    (
        "CronJob",
        lambda job: first(job)["securityContext"].pop("readOnlyRootFilesystem"),
        "retrain can write to its image",
    ),
    (
        "CronJob",
        lambda job: pod_of(job).pop("automountServiceAccountToken"),
        "the pod mounts a service account's token",
    ),
    (
        "CronJob",
        lambda job: first(job).update(image="headstart"),
        "retrain runs an image that is not pinned: headstart",
    ),
    (
        "CronJob",
        lambda job: first(job).update(image="a/b:latest"),
        "retrain runs an image that is not pinned: a/b:latest",
    ),
    ("CronJob", lambda job: first(job)["resources"]["limits"].pop("memory"), "retrain has no limits of memory"),
    (
        "CronJob",
        lambda job: first(job)["env"].append({"name": "HF_TOKEN", "value": "x"}),
        "retrain is given HF_TOKEN in the open",
    ),
    (
        "ConfigMap",
        lambda each: each["data"].update(x="s3://me:pw@host"),
        "it holds what looks like a secret: ://me:pw…",
    ),
    ("Role", lambda role: role["rules"][0].update(verbs=["*"]), "a rule has a wildcard in verbs"),
    ("Role", lambda role: role["rules"][0].update(resources=["secrets"]), "a rule reaches secrets or other pods"),
    ("Role", lambda role: role.update(kind="ClusterRole"), "rights go beyond the namespace"),
    ("NetworkPolicy", lambda policy: policy["spec"]["ingress"].append({"ports": []}), "everybody may come in"),
    ("NetworkPolicy", lambda policy: policy["spec"].update(policyTypes=["Egress"]), "a direction is open"),
    (
        "RayCronJob",
        lambda job: job["spec"]["jobTemplate"].update(submissionMode="HttpMode"),
        "there is no submission mode HttpMode",
    ),
    (
        "RayCronJob",
        lambda job: job["metadata"].update(name="a" * 37),
        f"the name {'a' * 37} is longer than 36 characters",
    ),
    ("RayCronJob", lambda job: job["spec"].update(schedule="TZ=UTC 0 2 * * *"), "the schedule names a time zone"),
    (
        "RayCronJob",
        lambda job: job["spec"]["jobTemplate"].update(shutdownAfterJobFinishes=False),
        "it has a time to live, and its cluster stays",
    ),
    (
        "RayCronJob",
        lambda job: job["spec"]["jobTemplate"].update(activeDeadlineSeconds=0),
        "activeDeadlineSeconds is not positive",
    ),
    (
        "RayCronJob",
        lambda job: job["spec"]["jobTemplate"]["rayClusterSpec"].update(upgradeStrategy={"type": "Recreate"}),
        "the cluster of a job has a strategy for upgrades",
    ),
    ("RayCluster", lambda ray: ray["spec"].pop("authOptions"), "whoever reaches the dashboard can run code"),
    (
        "RayCronJob",
        lambda job: job["spec"]["jobTemplate"]["rayClusterSpec"].pop("authOptions"),
        "whoever reaches the dashboard can run code",
    ),
    ("RayCluster", lambda ray: ray["spec"].update(rayVersion="2.51.0"), "a token takes rayVersion 2.52 or newer"),
    (
        "RayCluster",
        lambda ray: ray["spec"]["workerGroupSpecs"][0].pop("maxReplicas"),
        "the group workers needs minReplicas and maxReplicas in order",
    ),
]


@pytest.mark.parametrize(("kind", "mistake", "problem"), MISTAKES, ids=[problem for *_, problem in MISTAKES])
def test_the_checks_find(
    kind: str, mistake: Callable[[Object], object], problem: str, objects: dict[str, Object]
) -> None:
    wrong = copy.deepcopy(objects[kind])
    mistake(wrong)
    assert problem in [*kube_policy.problems(wrong), *kuberay_rules.problems(wrong)]


@pytest.mark.parametrize("kind", ["RayCronJob", "CronJob"])
def test_the_schemas_find_a_field_that_there_is_not(kind: str, objects: dict[str, Object], schemas: Schemas) -> None:
    wrong = copy.deepcopy(objects[kind])
    pod_of(wrong)["hostNetworks"] = True
    assert any("hostNetworks" in each for each in schemas.problems(wrong))
