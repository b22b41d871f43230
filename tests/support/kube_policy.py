"""What a security review would say to an object: each problem a sentence."""

import re
from collections.abc import Iterator
from typing import Any

from tests.support.kube_api import Object

# https://kubernetes.io/docs/concepts/security/pod-security-standards, level restricted.
_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
_HOST = ("hostNetwork", "hostPID", "hostIPC")
_SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD)(?!\w*_PATH$)")
_SECRET_VALUE = re.compile(r"AKIA[0-9A-Z]{16}|\bhf_[A-Za-z0-9]{20,}|-----BEGIN|://[^/\s\"']+:[^/\s\"']+@")
_PINNED = re.compile(r".+(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})")


def problems(checked: Object) -> list[str]:
    """What is wrong with an object."""
    return [
        *_of_rights(checked),
        *_of_secrets(checked),
        *_of_networks(checked),
        *_of_clusters(checked),
        *(each for pod in pods(checked) for each in (*_restricted(pod), *_of_pods(pod))),
    ]


def pods(within: Any) -> Iterator[Object]:
    """The specs of pods within an object, wherever its kind keeps them."""
    if isinstance(within, dict):
        if isinstance(within.get("containers"), list):
            yield within
        else:
            yield from (pod for each in within.values() for pod in pods(each))
    elif isinstance(within, list):
        yield from (pod for each in within for pod in pods(each))


def containers(pod: Object) -> list[Object]:
    """All containers of a pod."""
    return [*pod.get("initContainers", []), *pod["containers"]]


def _restricted(pod: Object) -> Iterator[str]:
    ours = pod.get("securityContext", {})
    yield from (f"the pod has {each}" for each in _HOST if pod.get(each))
    for volume in pod.get("volumes", []):
        yield from (f"volume {volume['name']} is a {each}" for each in volume.keys() - {"name"} - _VOLUMES)
    for each in containers(pod):
        name, own = each["name"], each.get("securityContext", {})
        both = ours | own
        if both.get("runAsNonRoot") is not True or both.get("runAsUser") == 0:
            yield f"{name} may run as root"
        if both.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
            yield f"{name} has no seccomp profile"
        if own.get("allowPrivilegeEscalation") is not False or own.get("privileged"):
            yield f"{name} may gain privileges"
        capabilities = own.get("capabilities", {})
        if capabilities.get("drop") != ["ALL"] or set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}:
            yield f"{name} keeps capabilities"
        if any("hostPort" in port for port in each.get("ports", [])):
            yield f"{name} takes a port of the host"
        if own.get("procMount", "Default") != "Default":
            yield f"{name} sees more of /proc"


def _of_pods(pod: Object) -> Iterator[str]:
    """What the standard leaves open, and a review asks for."""
    if pod.get("automountServiceAccountToken") is not False:
        yield "the pod mounts a service account's token"
    for each in containers(pod):
        name = each["name"]
        if each.get("securityContext", {}).get("readOnlyRootFilesystem") is not True:
            yield f"{name} can write to its image"
        if not _PINNED.fullmatch(each["image"]):
            yield f"{name} runs an image that is not pinned: {each['image']}"
        for kind in ("requests", "limits"):
            missing = {"cpu", "memory"} - each.get("resources", {}).get(kind, {}).keys()
            yield from (f"{name} has no {kind} of {resource}" for resource in missing)
        for variable in each.get("env", []):
            if _SECRET_NAME.search(variable["name"]) and "valueFrom" not in variable:
                yield f"{name} is given {variable['name']} in the open"


def _of_rights(checked: Object) -> Iterator[str]:
    if checked["kind"] in ("ClusterRole", "ClusterRoleBinding"):
        yield "rights go beyond the namespace"
    for rule in checked.get("rules", []):
        yield from (f"a rule has a wildcard in {key}" for key, values in rule.items() if "*" in values)
        if {"secrets", "pods/exec"} & set(rule.get("resources", [])):
            yield "a rule reaches secrets or other pods"


def _of_secrets(checked: Object) -> Iterator[str]:
    if checked["kind"] == "Secret":
        yield "it is a Secret"
    found = next((match[0] for text in _texts(checked) if (match := _SECRET_VALUE.search(text))), None)
    if found:
        yield f"it holds what looks like a secret: {found[:8]}…"


def _of_networks(checked: Object) -> Iterator[str]:
    if checked["kind"] == "NetworkPolicy":
        if set(checked["spec"]["policyTypes"]) != {"Ingress", "Egress"}:
            yield "a direction is open"
        for rule in checked["spec"].get("ingress", []):
            if not rule.get("from"):
                yield "everybody may come in"


def _of_clusters(within: Any) -> Iterator[str]:
    if isinstance(within, dict):
        if "headGroupSpec" in within and within.get("authOptions", {}).get("mode") != "token":
            yield "whoever reaches the dashboard can run code"
        yield from (found for each in within.values() for found in _of_clusters(each))


def _texts(within: Any) -> Iterator[str]:
    if isinstance(within, str):
        yield within
    elif isinstance(within, dict | list):
        inner = within.values() if isinstance(within, dict) else within
        yield from (text for each in inner for text in _texts(each))
