"""A schedule that is rendered for Kubernetes is the CronJob that the chart makes for the same retraining."""

from pathlib import Path
from typing import Any

import yaml

from headstart.pods import IMAGE
from headstart.schedules.render import cronjobs
from headstart.schedules.wanted import Schedules
from tests.support import kube_policy
from tests.support.helm import Helm

SPEC = "name: intents\ndata: s3://labels/a.json\nworkspace: s3://work\nregistry: {uri: s3://models}\n"
FILE = """
schedules:
- {name: nightly, cron: 0 2 * * *, time_zone: Europe/Berlin, spec: spec.yaml, service_account: nightly-headstart,
   parameters: {cpus: "4", node_selector: {pool: cpu}, tolerations: [{key: spot, operator: Exists}]}}
"""


def stripped(cronjob: dict[str, Any]) -> dict[str, Any]:
    """A CronJob's spec without what is called otherwise: labels, the container's name, command and environment."""
    spec = dict(cronjob["spec"])
    job = spec["jobTemplate"]
    job.pop("metadata")
    job["spec"]["template"].pop("metadata")
    pod = job["spec"]["template"]["spec"]
    for name in ("name", "command", "env"):
        pod["containers"][0].pop(name)
    for volume in pod["volumes"]:
        if "configMap" in volume:
            volume["configMap"]["name"] = "of the spec"
    return spec


def test_the_charts_retraining_and_a_rendered_one_differ_in_names_alone(
    chart: Path, helm: Helm, tmp_path: Path
) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC)
    (tmp_path / "schedules.yaml").write_text(FILE)
    _, rendered = yaml.safe_load_all(cronjobs(Schedules.load(tmp_path / "schedules.yaml", "cronjob")))
    assert kube_policy.problems(rendered) == []
    resources = {"cpu": "4", "memory": "8Gi"}
    repository, _, tag = IMAGE.rpartition(":")
    values = {
        "image": {"repository": repository, "tag": tag},
        "workspace": "s3://work",
        "registry": "s3://models",
        "retrain": {
            "enabled": True,
            "spec": SPEC,
            "schedule": "0 2 * * *",
            "timeZone": "Europe/Berlin",
            "resources": {"requests": resources, "limits": resources},
            "nodeSelector": {"pool": "cpu"},
            "tolerations": [{"key": "spot", "operator": "Exists"}],
        },
    }
    made = helm.render(chart, values).one("CronJob", "-retrain")
    assert stripped(rendered) == stripped(made)
