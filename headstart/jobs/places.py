"""The places where jobs run, by name. Each brings its own imports, when it is asked for."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from headstart.errors import UsageError
from headstart.extras import extra_of
from headstart.jobs.runner import Runner


def open_place(on: str, address: str | None = None, namespace: str | None = None) -> Runner:
    """The runner of a place.

    Args:
        on: A key of :data:`PLACES`.
        address: Where the place answers, for those that have an address.
        namespace: Of Kubernetes, for those that are in one.

    Raises:
        UsageError: There is no such place, it lacks an address or has none, or its extra is not installed.
    """
    if on not in PLACES:
        raise UsageError("usage", f"jobs do not run on {on!r}.", remedy=f"Places: {', '.join(PLACES)}.", where="--on")
    try:
        return PLACES[on](address, namespace)
    except ModuleNotFoundError as error:
        raise extra_of(error) or error from error


def command(what: str, job: str, on: str, address: str | None, namespace: str | None) -> str:
    """The command that does something with a job of a place, for people to copy."""
    options = {"on": on, "address": address, "namespace": namespace}
    said = "".join(f" --{name} {value}" for name, value in options.items() if value)
    return f"headstart jobs {what} {job}{said}"


def _local(address: str | None, namespace: str | None) -> Runner:
    from headstart.jobs.local import LocalRunner

    return LocalRunner()


def _ray(address: str | None, namespace: str | None) -> Runner:
    from headstart.adapters.ray_jobs import RayRunner

    if not address:
        remedy = "Give the address of its dashboard, such as http://localhost:8265."
        raise UsageError("usage", "a Ray cluster has an address.", remedy=remedy, where="--address")
    return RayRunner(address)


def _kuberay(address: str | None, namespace: str | None) -> Runner:
    from headstart.adapters.kuberay import KubeRayRunner

    return KubeRayRunner(address, namespace)


def _kubeflow(address: str | None, namespace: str | None) -> Runner:
    from headstart.adapters.kubeflow_jobs import KubeflowRunner

    return KubeflowRunner(address, namespace)


PLACES: Mapping[str, Callable[[str | None, str | None], Runner]] = MappingProxyType(
    {"local": _local, "ray": _ray, "kuberay": _kuberay, "kubeflow": _kubeflow}
)
