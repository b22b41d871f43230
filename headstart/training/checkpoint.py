"""A training's state in a folder: safetensors and JSON, no pickle."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from headstart.digest import sha256_file, verify
from headstart.training import sharding

Tensors = Mapping[str, torch.Tensor]
_PROGRESS = "progress.json"


@dataclass(frozen=True)
class Snapshot:
    """The state at one moment: named groups of tensors, and JSON data on the progress."""

    tensors: Mapping[str, Tensors]
    progress: Mapping[str, Any]


def write(folder: Path, snapshot: Snapshot) -> None:
    """Write a file for each group of tensors, and last what says that it is whole, with the digests of the others."""
    digests = {}
    for name, tensors in snapshot.tensors.items():
        path = folder / f"{name}.safetensors"
        save_file(dict(tensors), path)
        digests[path.name] = sha256_file(path)
    (folder / _PROGRESS).write_text(json.dumps({"files": digests, "progress": snapshot.progress}))


def read(folder: Path) -> Snapshot:
    """The snapshot in a folder.

    Raises:
        IntegrityError: A file does not have the digest that it was written with.
    """
    said = json.loads((folder / _PROGRESS).read_text())
    tensors = {}
    for name, digest in said["files"].items():
        verify(sha256_file(folder / name), digest, str(folder / name))
        tensors[name.removesuffix(".safetensors")] = load_file(folder / name)
    return Snapshot(tensors, said["progress"])


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """The optimiser's moments and counts, as flat names."""
    state = optimizer.state_dict()["state"]
    return {f"{index}.{name}": tensor for index, each in state.items() for name, tensor in each.items()}


def restore(optimizer: torch.optim.Optimizer, tensors: Tensors) -> None:
    """Put them back, each worker its part where parameters are divided over them."""
    parameters = [each for group in optimizer.param_groups for each in group["params"]]
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, tensor in tensors.items():
        index, _, name = key.partition(".")
        state.setdefault(int(index), {})[name] = sharding.parted(tensor, parameters[int(index)])
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
