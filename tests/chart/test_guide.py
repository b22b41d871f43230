"""The guide's values are values that the chart takes, and its commands set keys that there are."""

import re
from pathlib import Path

import pytest
import yaml

from tests.support.helm import Helm

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/guides/helm.md").read_text()
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
SPEC = (ROOT / "examples/support.yaml").read_text().replace("support-tickets.json", "s3://labels/support-tickets.json")


@pytest.mark.parametrize("text", BLOCKS)
def test_the_guides_values_install(text: str, chart: Path, helm: Helm) -> None:
    values = yaml.safe_load(text)
    if values.get("retrain", {}).get("enabled"):
        values["retrain"]["spec"] = SPEC  # the commands of the guide give it with --set-file
    assert helm.render(chart, values).objects


def test_a_release_of_the_guides_name_has_the_objects_that_its_commands_name(chart: Path, helm: Helm) -> None:
    stores = {"workspace": "s3://headstart/work", "registry": "s3://models"}
    values = {"retrain": {"enabled": True, "spec": SPEC}, "rayCluster": {"enabled": True}, **stores}
    release = helm.render(chart, values, name="headstart")
    assert release.one("CronJob")["metadata"]["name"] == "headstart-retrain"
    # KubeRay names the Secret of a cluster's token like the cluster, and the head's service after it.
    assert release.one("RayCluster")["metadata"]["name"] == "headstart-ray"
    assert "http://headstart-ray-head-svc.default:8265, with the token in Secret headstart-ray" in release.notes


def test_every_value_that_the_guide_names_is_one(chart: Path) -> None:
    values = yaml.safe_load((chart / "values.yaml").read_text())
    named = re.findall(
        r"(?:`|--set-file )((?:retrain|gc|schedules|ray|rbac|reaper|metrics|s3|kuberay-operator|monitoring|networkPolicy)\.[\w.]+)",
        GUIDE,
    )
    assert named
    for key in named:
        found = values
        for part in key.split("."):
            found = found[part]
