"""The RayJob of KubeRay that does some work: a pure function of the work, the cluster it is given, and who owns it.

https://docs.ray.io/en/latest/cluster/kubernetes/getting-started/rayjob-quick-start.html; tests check every object that
it makes against KubeRay's schemas and rules.
"""

import shlex
from dataclasses import dataclass
from typing import Any

from headstart import logs
from headstart.errors import UsageError
from headstart.jobs.cluster import ClusterSpec, HeadSpec, WorkersSpec
from headstart.jobs.job import Work
from headstart.origin import IMAGE
from headstart.pods import contained, restricted
from headstart.spec.section import seconds
from headstart.version import __version__

VERSION = "ray.io/v1"
RAY = "2.60.0"
"""Ray's version in the image, which KubeRay must know."""
OURS = ("app.kubernetes.io/managed-by", "headstart")
"""The label by which our jobs and their pods are found."""
JOB, MODEL = "headstart/job", "headstart/model"  # labels
SPEC, HEARTBEAT = "headstart/spec", "headstart/heartbeat"  # annotations
_QUEUE = "kueue.x-k8s.io/queue-name"
_AGENT_PORT = 52365  # where Ray's agent of each node answers
_LOG_SECONDS = 60  # that a cluster stays after its job's end, for those who read its log

Object = dict[str, Any]


@dataclass(frozen=True)
class Owner:
    """The pod that watches over a job: when it is deleted Kubernetes deletes the job, and it gives signs of life."""

    name: str
    uid: str


def build(work: Work, cluster: ClusterSpec, owner: Owner | None, now: str) -> Object:
    """The object.

    Its name is the work's id, so that who submits the work again finds it there. KubeRay submits the command over HTTP:
    its other modes follow the log, and a log that breaks off ends the job.

    Args:
        work: What runs.
        cluster: On what.
        owner: Who watches over it, if anybody does.
        now: The time, ISO 8601 in UTC.

    Raises:
        UsageError: The cluster is to have a queue and an autoscaler, which Kueue does not admit.
    """
    if cluster.queue and cluster.max_workers:
        remedy = "Leave out queue or max_workers."
        raise UsageError("usage", "Kueue admits no job whose cluster grows.", remedy=remedy, where="max_workers")
    labels = {"app.kubernetes.io/name": "headstart", OURS[0]: OURS[1], JOB: work.id, MODEL: work.spec.name}
    metadata: Object = {
        "name": work.id,
        "labels": labels | ({_QUEUE: cluster.queue} if cluster.queue else {}),
        "annotations": {SPEC: work.spec_uri} | ({HEARTBEAT: now} if owner else {}),
    }
    if owner:
        metadata["ownerReferences"] = [{"apiVersion": "v1", "kind": "Pod", "name": owner.name, "uid": owner.uid}]
    spec: Object = {
        "submissionMode": "HTTPMode",
        "jobId": work.id,
        "entrypoint": shlex.join(work.command),
        "activeDeadlineSeconds": seconds(cluster.deadline),
        "preRunningDeadlineSeconds": seconds(cluster.start_deadline),
        "backoffLimit": cluster.retries,
        "shutdownAfterJobFinishes": True,
        "ttlSecondsAfterFinished": _LOG_SECONDS,
        "rayClusterSpec": _cluster(work, cluster, labels),
    }
    if cluster.queue:
        spec["suspend"] = True  # Kueue lets it go when there is room
    return {"apiVersion": VERSION, "kind": "RayJob", "metadata": metadata, "spec": spec}


def _cluster(work: Work, cluster: ClusterSpec, labels: dict[str, str]) -> Object:
    compute = work.spec.compute
    most = max(compute.workers, cluster.max_workers or 0)
    head: Object = {
        "serviceType": "ClusterIP",
        "rayStartParams": {"dashboard-host": "0.0.0.0", "num-cpus": "0"},  # noqa: S104 (for the cluster; see ports)
        "template": _pod("head", work, cluster, cluster.head, labels),
    }
    asked = {
        "cpus": compute.cpus_per_worker if isinstance(compute.cpus_per_worker, int) else 0,
        "gpus": compute.gpus_per_worker if isinstance(compute.gpus_per_worker, int) else 0,
    }
    workers = cluster.workers.model_copy(
        update={kind: max(count, getattr(cluster.workers, kind)) for kind, count in asked.items()}
    )
    group = {
        "groupName": "workers",
        "replicas": compute.workers,
        "minReplicas": compute.workers,
        "maxReplicas": most,
        "rayStartParams": {},
        "template": _pod("worker", work, cluster, workers, labels),
    }
    made: Object = {
        "rayVersion": RAY,
        "authOptions": {"mode": "token"} | ({"secretName": cluster.token_secret} if cluster.token_secret else {}),
        "headGroupSpec": head,
        "workerGroupSpecs": [group],
    }
    if cluster.max_workers:
        made |= {"enableInTreeAutoscaling": True, "autoscalerOptions": _autoscaler()}
        # The autoscaler runs beside the head and asks Kubernetes for pods: KubeRay binds a role to the pod's account.
        head["template"]["spec"]["automountServiceAccountToken"] = True
    if cluster.redis:
        password = {"name": cluster.redis_secret, "key": "password"}
        made["gcsFaultToleranceOptions"] = {"redisAddress": cluster.redis} | (
            {"redisPassword": {"valueFrom": {"secretKeyRef": password}}} if cluster.redis_secret else {}
        )
    return made


