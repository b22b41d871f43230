"""Helm for tests: the real engine on a cluster of its own that only remembers."""

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml

from tests.support.kube_api import Object

_PYTHON = Path(__file__).parents[2] / ".venv-tools" / "bin" / "python"


class HelmError(Exception):
    """What Helm says where it refuses."""


class Release(NamedTuple):
    """What Helm made of a chart and values."""

    objects: list[Object]
    hooks: list[Object]
    notes: str

    def one(self, kind: str, name: str = "") -> Object:
        """The only object of a kind (whose name ends so)."""
        (found,) = [each for each in self.objects if each["kind"] == kind and each["metadata"]["name"].endswith(name)]
        return found


class Helm:
    """Helm on one cluster."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def lint(self, chart: Path) -> list[int]:
        """The severities of what there is to say: 1 for information, 2 for a warning, 3 for an error."""
        found: list[int] = self._ask("lint", chart=str(chart))
        return found

    def install(self, name: str, chart: Path, values: Object) -> Release:
        return _release(self._ask("install", name=name, chart=str(chart), values=values))

    def upgrade(self, name: str, chart: Path, values: Object) -> Release:
        return _release(self._ask("upgrade", name=name, chart=str(chart), values=values))

    def test(self, name: str) -> None:
        self._ask("test", name=name)

    def uninstall(self, name: str) -> None:
        self._ask("uninstall", name=name)

    def render(self, chart: Path, values: Object, name: str = "nightly") -> Release:
        """What an install makes, which is taken back."""
        release = self.install(name, chart, values)
        self.uninstall(name)
        return release

    def objects(self) -> list[Object]:
        """What is in the cluster."""
        found: list[Object] = self._ask("objects")
        return found

    def created(self) -> list[str]:
        """The addresses of all objects that there ever were."""
        found: list[str] = self._ask("created")
        return found

    def _ask(self, what: str, **arguments: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps({'do': what, **arguments})}\n")
        self._process.stdin.flush()
        said = json.loads(self._process.stdout.readline())
        if "error" in said:
            raise HelmError(said["error"])
        return said["result"]


@contextlib.contextmanager
def helm_on(cluster: Literal["plain", "full"]) -> Iterator[Helm]:
    """Helm on a new cluster; a full one knows KubeRay's and Prometheus' kinds."""
    assert _PYTHON.exists(), "Helm is not installed: run the tests by `make test` or `make chart`, which install it"
    engine = Path(__file__).with_name("helm_engine.py")
    with subprocess.Popen(
        [_PYTHON, engine, cluster],
        env=os.environ | {"HELM_DRIVER": "memory"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Helm(process)
        assert process.stdin is not None
        process.stdin.close()


def _release(said: dict[str, str]) -> Release:
    objects, hooks = (list(filter(None, yaml.safe_load_all(said[key]))) for key in ("manifest", "hooks"))
    return Release(objects, hooks, said["notes"])
