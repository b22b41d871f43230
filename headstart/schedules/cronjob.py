"""A schedule as a Kubernetes CronJob, like the one that the chart makes for a retraining."""

from collections.abc import Iterator, Mapping
from typing import Any

from headstart.errors import SpecError
from headstart.pods import (
    ACCELERATOR,
    CPUS,
    IMAGE,
    MEMORY,
    NOTIFY_KEYS,
    NOTIFY_SECRET,
    STORE_KEYS,
    STORE_SECRET,
    contained,
    restricted,
)
from headstart.schedules.commands import NOTIFYING, Command, command
from headstart.schedules.wanted import Schedules, ScheduleSpec

Object = dict[str, Any]
_FOLDER, _FILE = "/etc/headstart", "spec.json"
_LONGEST_NAME = 52  # of a CronJob; Kubernetes adds eleven characters for its Jobs
_DISK = {"requests": "10Gi", "limits": "20Gi"}  # of the node: what a run caches
_DAY = 24 * 60
_WRITABLE = {"tmp": "/tmp", "home": "/home/headstart", "shm": "/dev/shm"}  # noqa: S108 (paths in a pod)


def objects(schedule: ScheduleSpec, wanted: Schedules) -> Iterator[Object]:
    """The objects of a schedule: the ConfigMap of its spec, if it has one, and the CronJob.

    Args:
        schedule: The schedule, loaded for pods.
        wanted: The file that it is of.

    Raises:
        SpecError: It cannot be said so.
    """
    if len(schedule.name) > _LONGEST_NAME:
        problem = f"the name has {len(schedule.name)} characters, and a CronJob's has at most {_LONGEST_NAME}."
        raise _refused(schedule, problem, "Shorten it.")
    spec = schedule.parameters.get("spec")
    made = command(schedule, f"{_FOLDER}/{_FILE}" if spec else "")
    if spec:
        yield {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": _metadata(schedule, wanted),
            "data": {_FILE: str(spec)},
        }
    yield {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": _metadata(schedule, wanted),
        "spec": {
            "schedule": schedule.cron or spaced(schedule),
            **({"timeZone": schedule.time_zone} if schedule.cron else {}),
            "suspend": schedule.paused,
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": 3600,
            "successfulJobsHistoryLimit": 3,
            "failedJobsHistoryLimit": 3,
            "jobTemplate": {
                "metadata": {"labels": _labels(wanted)},
                "spec": {
                    "activeDeadlineSeconds": 21600,
                    "backoffLimit": 1,
                    "template": {"metadata": {"labels": _labels(wanted)}, "spec": _pod(schedule, made, bool(spec))},
                },
            },
        },
    }


def spaced(schedule: ScheduleSpec) -> str:
    """Five fields of cron for a schedule that runs every so often; counted from midnight.

    Raises:
        SpecError: So many minutes do not divide a day into equal parts.
    """
    minutes, rest = divmod(schedule.seconds or 0, 60)
    if not rest and minutes == _DAY:
        return "0 0 * * *"
    if not rest and minutes and 60 % minutes == 0:
        return f"*/{minutes} * * * *" if minutes < 60 else "0 * * * *"
    if not rest and minutes % 60 == 0 and _DAY % minutes == 0:
        return f"0 */{minutes // 60} * * *"
    problem = f"every {schedule.every} cannot be said in cron, which knows parts of an hour and of a day alone."
    raise _refused(schedule, problem, "Say it with cron.")


def _metadata(schedule: ScheduleSpec, wanted: Schedules) -> Object:
    place = {"namespace": wanted.kubeflow.namespace} if wanted.kubeflow.namespace else {}
    return {"name": schedule.name, **place, "labels": _labels(wanted)}


def _labels(wanted: Schedules) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": "headstart",
        "app.kubernetes.io/managed-by": "headstart-schedule",
        "headstart/group": wanted.group,
    }


def _pod(schedule: ScheduleSpec, made: Command, has_spec: bool) -> Object:
    """A pod as PodSecurity's restricted level asks for it; the root file system is read-only."""
    others = made.others
    files = [{"name": "files", "mountPath": _FOLDER, "readOnly": True}] if has_spec else []
    volumes: list[Object] = [{"name": name, "emptyDir": {}} for name in _WRITABLE if name != "shm"]
    volumes.append({"name": "shm", "emptyDir": {"medium": "Memory"}})
    if has_spec:
        volumes.append({"name": "files", "configMap": {"name": schedule.name}})
    pod: Object = {
        "automountServiceAccountToken": False,
        "serviceAccountName": schedule.service_account or "default",
        "securityContext": restricted(),
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 120,  # a run that is stopped takes down its Ray cluster
        "containers": [
            {
                "name": "headstart",
                "image": IMAGE,
                "imagePullPolicy": "IfNotPresent",
                "securityContext": contained(),
                "env": _environment(others, schedule.pipeline == "retrain"),
                "command": ["headstart", *made.arguments],
                "resources": _resources(others),
                "volumeMounts": [{"name": name, "mountPath": path} for name, path in _WRITABLE.items()] + files,
            }
        ],
        "volumes": volumes,
    }
    named = {"nodeSelector": others.get("node_selector"), "tolerations": others.get("tolerations")}
    return pod | {key: value for key, value in named.items() if value}


def _environment(others: Mapping[str, Any], tells: bool) -> list[Object]:
    said = [{"name": "HEADSTART_CACHE", "value": "/tmp/headstart"}, {"name": "HEADSTART_IMAGE", "value": IMAGE}]  # noqa: S108
    secrets = {key: others.get("store_secret") or STORE_SECRET for key in STORE_KEYS}
    if tells:
        secrets |= {key: others.get(NOTIFYING) or NOTIFY_SECRET for key in NOTIFY_KEYS}
    keys: list[Object] = [
        {"name": key, "valueFrom": {"secretKeyRef": {"name": str(secret), "key": key, "optional": True}}}
        for key, secret in secrets.items()
    ]
    return [*said, *keys]


def _resources(others: Mapping[str, Any]) -> Object:
    asked = {"cpu": str(others.get("cpus") or CPUS), "memory": str(others.get("memory") or MEMORY)}
    count = str(others.get("accelerators") or "0")
    if count != "0":
        asked[str(others.get("accelerator_type") or ACCELERATOR)] = count
    return {name: asked | {"ephemeral-storage": most} for name, most in _DISK.items()}


def _refused(schedule: ScheduleSpec, problem: str, remedy: str) -> SpecError:
    return SpecError("spec/invalid-value", problem, remedy=remedy, where=f"schedule {schedule.name}")
