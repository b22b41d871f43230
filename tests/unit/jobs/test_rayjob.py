"""RayJobs: whatever work and cluster, an object that KubeRay and a security review have nothing to say about."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headstart.adapters.ray_jobs import RAY
from headstart.errors import SpecError, UsageError
from headstart.jobs import Work, names, rayjob
from headstart.jobs.cluster import ClusterSpec
from headstart.jobs.rayjob import Owner
from headstart.spec import Spec
from tests.support import kube_policy, kuberay_rules, shared_data
from tests.support.kube_schemas import Schemas

NOW = "2026-11-27T06:00:00+00:00"
SPEC = Spec.parse(
    '{"name": "tickets", "data": "s3://labels/a.json", "workspace": "s3://work", "registry": {"uri": "s3://m"}}'
)
IMAGE = "registry.example.org/headstart:0.1.0-cuda"


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    return Schemas(shared_data.folder("kuberay-crds"))


def work(spec: Spec = SPEC, step: str = "") -> Work:
    id_ = names.numbered(names.stem(spec, step, {}), 1)
    return Work(id_, spec, f"{spec.workspace}/jobs/{id_}/spec.json", step)


def built(cluster: ClusterSpec, owner: Owner | None = None, spec: Spec = SPEC) -> rayjob.Object:
    return rayjob.build(work(spec), cluster, owner, NOW)


names_ = st.from_regex(r"[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?", fullmatch=True)
objects = st.from_regex(r"[a-z][a-z0-9-]{0,20}[a-z0-9]", fullmatch=True)
pods = st.fixed_dictionaries(
    {},
    optional={
        "cpus": st.integers(1, 128),
        "memory": st.sampled_from(["512Mi", "16Gi", "1Ti"]),
        "gpus": st.integers(0, 8),
        "node_selector": st.dictionaries(st.just("disk"), st.just("ssd")),
        "tolerations": st.just(({"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},)),
    },
)
clusters = st.fixed_dictionaries(
    {"image": st.just(IMAGE)},
    optional={
        "pull_secrets": st.lists(objects, max_size=2),
        "service_account": objects,
        "env": st.dictionaries(st.just("AWS_ENDPOINT_URL"), st.just("http://minio:9000")),
        "secrets": st.lists(objects, max_size=2),
        "token_secret": objects,
        "head": pods.map(lambda each: {key: value for key, value in each.items() if key != "gpus"}),
        "workers": pods,
        "deadline": st.sampled_from(["30s", "10m", "48h"]),
        "start_deadline": st.sampled_from(["1s", "30m"]),
        "retries": st.integers(0, 5),
        "redis": st.just("redis:6379"),
        "redis_secret": objects,
    },
)
grows = st.sampled_from([{}, {"queue": "team"}, {"max_workers": 9}])
computes = st.fixed_dictionaries(
    {},
    optional={
        "workers": st.integers(1, 16),
        "cpus_per_worker": st.sampled_from(["auto", 1, 96]),
        "gpus_per_worker": st.sampled_from(["auto", 0, 2]),
    },
)
owners = st.sampled_from([None, Owner("tickets-pod-1", "0d6b0a3e-0000-4000-8000-000000000000")])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=names_, cluster=clusters, grown=grows, compute=computes, owner=owners)
def test_every_job_is_one_that_kuberay_takes(
    schemas: Schemas,
    name: str,
    cluster: dict[str, object],
    grown: dict[str, object],
    compute: dict[str, object],
    owner: Owner,
) -> None:
    spec = Spec.model_validate(SPEC.said() | {"name": name, "compute": compute})
    made = built(ClusterSpec.model_validate(cluster | grown), owner, spec)
    assert schemas.problems(made) == []
    assert kuberay_rules.problems(made) == []
    found = kube_policy.problems(made)
    assert found == (["the pod mounts a service account's token"] if "max_workers" in grown else [])
    for value in made["metadata"]["labels"].values():
        assert re.fullmatch(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?", value)


@given(name=names_)
def test_the_same_work_has_the_same_name_and_other_work_another(name: str) -> None:
    spec = Spec.model_validate(SPEC.said() | {"name": name})
    one, again = work(spec), work(Spec.parse(spec.to_json()))
    assert one.id == again.id
    assert len(one.id) <= 40
    assert one.id != work(spec, "import_labels").id


def test_workers_are_as_large_as_the_spec_asks_for_and_the_head_runs_no_training() -> None:
    spec = Spec.model_validate(SPEC.said() | {"compute": {"workers": 3, "cpus_per_worker": 8, "gpus_per_worker": 1}})
    cluster = built(ClusterSpec(image=IMAGE), spec=spec)["spec"]["rayClusterSpec"]
    (group,) = cluster["workerGroupSpecs"]
    assert (group["replicas"], group["minReplicas"], group["maxReplicas"]) == (3, 3, 3)
    (container,) = group["template"]["spec"]["containers"]
    assert container["resources"]["limits"] == {"cpu": "8", "memory": "16Gi", "nvidia.com/gpu": 1}
    assert cluster["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"


def test_a_job_ends_even_where_nobody_looks_after_it() -> None:
    spec = built(ClusterSpec(image=IMAGE, deadline="2h", start_deadline="5m", retries=2))["spec"]
    assert (spec["activeDeadlineSeconds"], spec["preRunningDeadlineSeconds"], spec["backoffLimit"]) == (7200, 300, 2)
    assert spec["shutdownAfterJobFinishes"] is True
    assert spec["submissionMode"] == "HTTPMode"
    assert spec["entrypoint"] == f"headstart run s3://work/jobs/{work().id}/spec.json"


def test_a_job_in_a_queue_is_made_suspended_and_none_that_grows() -> None:
    made = built(ClusterSpec(image=IMAGE, queue="team"))
    assert made["spec"]["suspend"] is True
    assert made["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "team"
    with pytest.raises(UsageError, match="Kueue admits no job whose cluster grows"):
        built(ClusterSpec(image=IMAGE, queue="team", max_workers=4))


def test_a_watched_job_goes_with_its_watcher_and_one_that_is_not_has_no_heartbeat() -> None:
    watched = built(ClusterSpec(image=IMAGE), Owner("pod-1", "uid-1"))["metadata"]
    assert watched["ownerReferences"] == [{"apiVersion": "v1", "kind": "Pod", "name": "pod-1", "uid": "uid-1"}]
    assert watched["annotations"][rayjob.HEARTBEAT] == NOW
    alone = built(ClusterSpec(image=IMAGE))["metadata"]
    assert rayjob.HEARTBEAT not in alone["annotations"]
    assert "ownerReferences" not in alone


def test_the_pods_know_their_job_and_log_as_their_submitter_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSTART_LOG", "json")
    (pod, _) = kube_policy.pods(built(ClusterSpec(image=IMAGE, secrets=("headstart-s3",))))
    (container,) = pod["containers"]
    said = {each["name"]: each["value"] for each in container["env"]}
    assert said["HEADSTART_JOB_ID"] == work().id
    assert said["HEADSTART_IMAGE"] == IMAGE
    assert said["HEADSTART_LOG"] == "json"
    assert container["envFrom"] == [{"secretRef": {"name": "headstart-s3"}}]


def test_ray_is_the_one_of_the_image() -> None:
    assert f"ray=={rayjob.RAY}" in Path("constraints.txt").read_text().replace("[default,train,tune]", "").splitlines()
    assert tuple(map(int, rayjob.RAY.split(".")))[:2] == RAY


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("image: headstart:latest", "spec/invalid-value", "not latest"),
        ("env: {S3_TOKEN: abc}", "spec/invalid-value", "looks like a secret"),
        ("env: {A: AKIAIOSFODNN7EXAMPLE}", "spec/invalid-value", "looks like a secret"),
        ("workers: {memory: lots}", "spec/invalid-value", "memory"),
        ("worker: {}", "spec/unknown-key", "'workers'"),
        ("head: {tolerations: [{key: gpu, efect: NoSchedule}]}", "spec/unknown-key", "'effect'"),
        ("workers: {tolerations: [{effect: NoSchedul}]}", "spec/invalid-value", "'NoSchedule', 'PreferNoSchedule'"),
        ('env: {"A B": "1"}', "spec/invalid-value", "'A B' is no name of an environment variable"),
        ("secrets: [Upper_Case]", "spec/invalid-value", "A name in Kubernetes"),
        ("retries: 1", "spec/missing-key", "no image is named"),
    ],
)
def test_a_wrong_file_is_refused_with_a_sentence_and_no_secret(
    text: str, code: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HEADSTART_IMAGE", raising=False)
    path = tmp_path / "cluster.yaml"
    path.write_text(text)
    monkeypatch.setenv("HEADSTART_CLUSTER", str(path))
    with pytest.raises(SpecError) as caught:
        ClusterSpec.load()
    assert caught.value.code == code
    assert said in str(caught.value)
    assert "abc" not in str(caught.value)
    assert "AKIA" not in str(caught.value)


def test_without_a_file_the_cluster_runs_the_image_that_this_process_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADSTART_CLUSTER", raising=False)
    monkeypatch.setenv("HEADSTART_IMAGE", IMAGE)
    assert ClusterSpec.load().own_image == IMAGE
