"""Pipelines as files: KFP's intermediate representation, and Kubernetes objects that hold it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import yaml
from kfp.compiler import Compiler
from kfp.compiler.compiler_utils import KubernetesManifestOptions

from headstart.digest import digest_of
from headstart.pipelines.assess import assess
from headstart.pipelines.retrain import retrain
from headstart.pipelines.score import score
from headstart.pipelines.transfer import transfer
from headstart.version import __version__

PIPELINES: Mapping[str, Any] = MappingProxyType(
    {"transfer": transfer, "assess": assess, "retrain": retrain, "score": score}
)


@dataclass(frozen=True)
class Compiled:
    """A pipeline's intermediate representation as YAML, and the digest of what it says."""

    name: str
    description: str
    text: str
    digest: str

    @property
    def version(self) -> str:
        """What a version of this graph is called, as a name for Kubernetes: equal graphs have equal names."""
        return f"{self.name}-{__version__.replace('+', '-')}-{self.digest[:12]}"


def compiled(name: str) -> Compiled:
    """Compile a pipeline.

    Raises:
        KeyError: There is none of this name.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.yaml"
        Compiler().compile(PIPELINES[name], str(path))
        text = path.read_text(encoding="utf-8")
    graph = list(yaml.safe_load_all(text))
    return Compiled(name, str(PIPELINES[name].description), text, digest_of(graph))


def compile_all(folder: Path) -> list[Path]:
    """Write every pipeline into a folder, as representation and as Kubernetes objects; gives the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in PIPELINES:
        each = compiled(name)
        path, objects = folder / f"{name}.yaml", folder / f"{name}.objects.yaml"
        path.write_text(each.text, encoding="utf-8")
        options = KubernetesManifestOptions(
            pipeline_name=name, pipeline_version_name=each.version, include_pipeline_manifest=True
        )
        Compiler().compile(
            PIPELINES[name], str(objects), kubernetes_manifest_options=options, kubernetes_manifest_format=True
        )
        written += [path, objects]
    return written
