"""Helm itself, in a process of its own: it is told what to do in lines of JSON, and answers each with one.

Run by the interpreter of the environment of tools, which has helm-sdkpy: Helm as a shared library. With HELM_DRIVER=memory,
which must be set before the process starts, it keeps releases as long as its process lives.
"""

import asyncio
import atexit
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import helm_sdkpy
from kube_api import ADDED, BUILT_IN, KubeApi

_KINDS = {"plain": BUILT_IN, "full": {**BUILT_IN, **ADDED}}


class Engine:
    """A cluster and the Helm that works on it."""

    def __init__(self, cluster: str) -> None:
        self.api = KubeApi(_KINDS[cluster])
        folder = Path(tempfile.mkdtemp(prefix="helm-"))
        atexit.register(shutil.rmtree, folder)
        (folder / "kubeconfig").write_text(self.api.kubeconfig())
        self.configuration = helm_sdkpy.Configuration(kubeconfig=str(folder / "kubeconfig"))

    async def lint(self, chart: str) -> Any:
        """The severities of what there is to say: 1 for information, 2 for a warning, 3 for an error."""
        said = await helm_sdkpy.Lint(self.configuration).run(chart)
        return [each["Severity"] for each in said["Messages"]]

    async def install(self, name: str, chart: str, values: dict[str, Any]) -> Any:
        return _shown(await helm_sdkpy.Install(self.configuration).run(name, chart, values, wait=False))

    async def upgrade(self, name: str, chart: str, values: dict[str, Any]) -> Any:
        return _shown(await helm_sdkpy.Upgrade(self.configuration).run(name, chart, values, wait=False))

    async def test(self, name: str) -> Any:
        await helm_sdkpy.ReleaseTest(self.configuration).run(name)

    async def uninstall(self, name: str) -> Any:
        await helm_sdkpy.Uninstall(self.configuration).run(name, wait=False)

    async def objects(self) -> Any:
        return list(self.api.objects.values())

    async def created(self) -> Any:
        """The addresses of all objects that there ever were."""
        return self.api.created


def _shown(release: dict[str, Any]) -> dict[str, Any]:
    hooks = "\n---\n".join(each["manifest"] for each in release.get("hooks") or [])
    return {"manifest": release["manifest"], "hooks": hooks, "notes": release["info"]["notes"]}


def main() -> None:
    engine = Engine(sys.argv[1])
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            said = {"result": asyncio.run(getattr(engine, asked.pop("do"))(**asked))}
        except helm_sdkpy.HelmError as error:
            said = {"error": str(error)}
        print(json.dumps(said), flush=True)


main()
