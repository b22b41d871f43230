"""What a release leaves behind: nothing but data, through installs, upgrades, tests and uninstalls."""

from pathlib import Path

import pytest

from tests.chart.scenarios import SCENARIOS
from tests.support.helm import Helm, HelmError, helm_on


def names(helm: Helm) -> set[str]:
    return {f"{each['kind']} {each['metadata']['name']}" for each in helm.objects()}


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_an_uninstall_leaves_nothing_but_the_volume(scenario: str, chart: Path, helm: Helm) -> None:
    before = names(helm)
    helm.install("left", chart, SCENARIOS[scenario])
    assert names(helm) > before
    helm.uninstall("left")
    assert names(helm) - before == ({"PersistentVolumeClaim left-headstart-data"} if scenario == "volume" else set())


def test_the_volume_is_taken_up_again_by_an_install_of_the_same_name_and_by_no_other(chart: Path) -> None:
    with helm_on("full") as helm:
        helm.install("a", chart, SCENARIOS["volume"])
        helm.uninstall("a")
        (kept,) = helm.objects()
        helm.install("a", chart, SCENARIOS["volume"])
        assert kept["metadata"]["uid"] in {each["metadata"]["uid"] for each in helm.objects()}
        helm.uninstall("a")
        with pytest.raises(HelmError, match=r"PersistentVolumeClaim.*cannot be imported into the current release"):
            helm.install("b", chart, SCENARIOS["volume"] | {"fullnameOverride": "a-headstart"})


def test_a_claim_that_is_there_already_is_used_and_left_alone(chart: Path, helm: Helm) -> None:
    release = helm.render(chart, SCENARIOS["volume"] | {"persistence": {"enabled": True, "existingClaim": "ours"}})
    assert "PersistentVolumeClaim" not in {each["kind"] for each in release.objects}
    volumes = release.one("CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]["volumes"]
    assert {"name": "data", "persistentVolumeClaim": {"claimName": "ours"}} in volumes


def test_an_upgrade_changes_what_is_there_and_removes_what_is_no_longer_asked_for(chart: Path) -> None:
    values = SCENARIOS["kuberay"]
    with helm_on("full") as helm:
        helm.install("up", chart, values)
        before = {each["metadata"]["name"]: each for each in helm.objects() if each["kind"] == "RayCluster"}
        helm.upgrade("up", chart, values | {"retrain": {"enabled": False}, "ray": {"workers": {"replicas": 5}}})
        after = {each["metadata"]["name"]: each for each in helm.objects() if each["kind"] == "RayCluster"}
        assert not {name for name in names(helm) if "retrain" in name}
        assert [each["metadata"]["uid"] for each in before.values()] == [
            each["metadata"]["uid"] for each in after.values()
        ]
        assert after["up-headstart-ray"]["spec"]["workerGroupSpecs"][0]["replicas"] == 5


def test_an_upgrade_with_the_same_values_changes_nothing(chart: Path) -> None:
    with helm_on("full") as helm:
        first = helm.install("same", chart, SCENARIOS["object-store"])
        second = helm.upgrade("same", chart, SCENARIOS["object-store"])
        assert first == second


def test_a_failed_upgrade_leaves_the_release_as_it_was(chart: Path) -> None:
    with helm_on("full") as helm:
        helm.install("safe", chart, SCENARIOS["object-store"])
        before = helm.objects()
        with pytest.raises(HelmError):
            helm.upgrade("safe", chart, SCENARIOS["object-store"] | {"registry": "gs://models"})
        assert helm.objects() == before


def test_helm_test_runs_a_job_that_goes_by_itself_and_runs_it_again(chart: Path) -> None:
    with helm_on("full") as helm:
        (hook,) = helm.install("tried", chart, SCENARIOS["object-store"]).hooks
        assert hook["spec"]["ttlSecondsAfterFinished"] > 0
        helm.test("tried")
        helm.test("tried")
        assert [each for each in helm.created() if "/jobs/" in each] == [
            "/apis/batch/v1/namespaces/default/jobs/tried-headstart-test"
        ] * 2


def test_two_releases_share_a_namespace(chart: Path) -> None:
    with helm_on("full") as helm:
        helm.install("red", chart, SCENARIOS["object-store"])
        helm.install("blue", chart, SCENARIOS["object-store"])
        helm.uninstall("red")
        assert len(names(helm)) == 6
        assert all(" blue-headstart" in each for each in names(helm))
