"""What values do, and the sentence that a wrong one ends with."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from headstart.jobs import rayjob
from headstart.monitoring.families import FAMILIES
from headstart.version import __version__
from tests.chart.scenarios import SCENARIOS
from tests.support.helm import Helm, HelmError, helm_on
from tests.support.kube_api import Object
from tests.support.kube_policy import pods

ROOT = Path(__file__).parents[2]
SPEC = {"enabled": True, "spec": "name: a\ndata: s3://b/c.json\n"}
STORES = {"workspace": "s3://w/work", "registry": "s3://m"}

WRONG: list[tuple[Object, str]] = [
    (
        {"retrain": {"enabled": True}},
        r"retrain.spec is empty. Give the spec's text: --set-file retrain.spec=tickets.yaml.",
    ),
    ({"retrain": {"enabled": True, "spec": "a: ["}, **STORES}, r"retrain.spec is not valid YAML: .*line 1"),
    ({"retrain": {"enabled": True, "spec": "name: a"}, **STORES}, r'retrain.spec has no key "data"'),
    (
        {"retrain": {"enabled": True, "spec": "tickets.yaml"}, **STORES},
        r'retrain.spec is "tickets.yaml", and not the text of a spec. Give it: --set-file retrain.spec=tickets.yaml.',
    ),
    ({"retrain": {"enabled": True, "spec": "- name: a"}, **STORES}, r'retrain.spec is "- name: a", and not the text'),
    *(
        (
            {
                "retrain": {"enabled": True, "spec": json.dumps({"name": "a", "data": "s3://b/c.json"} | given)},
                **STORES,
            },
            rf"retrain.spec: {key} is {path}, a path on your machine. Name an object store, such as s3://bucket/",
        )
        for key, path, given in [
            ("data", "exports/a.json", {"data": "exports/a.json"}),
            ("data", "~/a.json", {"data": "~/a.json"}),
            ("data", "a.json", {"data": ["s3://b/c.json", "a.json"]}),
            ("data.source", "a.json", {"data": {"source": "a.json", "format": "csv"}}),
            ("data.source", "a.json", {"data": {"source": {"train": "s3://b/c.json", "test": "a.json"}}}),
            ("backbones", "./model", {"backbones": ["org/model", "./model"]}),
        ]
    ),
    (
        {"image": {"repository": "registry.example.org:5000/headstart:1.0"}},
        r"at '/image/repository': .* does not match",
    ),
    ({"image": {"repository": "headstart:1.0"}}, r"at '/image/repository': .* does not match"),
    ({"retrain": SPEC}, r"nowhere to keep its results. Set workspace and registry to s3:// prefixes"),
    (
        {"retrain": SPEC | {"on": "ray"}, "persistence": {"enabled": True}},
        r"share no volume, and /data/work is a folder",
    ),
    ({"workspace": "/data/work"}, r"/data/work is a folder, and persistence.enabled is false"),
    ({"gc": {"enabled": True}}, r"gc.enabled is true, and there is no registry"),
    ({"metrics": {"enabled": True}}, r"metrics.enabled is true, and there is nothing to tell of"),
    (
        {"metrics": {"enabled": True}, "persistence": {"enabled": True, "accessMode": "ReadWriteOncePod"}},
        r"lets one pod at a time have the volume. Set ReadWriteOnce",
    ),
    ({"reaper": {"keep": "a day"}}, r"at '/reaper/keep': 'a day' does not match pattern"),
    ({"schedules": {"enabled": True}}, r"schedules.file is not the text of a file of schedules. Give it: --set-file"),
    (
        {"schedules": {"enabled": True, "file": "schedules: [{name: a, spec: a.yaml}]"}},
        r"schedules.file names the spec a.yaml, and schedules.specs does not have it.",
    ),
    ({"image": {"tag": "latest"}}, r"image.tag is latest, which changes by itself"),
    (
        {"rayCluster": {"enabled": True}, "fullnameOverride": "", "nameOverride": ""},
        r"The name 2nd-headstart starts with a digit",
    ),
    ({"image": {"tgg": "1"}}, r"at '/image': additional properties 'tgg' not allowed"),
    ({"retrain": {"on": "kubernetes"}}, r"at '/retrain/on': value must be one of 'job', 'ray'"),
    ({"retrain": {"schedule": "at night"}}, r"at '/retrain/schedule': 'at night' does not match pattern"),
    ({"retrain": {"activeDeadlineSeconds": 0}}, r"at '/retrain/activeDeadlineSeconds': minimum: got 0, want 1"),
    (
        {"retrain": {"resources": {"limits": {"memory": None}}}},
        r"at '/retrain/resources/limits': missing property 'memory'",
    ),
    ({"registry": "gs://models"}, r"at '/registry': 'gs://models' does not match pattern"),
    ({"registry": "s3://me:secret@models"}, r"at '/registry': .* does not match pattern"),
    ({"image": {"digest": "sha256:1"}}, r"at '/image/digest': 'sha256:1' does not match pattern"),
    ({"persistence": {"size": "lots"}}, r"at '/persistence/size': 'lots' does not match pattern"),
    ({"ray": {"workers": {"replicas": -1}}}, r"at '/ray/workers/replicas': minimum: got -1, want 0"),
    (
        {"networkPolicy": {"egressPorts": [70000]}},
        r"at '/networkPolicy/egressPorts/0': maximum: got 70,000, want 65,535",
    ),
    ({"networkPolicy": {"dashboardFrom": [{}]}}, r"at '/networkPolicy/dashboardFrom/0': minProperties: got 0, want 1"),
]


@pytest.mark.parametrize(("values", "sentence"), WRONG, ids=[json.dumps(values)[:60] for values, _ in WRONG])
def test_a_wrong_value_ends_with_a_sentence(values: Object, sentence: str, chart: Path, helm: Helm) -> None:
    with pytest.raises(HelmError, match=sentence):
        helm.render(chart, values, name="2nd")


def test_every_value_is_in_the_schema_and_every_key_of_the_schema_has_a_default(chart: Path) -> None:
    values = yaml.safe_load((chart / "values.yaml").read_text())
    schema = json.loads((chart / "values.schema.json").read_text())

    def compare(value: Any, described: Any, place: str) -> None:
        if described.get("additionalProperties") is False and "properties" in described:
            assert value.keys() == described["properties"].keys(), place
            for key, inner in described["properties"].items():
                compare(value[key], inner, f"{place}.{key}")

    compare(values | {"global": {}}, schema, "values")


def test_the_chart_is_of_the_packages_version_and_its_ray_of_the_images() -> None:
    chart = yaml.safe_load((ROOT / "charts/headstart/Chart.yaml").read_text())
    values = yaml.safe_load((ROOT / "charts/headstart/values.yaml").read_text())
    assert (chart["version"], chart["appVersion"]) == (__version__, __version__)
    assert f"\nray=={values['ray']['version']}\n" in (ROOT / "constraints.txt").read_text()


def test_lint_has_no_complaint(chart: Path, helm: Helm) -> None:
    assert max(helm.lint(chart)) == 1


def test_the_spec_arrives_as_it_was_written(chart: Path, helm: Helm) -> None:
    text = "# by hand\nname: a\ndata: 's3://b/c.json'\ntune: {seed: 9007199254740993, lr: 1.0e-05}\n\n"
    release = helm.render(chart, {"retrain": {"enabled": True, "spec": text}, **STORES})
    assert release.one("ConfigMap")["data"]["retrain.yaml"] == text


def test_two_retrainings_do_not_run_at_once_and_none_runs_for_ever(chart: Path, helm: Helm) -> None:
    spec = helm.render(chart, SCENARIOS["object-store"]).one("CronJob", "-retrain")["spec"]
    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["startingDeadlineSeconds"] == 3600
    assert spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] == 21600
    assert spec["timeZone"] == "Europe/Berlin"


def test_the_collector_keeps_as_many_versions_as_it_is_told(chart: Path, helm: Helm) -> None:
    job = helm.render(chart, SCENARIOS["object-store"]).one("CronJob", "-gc")
    assert next(pods(job))["containers"][0]["command"] == ["headstart", "models", "gc", "--apply", "--keep-last", "10"]
    everything = helm.render(chart, {"gc": {"enabled": True}, "registry": "s3://m"}).one("CronJob", "-gc")
    assert next(pods(everything))["containers"][0]["command"] == ["headstart", "models", "gc", "--apply"]


def test_schedules_are_applied_by_installs_and_upgrades_and_removed_by_an_uninstall(chart: Path, helm: Helm) -> None:
    release = helm.render(chart, SCENARIOS["kubeflow"])
    files = release.one("ConfigMap")["data"]
    hooks = {each["metadata"]["annotations"]["helm.sh/hook"]: next(pods(each)) for each in release.hooks}
    applied = {
        hook: pod["containers"][0]["command"][-1].rpartition("/")[2] for hook, pod in hooks.items() if hook != "test"
    }
    assert applied == {"post-install,post-upgrade": "schedules.yaml", "pre-delete": "none.yaml"}
    wanted, none = yaml.safe_load(files["schedules.yaml"]), yaml.safe_load(files["none.yaml"])
    assert none == wanted | {"schedules": []}
    assert wanted["schedules"][0]["spec"] in files
    _, out = release.one("NetworkPolicy", "nightly-headstart")["spec"]["egress"]
    assert 8888 in [each["port"] for each in out["ports"]]


def test_the_pod_that_keeps_schedules_has_a_token_for_kubeflow_alone(chart: Path, helm: Helm) -> None:
    hooks = helm.render(chart, SCENARIOS["kubeflow"]).hooks
    found = [
        volume["projected"]["sources"]
        for each in hooks
        for volume in next(pods(each))["volumes"]
        if "projected" in volume
    ]
    assert len(found) == 2
    for (source,) in found:
        assert source["serviceAccountToken"]["audience"] == "pipelines.kubeflow.org"


def test_a_digest_decides_which_image_runs(chart: Path, helm: Helm) -> None:
    job = helm.render(chart, SCENARIOS["object-store"]).one("CronJob", "-retrain")
    (container,) = next(pods(job))["containers"]
    digest = SCENARIOS["object-store"]["image"]["digest"]
    assert container["image"] == f"headstart/headstart:{__version__}@{digest}"
    assert {"name": "HEADSTART_IMAGE", "value": container["image"]} in container["env"]


def test_credentials_are_references_to_secrets(chart: Path, helm: Helm) -> None:
    job = helm.render(chart, SCENARIOS["object-store"]).one("CronJob", "-retrain")
    (container,) = next(pods(job))["containers"]
    given = {each["name"]: each.get("valueFrom", {}).get("secretKeyRef") for each in container["env"]}
    assert given["AWS_SECRET_ACCESS_KEY"] == {"name": "headstart-s3", "key": "AWS_SECRET_ACCESS_KEY"}
    assert given["HF_TOKEN"] == {"name": "hub-token", "key": "token"}


def test_a_cloud_role_needs_no_secret(chart: Path, helm: Helm) -> None:
    release = helm.render(chart, SCENARIOS["kuberay"])
    annotations = release.one("ServiceAccount")["metadata"]["annotations"]
    assert annotations == SCENARIOS["kuberay"]["serviceAccount"]["annotations"]
    for pod in (pod for each in release.objects for pod in pods(each)):
        assert pod["serviceAccountName"] == release.one("ServiceAccount")["metadata"]["name"]
        assert not [
            each for container in pod["containers"] for each in container["env"] if "AWS_ACCESS" in each["name"]
        ]


def test_the_pipeline_runner_gets_rights_on_rayjobs_and_no_others(chart: Path, helm: Helm) -> None:
    release = helm.render(chart, SCENARIOS["kubeflow"])
    assert {resource for rule in release.one("Role", "-ray-jobs")["rules"] for resource in rule["resources"]} == {
        "rayjobs",
        "rayjobs/status",
    }
    assert [each["name"] for each in release.one("RoleBinding", "-ray-jobs")["subjects"]] == [
        "headstart",
        "default-editor",
    ]


def test_rays_ports_are_open_to_its_own_pods_and_the_dashboard_to_those_that_are_named(chart: Path, helm: Helm) -> None:
    release = helm.render(chart, SCENARIOS["object-store"])
    policy = release.one("NetworkPolicy", "-ray")["spec"]
    inside, dashboard, metrics = policy["ingress"]
    assert inside == {"from": [{"podSelector": policy["podSelector"]}]}
    assert [each["port"] for each in dashboard["ports"]] == [8265]
    assert {"podSelector": {"matchLabels": {"app": "notebook"}}} in dashboard["from"]
    assert [each["port"] for each in metrics["ports"]] == [8080]
    nobody = {"networkPolicy": {"operatorFrom": [], "dashboardFrom": [], "metricsFrom": []}}
    assert helm.render(chart, nobody).one("NetworkPolicy", "-ray")["spec"]["ingress"] == [
        {"from": [{"podSelector": helm.render(chart, {}).one("NetworkPolicy", "-ray")["spec"]["podSelector"]}]}
    ]


@pytest.mark.parametrize(
    ("endpoint", "ports"),
    [
        ("", [443]),
        ("https://s3.example.org", [443]),
        ("http://minio.storage.svc:9000", [443, 9000]),
        ("http://minio", [443, 80]),
    ],
)
def test_the_stores_port_is_open(endpoint: str, ports: list[int], chart: Path, helm: Helm) -> None:
    release = helm.render(chart, {"s3": {"endpoint": endpoint}})
    _, out = release.one("NetworkPolicy", "nightly-headstart")["spec"]["egress"]
    assert [each["port"] for each in out["ports"]] == ports


def test_the_operator_comes_only_where_it_is_asked_for(chart: Path, helm: Helm) -> None:
    assert "kuberay-operator" not in {each["metadata"]["name"] for each in helm.render(chart, {}).objects}
    gates = helm.render(chart, SCENARIOS["operator"]).one("ConfigMap", "kuberay-operator")["data"]["gates"]
    assert {"name": "RayCronJob", "enabled": True} in json.loads(gates)


def test_there_is_no_pod_monitor_where_the_cluster_knows_none_and_the_notes_say_so(chart: Path, helm: Helm) -> None:
    values = {"monitoring": {"enabled": True, "labels": {"release": "prometheus"}}}
    monitor = helm.render(chart, values).one("PodMonitor")
    assert monitor["metadata"]["labels"]["release"] == "prometheus"
    assert monitor["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"] == "ray"
    with helm_on("plain") as plain:
        release = plain.render(chart, values)
    assert "PodMonitor" not in {each["kind"] for each in release.objects}
    assert "does not know monitoring.coreos.com/v1" in release.notes


def test_rays_metrics_of_submitted_jobs_are_read_too(chart: Path, helm: Helm) -> None:
    values = SCENARIOS["kubeflow"] | {"monitoring": {"enabled": True}}
    monitor = helm.render(chart, values).one("PodMonitor", "-jobs")
    assert monitor["spec"]["selector"]["matchLabels"] == dict([rayjob.OURS])


def test_the_dashboard_is_one_that_grafana_reads_and_asks_for_metrics_that_there_are(chart: Path, helm: Helm) -> None:
    release = helm.render(chart, {"monitoring": {"enabled": True}})
    dashboard = json.loads(release.one("ConfigMap", "-dashboard")["data"]["headstart.json"])
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels}) == len(panels)
    asked = set()
    for target in (target for panel in panels for target in panel["targets"]):
        names = re.findall(r"headstart_\w+", target["expr"])
        asked.update(names)
        known = {label for name in names for label in FAMILIES[name].labels}
        if names:
            assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= known, target
    assert len(asked) > 10


def test_metrics_are_served_to_prometheus_alone(chart: Path, helm: Helm) -> None:
    release = helm.render(chart, SCENARIOS["kuberay"])
    (container,) = next(pods(release.one("Deployment")))["containers"]
    assert container["command"] == ["headstart", "metrics", "--listen", "9180"]
    given = {each["name"]: each.get("value") for each in container["env"]}
    assert (given["HEADSTART_WORKSPACE"], given["HEADSTART_REGISTRY"]) == ("s3://headstart/work", "s3://models")
    labels = release.one("Deployment")["spec"]["template"]["metadata"]["labels"]
    service, monitor = release.one("Service"), release.one("ServiceMonitor")
    assert service["spec"]["selector"].items() <= labels.items()
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert monitor["metadata"]["labels"]["release"] == "prometheus"
    assert [each["port"] for each in monitor["spec"]["endpoints"]] == [
        each["name"] for each in service["spec"]["ports"]
    ]
    policy = release.one("NetworkPolicy", "-metrics")["spec"]
    assert policy["podSelector"]["matchLabels"].items() <= labels.items()
    (rule,) = policy["ingress"]
    assert rule["from"] == [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]
    assert [each["port"] for each in rule["ports"]] == [9180]


def test_the_reaper_may_list_and_delete_rayjobs_and_nothing_else(chart: Path, helm: Helm) -> None:
    release = helm.render(chart, SCENARIOS["kubeflow"])
    assert release.one("Role", "-reaper")["rules"] == [
        {"apiGroups": ["ray.io"], "resources": ["rayjobs"], "verbs": ["list", "delete"]}
    ]
    job = release.one("CronJob", "-reaper")
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    pod = next(pods(job))
    account = release.one("ServiceAccount", "-reaper")["metadata"]["name"]
    assert (pod["serviceAccountName"], pod["automountServiceAccountToken"]) == (account, False)
    assert [each["name"] for each in release.one("RoleBinding", "-reaper")["subjects"]] == [account]
    (volume,) = [each for each in pod["volumes"] if "projected" in each]
    assert {source for each in volume["projected"]["sources"] for source in each} == {
        "serviceAccountToken",
        "configMap",
        "downwardAPI",
    }
    _, out = release.one("NetworkPolicy", "nightly-headstart")["spec"]["egress"]
    assert 6443 in [each["port"] for each in out["ports"]]


def test_clusters_of_submitted_jobs_are_as_closed_as_the_charts_own(chart: Path, helm: Helm) -> None:
    release = helm.render(chart, SCENARIOS["kubeflow"])
    policy = release.one("NetworkPolicy", "-jobs")["spec"]
    assert policy["podSelector"]["matchLabels"] == dict([rayjob.OURS])
    own, dashboard, metrics = policy["ingress"]
    assert own == {"from": [{"podSelector": policy["podSelector"]}]}
    assert [each["port"] for each in dashboard["ports"]] == [8265]
    assert [each["port"] for each in metrics["ports"]] == [8080]


def test_ray_pods_are_probed_without_programs_that_the_image_does_not_have(chart: Path, helm: Helm) -> None:
    for pod in pods(helm.render(chart, SCENARIOS["kuberay"]).one("RayCluster")):
        for probe in (pod["containers"][0][kind] for kind in ("readinessProbe", "livenessProbe")):
            assert probe["exec"]["command"] == ["bash", "-c", rayjob.health(52365)]


def test_a_cluster_with_gpus_goes_soon_after_its_retraining(chart: Path, helm: Helm) -> None:
    template = helm.render(chart, SCENARIOS["kuberay"]).one("RayCronJob")["spec"]["jobTemplate"]
    assert template["shutdownAfterJobFinishes"] is True
    assert template["ttlSecondsAfterFinished"] <= 60


def test_the_notes_say_what_to_do_next(chart: Path, helm: Helm) -> None:
    assert "set retrain.enabled and retrain.spec" in helm.render(chart, {}).notes
    assert "--from cronjob/nightly-headstart-retrain" in helm.render(chart, SCENARIOS["object-store"]).notes
    assert "feature gate RayCronJob" in helm.render(chart, SCENARIOS["kuberay"]).notes
    assert "stays when this release is uninstalled" in helm.render(chart, SCENARIOS["volume"]).notes


def test_the_longest_release_name_gives_names_that_kuberay_takes(chart: Path, helm: Helm) -> None:
    release = helm.render(chart, SCENARIOS["kuberay"], name="r" * 53)
    assert len(release.one("RayCronJob")["metadata"]["name"]) == 36
