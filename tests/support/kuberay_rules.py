"""What KubeRay 1.7's operator refuses although its schemas let it pass: the rules that it checks when it sees an object."""

import re
from collections.abc import Iterator

from tests.support.kube_api import Object

_LONGEST = {"RayCluster": 53, "RayJob": 47, "RayCronJob": 36}
_MODES = {"K8sJobMode", "HTTPMode", "SidecarMode", "InteractiveMode"}
_RESOURCES = {"num-cpus", "num-gpus", "memory", "resources"}


def problems(checked: Object) -> list[str]:
    """What is wrong with an object of KubeRay; nothing with others."""
    kind, spec = checked["kind"], checked.get("spec", {})
    if kind not in _LONGEST:
        return []
    found = [*_of_name(kind, checked["metadata"]["name"])]
    if kind == "RayCluster":
        found += _of_cluster(spec)
    elif kind == "RayJob":
        found += _of_job(spec)
    else:
        found += [*_of_schedule(spec), *_of_job(spec["jobTemplate"])]
    return found


def _of_name(kind: str, name: str) -> Iterator[str]:
    if len(name) > _LONGEST[kind]:
        yield f"the name {name} is longer than {_LONGEST[kind]} characters"
    if not re.fullmatch(r"[a-z]([-a-z0-9]*[a-z0-9])?", name):
        yield f"the name {name} is no DNS label that starts with a letter"


def _of_schedule(spec: Object) -> Iterator[str]:
    if "TZ" in spec["schedule"]:
        yield "the schedule names a time zone"
    if spec.get("timeZone") == "":
        yield "the time zone is empty"


def _of_job(spec: Object) -> Iterator[str]:
    mode, shutdown = spec.get("submissionMode", "K8sJobMode"), spec.get("shutdownAfterJobFinishes", False)
    selected = "clusterSelector" in spec
    if mode not in _MODES:
        yield f"there is no submission mode {mode}"
    if selected == ("rayClusterSpec" in spec):
        yield "it needs a cluster or a selector of one"
    if spec.get("suspend") and (selected or not shutdown):
        yield "it cannot be suspended"
    yield from _of_times(spec, shutdown)
    if spec.get("backoffLimit", 0) and (selected or mode == "InteractiveMode"):
        yield "it cannot be tried again"
    if mode == "SidecarMode" and (selected or "submitterPodTemplate" in spec):
        yield "SidecarMode takes neither a selector nor a template"
    if "rayClusterSpec" in spec:
        yield from _of_cluster(spec["rayClusterSpec"])
        if "upgradeStrategy" in spec["rayClusterSpec"]:
            yield "the cluster of a job has a strategy for upgrades"


def _of_times(spec: Object, shutdown: bool) -> Iterator[str]:
    if spec.get("ttlSecondsAfterFinished", 0) and not shutdown:
        yield "it has a time to live, and its cluster stays"
    for key in ("activeDeadlineSeconds", "preRunningDeadlineSeconds"):
        if spec.get(key, 1) <= 0:
            yield f"{key} is not positive"


def _of_cluster(spec: Object) -> Iterator[str]:
    groups = [spec["headGroupSpec"], *spec.get("workerGroupSpecs", [])]
    for group in groups:
        if not group["template"]["spec"]["containers"]:
            yield "a group has no container"
        if _RESOURCES & group.get("rayStartParams", {}).keys() and group.get("resources"):
            yield "resources are named twice"
        if "labels" in group.get("rayStartParams", {}):
            yield "labels are given to ray start"
    if not spec.get("enableInTreeAutoscaling"):
        for group in groups[1:]:
            least, most = group.get("minReplicas"), group.get("maxReplicas")
            if least is None or most is None or not 0 <= least <= most:
                yield f"the group {group['groupName']} needs minReplicas and maxReplicas in order"
    token = spec.get("authOptions", {}).get("mode") == "token"
    if token and tuple(map(int, spec.get("rayVersion", "0").split("."))) < (2, 52):
        yield "a token takes rayVersion 2.52 or newer"
