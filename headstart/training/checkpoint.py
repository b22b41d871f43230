"""A training's state in a folder: safetensors and JSON, no pickle."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

State = Mapping[str, torch.Tensor]


def save(
    folder: Path, network: nn.Module, optimizer: torch.optim.Optimizer, kept: State, progress: Mapping[str, Any]
) -> None:
    """Write network, optimiser and the weights to end with as it stands, and JSON data on the progress last."""
    save_file(_copied(network.state_dict()), folder / "network.safetensors")
    save_file(_optimizer_tensors(optimizer), folder / "optimizer.safetensors")
    save_file(_copied(kept), folder / "kept.safetensors")
    (folder / "progress.json").write_text(json.dumps(progress))


def load(
    folder: Path, network: nn.Module, optimizer: torch.optim.Optimizer
) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Put the state back into network and optimiser; gives the kept weights and the progress."""
    network.load_state_dict(load_file(folder / "network.safetensors"))
    _restore_optimizer(optimizer, load_file(folder / "optimizer.safetensors"))
    return load_file(folder / "kept.safetensors"), json.loads((folder / "progress.json").read_text())


def _optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    state = optimizer.state_dict()["state"]
    return _copied({f"{index}.{name}": tensor for index, each in state.items() for name, tensor in each.items()})


def _restore_optimizer(optimizer: torch.optim.Optimizer, tensors: State) -> None:
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, tensor in tensors.items():
        index, _, name = key.partition(".")
        state.setdefault(int(index), {})[name] = tensor
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def _copied(tensors: State) -> dict[str, torch.Tensor]:
    # safetensors refuses tensors that share memory or are not contiguous.
    return {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
