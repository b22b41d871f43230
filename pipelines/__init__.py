"""Kubeflow pipelines; importable as headstart.pipelines."""

from pathlib import Path

from kfp.compiler import Compiler

from headstart.pipelines.transfer import transfer

__all__ = ["compile_all", "transfer"]

_PIPELINES = {"transfer": transfer}


def compile_all(folder: Path) -> list[Path]:
    """Write every pipeline's intermediate representation into a folder; gives the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, pipeline in _PIPELINES.items():
        path = folder / f"{name}.yaml"
        Compiler().compile(pipeline, str(path))
        written.append(path)
    return written