def _pod(kind: str, work: Work, cluster: ClusterSpec, pods: HeadSpec | WorkersSpec, labels: dict[str, str]) -> Object:
    """A pod as PodSecurity's restricted level asks for it; Ray keeps its files in /tmp and its objects in /dev/shm."""
    own = {"HEADSTART_CACHE": "/tmp/headstart", IMAGE: cluster.own_image}  # noqa: S108 (of the pod alone)
    own |= {logs.LOG: "json"} if logs.as_json() else {}
    gpus = pods.gpus if isinstance(pods, WorkersSpec) else 0
    resources = {"cpu": str(pods.cpus), "memory": pods.memory} | ({"nvidia.com/gpu": gpus} if gpus else {})
    container: Object = {
        "name": f"ray-{kind}",
        "image": cluster.own_image,
        "securityContext": contained(),
        "env": [{"name": name, "value": value} for name, value in {**cluster.env, **own, **work.environment}.items()],
        "resources": {"requests": resources, "limits": resources},
        "ports": [{"name": "metrics", "containerPort": 8080}],
        # KubeRay's own probes take wget, which the image does not have.
        "readinessProbe": _probe(seconds=10, failures=10),
        "livenessProbe": _probe(seconds=30, failures=120),
        "volumeMounts": [
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 (of the pod alone)
            {"name": "home", "mountPath": "/home/headstart"},
            {"name": "shm", "mountPath": "/dev/shm"},  # noqa: S108 (of the pod alone)
        ],
    }
    if kind == "head":
        ports = {"gcs-server": 6379, "dashboard": 8265, "client": 10001}
        container["ports"] += [{"name": name, "containerPort": port} for name, port in ports.items()]
    if cluster.secrets:
        container["envFrom"] = [{"secretRef": {"name": name}} for name in cluster.secrets]
    spec: Object = {
        "serviceAccountName": cluster.service_account,
        "automountServiceAccountToken": False,
        "securityContext": restricted(),
        "containers": [container],
        "volumes": [
            {"name": "tmp", "emptyDir": {}},
            {"name": "home", "emptyDir": {}},
            {"name": "shm", "emptyDir": {"medium": "Memory"}},
        ],
    }
    if cluster.pull_secrets:
        spec["imagePullSecrets"] = [{"name": name} for name in cluster.pull_secrets]
    if pods.node_selector:
        spec["nodeSelector"] = pods.node_selector
    if pods.tolerations:
        spec["tolerations"] = [each.model_dump(exclude_none=True) for each in pods.tolerations]
    return {"metadata": {"labels": labels | {"app.kubernetes.io/version": __version__}}, "spec": spec}


def health(port: int) -> str:
    """What a shell without wget or curl asks the node's agent: whether its raylet lives; Ray wants no token for it."""
    request = "printf 'GET /api/local_raylet_healthz HTTP/1.0\\r\\n\\r\\n' >&3 && grep -q success <&3"
    return f"exec 3<>/dev/tcp/127.0.0.1/{port} && {request}"


def _probe(seconds: int, failures: int) -> Object:
    times = {"initialDelaySeconds": seconds, "periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": failures}
    return {"exec": {"command": ["bash", "-c", health(_AGENT_PORT)]}, **times}


def _autoscaler() -> Object:
    some = {"cpu": "500m", "memory": "512Mi"}
    return {
        "version": "v2",
        "idleTimeoutSeconds": 60,
        "resources": {"requests": some, "limits": some},
        "securityContext": contained(),
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 (of the pod alone)
    }
