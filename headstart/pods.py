"""What Headstart's pods are given where nobody says otherwise, in a pipeline and outside Kubeflow."""

from typing import Any

from headstart.version import __version__

IMAGE = f"headstart/headstart:{__version__}"
"""The one image that every step runs in; its tag is the package's version."""

CPUS = "2"
MEMORY = "8Gi"
ACCELERATOR = "nvidia.com/gpu"
STORE_SECRET = "headstart-store"  # noqa: S105 (a secret's name)
NOTIFY_SECRET = "headstart-notify"  # noqa: S105

STORE_KEYS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL",
    "AWS_DEFAULT_REGION",
)
"""The keys of the store's secret: names of environment variables, each of which may be missing."""

NOTIFY_KEYS = ("HEADSTART_NOTIFY_URL", "HEADSTART_ALLOW_PRIVATE_HOSTS")
"""The keys of the secret of who is told: the webhook, and its host where that is inside the cluster."""


def restricted() -> dict[str, Any]:
    """A pod's security context as the Pod Security Standard *restricted* asks for it."""
    return {
        "runAsNonRoot": True,
        "runAsUser": 1000,
        "runAsGroup": 1000,
        "fsGroup": 1000,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def contained() -> dict[str, Any]:
    """The same of a container, whose file system cannot be written besides."""
    return {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
