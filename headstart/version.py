"""Which code this is: the release, and the digest of the sources that decide results."""

import functools
from importlib.metadata import version
from pathlib import Path

from headstart.digest import digest_of, sha256

__version__ = version("headstart")

# These draw, talk and say when; they cannot change a result, so a change to them recomputes nothing.
_PRESENTATION = (
    "report/",
    "cli/",
    "schedules/",
    "monitoring/",
    "jobs/",
    "adapters/kubeflow.py",
    "adapters/kubeflow_jobs.py",
    "adapters/kuberay.py",
    "adapters/kubernetes.py",
    "adapters/rayjobs.py",
    "adapters/ray_jobs.py",
    "adapters/rest.py",
    "asynchronous.py",
    "client.py",
    "progress.py",
    "display.py",
    "logs.py",
    "status.py",
)


@functools.cache
def code_digest() -> str:
    """The sha256 over the sources of this package that decide results; part of every step's key."""
    root = Path(__file__).parent
    sources = {path.relative_to(root).as_posix(): path for path in root.rglob("*.py")}
    return digest_of(
        {name: sha256(sources[name].read_bytes()) for name in sources if not name.startswith(_PRESENTATION)}
    )
