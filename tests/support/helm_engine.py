"""Helm itself, in a process of its own: it is told what to do in lines of JSON, and answers each with one.

Run by the interpreter of the environment of tools, which has helm-sdkpy: Helm as a shared library. It reads its driver
when it is loaded, and keeps releases in memory as long as its process lives.
"""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ["HELM_DRIVER"] = "memory"

import helm_sdkpy
from kube_api import ADDED, BUILT_IN, KubeApi

_KINDS = {"plain": BUILT_IN, "full": {**BUILT_IN, **ADDED}}


class Engine:
    """A cluster and the Helm that works on it."""

    def __init__(self, cluster: str) -> None:
        self.api = KubeApi(_KINDS[cluster])
        folder = Path(tempfile.mkdtemp(prefix="helm-"))
        (folder / "kubeconfig").write_text(self.api.kubeconfig())
        self.configuration = helm_sdkpy.Configuration(kubeconfig=str(folder / "kubeconfig"))

    async def lint(self, chart: str) -> Any:
        return await helm_sdkpy.Lint(self.configuration).run(chart)

    async def install(self, name: str, chart: str, values: dict[str, Any]) -> Any:
        return await helm_sdkpy.Install(self.configuration).run(name, chart, values, wait=False)

    async def upgrade(self, name: str, chart: str, values: dict[str, Any]) -> Any:
        return await helm_sdkpy.Upgrade(self.configuration).run(name, chart, values, wait=False)

    async def test(self, name: str) -> Any:
        return await helm_sdkpy.ReleaseTest(self.configuration).run(name)

    async def uninstall(self, name: str) -> Any:
        return await helm_sdkpy.Uninstall(self.configuration).run(name, wait=False)

    async def objects(self) -> Any:
        return list(self.api.objects.values())


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
