"""Backbone: a pretrained model as verified files, wherever it came from."""

import json
import re
from pathlib import Path
from typing import Any, ClassVar, Literal

import yaml

from headstart.backbone_source import WANTED, Located, matches
from headstart.blobs import File
from headstart.digest import digest_of
from headstart.errors import BackboneError
from headstart.values import Value
from headstart.workspace import Workspace

_DECIDES = ("*.safetensors", "*.model", "*.txt", "*.json")
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
_MOST_TOKENS = 512  # a text longer than this is cut, whatever the model would allow


class Backbone(Value):
    """A pretrained encoder.

    ``layers`` counts the blocks above the embeddings, so features exist for layers 0 to ``layers``;
    ``width`` is the size of a feature vector; ``max_tokens`` is where texts are cut.
    """

    kind: ClassVar[str] = "backbone"

    source: str
    revision: str
    licence: str
    architecture: str
    layers: int
    width: int
    parameters: int
    max_tokens: int
    pooling: Literal["mean", "cls"]
    files: tuple[File, ...]

    @property
    def identity(self) -> str:
        """The digest of the files that decide what the model computes."""
        return digest_of(
            [
                self.pooling,
                self.max_tokens,
                {file.path: file.sha256 for file in self.files if matches(file.path, _DECIDES)},
            ]
        )

    @property
    def name(self) -> str:
        """What people call it: the Python package it came in, or the last part of its source."""
        if self.source.startswith("package:"):
            return self.source.removeprefix("package:").partition("/")[0]
        return self.source.rstrip("/").rpartition("/")[2].partition("@")[0]

    def summary(self) -> str:
        """One line for people."""
        size = f"{self.parameters / 1e6:.1f} M" if self.parameters >= 1e6 else f"{self.parameters / 1e3:.0f} k"
        return f"{self.name}: {self.architecture}, {self.layers} layers, {size} parameters, licence {self.licence}"

    @property
    def weights(self) -> tuple[File, ...]:
        """The safetensors shards."""
        return tuple(file for file in self.files if file.path.endswith(".safetensors"))


class Backbones(Value):
    """The candidates that a spec names."""

    kind: ClassVar[str] = "backbones"

    candidates: tuple[Backbone, ...]

    @property
    def identity(self) -> str:
        """The digest of what the candidates compute."""
        return digest_of([candidate.identity for candidate in self.candidates])

    def summary(self) -> str:
        """One line for people."""
        return "; ".join(candidate.summary() for candidate in self.candidates)

    def get(self, identity: str) -> Backbone:
        """The candidate with this identity."""
        return next(candidate for candidate in self.candidates if candidate.identity == identity)


def ingest(located: Located, workspace: Workspace) -> Backbone:
    """Bring a model into the workspace: every file hashed, nothing executed.

    Raises:
        BackboneError: It is no model that transformers loads from safetensors.
    """
    source = located.source
    with located.open() as folder:
        config = _config(folder, source)
        found = sorted(path for pattern in WANTED for path in folder.glob(pattern) if path.is_file())
        weights = [path for path in found if path.suffix == ".safetensors"]
        parameters = sum(_count_parameters(path, source) for path in weights)
        _check_weights(folder, weights, source)
        return Backbone(
            source=source,
            revision=located.revision,
            licence=_licence(folder),
            architecture=str(config["model_type"]),
            layers=int(config.get("num_hidden_layers", config.get("n_layers", 0))),
            width=int(config.get("hidden_size", config.get("dim", 0))),
            parameters=parameters,
            max_tokens=_max_tokens(folder, config),
            pooling=_pooling(folder),
            files=tuple(
                workspace.blobs.add(path, path.relative_to(folder).as_posix()) for path in dict.fromkeys(found)
            ),
        )


def _config(folder: Path, source: str) -> dict[str, Any]:
    """The model's config.json, once it is sure that the folder is a model."""
    path = folder / "config.json"
    if not path.is_file():
        there = (
            ", ".join(sorted(each.name for each in folder.iterdir())[:5]) or "nothing" if folder.is_dir() else "nothing"
        )
        remedy = "Name a folder with config.json, a tokenizer and model.safetensors."
        raise BackboneError("backbone/not-a-model", f"no config.json; there is {there}.", remedy=remedy, where=source)
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        config = None
    if not isinstance(config, dict) or not isinstance(config.get("model_type"), str):
        remedy = "It must be a transformers config with a model_type."
        raise BackboneError("backbone/not-a-model", "config.json is no model's config.", remedy=remedy, where=source)
    return config


def _check_weights(folder: Path, weights: list[Path], source: str) -> None:
    if not weights:
        pickled = any(matches(path.name, _PICKLES) for path in folder.iterdir())
        problem = "its weights are pickled, which can run code." if pickled else "it has no weights."
        remedy = "Convert it with transformers: model.save_pretrained(folder) writes safetensors."
        raise BackboneError("backbone/not-a-model", problem, remedy=remedy, where=source)
    if not (folder / "tokenizer.json").is_file() and not (folder / "vocab.txt").is_file():
        remedy = "Add the tokenizer's files: tokenizer.save_pretrained(folder)."
        raise BackboneError("backbone/not-a-model", "it has no tokenizer.", remedy=remedy, where=source)


def _count_parameters(path: Path, source: str) -> int:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as tensors:
            return sum(_product(tensors.get_slice(name).get_shape()) for name in tensors.keys())  # noqa: SIM118 (no mapping)
    except SafetensorError as error:
        remedy = "Download or export it again."
        raise BackboneError(
            "backbone/not-a-model", f"{path.name} is no safetensors file: {error}.", remedy=remedy, where=source
        ) from None


def _product(shape: list[int]) -> int:
    product = 1
    for size in shape:
        product *= size
    return product


def _pooling(folder: Path) -> Literal["mean", "cls"]:
    """What sentence-transformers says of the model, else the mean over tokens."""
    said = _json(folder / "1_Pooling" / "config.json")
    return "cls" if said.get("pooling_mode_cls_token") else "mean"


def _max_tokens(folder: Path, config: dict[str, Any]) -> int:
    said = [
        _json(folder / "sentence_bert_config.json").get("max_seq_length"),
        _json(folder / "tokenizer_config.json").get("model_max_length"),
        config.get("max_position_embeddings"),
    ]
    return int(min([_MOST_TOKENS, *(number for number in said if isinstance(number, int) and number > 0)]))


def _licence(folder: Path) -> str:
    """The licence that the model card's metadata names, or ``unknown``."""
    card = folder / "README.md"
    text = card.read_text(encoding="utf-8", errors="replace") if card.is_file() else ""
    match = re.match(r"---\n(.*?)\n---", text, re.DOTALL)
    try:
        metadata = yaml.safe_load(match[1]) if match else None
    except yaml.YAMLError:
        metadata = None
    licence = metadata.get("license") if isinstance(metadata, dict) else None
    return str(licence) if licence else "unknown"


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
