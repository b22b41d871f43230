"""Model: a folder that transformers and Headstart can load as it stands, described by its files.

The backbone's weights and the head are separate safetensors shards under one index, so that a version
that changed only its head shares the backbone's bytes with every other.
"""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, model_validator
from safetensors import safe_open
from safetensors.numpy import load_file, save, save_file

from headstart.backbone import Backbone
from headstart.blobs import Blobs, File
from headstart.digest import canonical_json, digest_of
from headstart.errors import IntegrityError
from headstart.evaluation.novelty import Landmarks
from headstart.evaluation.promises import Calibration
from headstart.heads.fitted import Fitted
from headstart.training.forecast import Forecast
from headstart.training.history import Epoch, Spent
from headstart.values import Value
from headstart.views import View
from headstart.workspace import Workspace

MANIFEST = "headstart.json"
LANDMARKS = "landmarks.safetensors"
_INDEX = "model.safetensors.index.json"
_PREFIX = "head."


class Manifest(BaseModel):
    """What Headstart must know to serve the folder; stands in it as ``headstart.json``.

    ``view`` is None and ``max_tokens`` 0 for a bag of words, which reads whole texts. Format 1 had one layer, as
    ``layer``; before format 3 there was no ``calibration``, which is None where none was made.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[3] = 3
    task: str
    labels: tuple[str, ...]
    view: View | None
    max_tokens: int
    calibration: Calibration | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_an_earlier_format(cls, said: Any) -> Any:
        if not isinstance(said, dict) or said.get("format") not in (1, 2):
            return said
        if said["format"] == 1:
            view = {"layers": [said.get("layer")], "pooling": said.get("pooling")}
            said = {name: each for name, each in said.items() if name not in ("layer", "pooling")} | {"view": view}
        return said | {"format": 3, "calibration": None}

    def stored(self, blobs: Blobs) -> File:
        """The manifest as the file of a model folder."""
        return blobs.add_bytes(canonical_json(self.model_dump(mode="json")), MANIFEST)


class Model(Value):
    """A model that can be served: the backbone it came from, how far it was tuned, and its files.

    ``spent`` is what the training took, and ``forecast`` what it was said to take, where some steps were tried first.
    A bag of words comes from no backbone: ``backbone``, ``source`` and ``licence`` are empty then.
    """

    kind: ClassVar[str] = "model"

    backbone: str
    source: str
    licence: str
    strategy: str
    why: str
    manifest: Manifest
    history: tuple[Epoch, ...]
    kept_epoch: int
    forecast: Forecast | None = None
    spent: Spent | None = None
    files: tuple[File, ...]

    @property
    def identity(self) -> str:
        """The digest of the files: what the model computes."""
        return digest_of({file.path: file.sha256 for file in self.files})

    def summary(self) -> str:
        """One line for people."""
        if not self.backbone:
            return f"{self.strategy}: nothing is transferred"
        if not self.history:
            return f"{self.strategy}: the backbone stays as it is"
        best = self.history[self.kept_epoch - 1]
        kept = f"{self.strategy}, epoch {self.kept_epoch} of {len(self.history)} kept"
        return f"{kept}: validation score {best.score:.3f}, log loss {best.log_loss:.3f}"


def assemble(
    backbone: Backbone,
    manifest: Manifest,
    head: Fitted,
    workspace: Workspace,
    tuned: tuple[Path, int] | None = None,
) -> tuple[File, ...]:
    """The files of a model folder.

    Args:
        backbone: Gives the tokenizer and config, and the weights too where they were not tuned.
        manifest: What Headstart must know to serve the folder.
        head: The head's tensors, its outputs calibrated.
        workspace: Where the files go.
        tuned: A safetensors file with the encoder's tuned weights, and how many layers they have.
    """
    blobs = workspace.blobs
    kept = [
        file for file in backbone.files if file not in backbone.weights and file.path not in (_INDEX, "config.json")
    ]
    config = json.loads(blobs.read(next(file for file in backbone.files if file.path == "config.json")))
    if tuned is None:
        bodies = list(backbone.weights)
    else:
        bodies = [blobs.add(tuned[0], "body.safetensors")]
        depth = "num_hidden_layers" if "num_hidden_layers" in config else "n_layers"
        config = config | {depth: tuned[1], "dtype": "float32"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "head.safetensors"
        save_file(
            {_PREFIX + name: np.ascontiguousarray(tensor) for name, tensor in head.items()},
            path,
            metadata={"format": "pt"},
        )
        shards = [*bodies, blobs.add(path, "head.safetensors")]
    named = [
        shard.named(f"model-{number:05d}-of-{len(shards):05d}.safetensors")
        for number, shard in enumerate(shards, start=1)
    ]
    return (
        *kept,
        *named,
        blobs.add_bytes(json.dumps(config, indent=2, sort_keys=True).encode(), "config.json"),
        blobs.add_bytes(_index(named, workspace), _INDEX),
        manifest.stored(blobs),
    )


def calibrated(model: Model, calibration: Calibration, landmarks: Landmarks, workspace: Workspace) -> Model:
    """The same model with what its answers promise, in the manifest, and what tells unusual texts, in a file more."""
    manifest = model.manifest.model_copy(update={"calibration": calibration})
    written = manifest.stored(workspace.blobs)
    marks = workspace.blobs.add_bytes(save({"centre": landmarks.centre, "directions": landmarks.directions}), LANDMARKS)
    kept = (file for file in model.files if file.path not in (MANIFEST, LANDMARKS))
    return model.model_copy(update={"manifest": manifest, "files": (*kept, written, marks)})


def read_landmarks(folder: Path) -> Landmarks | None:
    """The landmarks of a model folder; None where it has none, as before format 3."""
    path = folder / LANDMARKS
    return Landmarks(**load_file(path)) if path.exists() else None


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a model folder.

    Raises:
        IntegrityError: It is missing, damaged, or of a newer format.
    """
    path = folder / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except (OSError, ValueError):
        remedy = "It was written by a newer Headstart, or is no model folder."
        raise IntegrityError(
            "integrity/record", "no readable headstart.json.", remedy=remedy, where=str(folder)
        ) from None


def read_head(folder: Path) -> Fitted:
    """The head's tensors from a model folder."""
    shards: Mapping[str, str] = json.loads((folder / _INDEX).read_bytes())["weight_map"]
    (shard,) = {path for name, path in shards.items() if name.startswith(_PREFIX)}
    tensors = load_file(folder / shard)
    return {name.removeprefix(_PREFIX): tensor for name, tensor in tensors.items() if name.startswith(_PREFIX)}


def _index(shards: Sequence[File], workspace: Workspace) -> bytes:
    """The index that transformers reads: which tensor is in which shard, and their size in bytes."""
    weight_map: dict[str, str] = {}
    size = 0
    for shard in shards:
        with safe_open(workspace.blobs.fetch(shard), framework="numpy") as tensors:
            weight_map |= dict.fromkeys(tensors.keys(), shard.path)
        size += shard.size
    index: dict[str, Any] = {"metadata": {"total_size": size}, "weight_map": weight_map}
    return json.dumps(index, indent=2, sort_keys=True).encode()
