"""What a user may ask for: frozen models, one place for each default.

A spec is YAML or JSON. Two lines are complete (``name`` and ``data``); everything else is derived or has
its default here. Relative paths in a spec file are relative to that file.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from headstart import spec_file

NAME_PATTERN = r"[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?"
Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
Metric = Literal["macro_f1", "accuracy"]
HeadFamily = Literal["linear", "ridge", "mlp", "centroid"]


def _checked_name(name: str) -> str:
    if not re.fullmatch(NAME_PATTERN, name):
        raise ValueError("a name has 1 to 63 of a-z, 0-9, '.', '_', '-', and starts and ends with a letter or digit")
    return name


def _without_credentials(uri: str) -> str:
    if "://" in uri and "@" in urlsplit(uri).netloc:
        raise PydanticCustomError(
            spec_file.HIDDEN, "a URI must not carry credentials: use the environment or a credentials file"
        )
    return uri


Name = Annotated[str, AfterValidator(_checked_name)]
Uri = Annotated[str, Field(min_length=1), AfterValidator(_without_credentials)]
Count = Annotated[int, Field(strict=True, ge=1)]
Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]


class Section(BaseModel):
    """A part of the spec: immutable, and closed to unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldsSpec(Section):
    """Which fields of the export hold what. ``auto`` derives them and says which."""

    text: str = "auto"
    label: str = "auto"


class SplitSpec(Section):
    """How rows are divided where the source does not publish its own split."""

    test: Fraction = 0.2
    validation: Fraction = 0.1
    group_by: str | None = None
    seed: Annotated[int, Field(strict=True, ge=0)] = 0

    @model_validator(mode="after")
    def _something_is_left_to_train_on(self) -> Self:
        if self.test + self.validation >= 1:
            raise ValueError("test and validation together must leave rows to train on (sum below 1)")
        return self


class DataSpec(Section):
    """Where the labels come from.

    ``source`` is a file, a folder, a glob or an ``s3://`` URI, a list of these, or a mapping from
    ``train``, ``validation`` and ``test`` to them where the source publishes its split.
    """

    source: Uri | tuple[Uri, ...] | dict[Split, Uri]
    format: Literal["auto", "label-studio", "csv", "jsonl", "parquet"] = "auto"
    fields: FieldsSpec = FieldsSpec()
    split: SplitSpec = SplitSpec()
    on_conflict: Literal["majority", "drop", "error"] = "majority"

    @field_validator("source")
    @classmethod
    def _source_is_named(cls, source: str | tuple[str, ...] | dict[Split, str]) -> object:
        if isinstance(source, dict) and "train" not in source:
            raise ValueError("a mapping of splits must name a source for train")
        if not source:
            raise ValueError("no source is named")
        return source

    def sources(self) -> tuple[tuple[str, Split | None], ...]:
        """Every source with the split it is published as, if it is."""
        if isinstance(self.source, str):
            return ((self.source, None),)
        if isinstance(self.source, dict):
            return tuple((self.source[split], split) for split in SPLITS if split in self.source)
        return tuple((source, None) for source in self.source)


class SearchSpec(Section):
    """The search over heads on frozen features."""

    trials: Count = 256
    layers: Literal["all"] | tuple[Annotated[int, Field(strict=True, ge=0)], ...] = "all"
    heads: Annotated[tuple[HeadFamily, ...], Field(min_length=1)] = ("linear", "ridge", "mlp", "centroid")
    budget: Annotated[str, Field(pattern=r"^[1-9][0-9]*[smh]$")] = "10m"

    @property
    def budget_seconds(self) -> int:
        """The time budget in seconds."""
        return int(self.budget[:-1]) * {"s": 1, "m": 60, "h": 3600}[self.budget[-1]]


class TuneSpec(Section):
    """How far the backbone is tuned, from the best head."""

    strategy: Literal["auto", "head", "lp-ft", "full"] = "auto"
    epochs: Count = 10
    precision: Literal["auto", "fp32", "bf16"] = "auto"


class GateSpec(Section):
    """When a new version takes over the alias."""

    metric: Metric = "macro_f1"
    min: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    min_gain: Annotated[float, Field(ge=-1.0, le=1.0)] = 0.0
    confidence: Annotated[float, Field(gt=0.5, lt=1.0)] = 0.95


class RegistrySpec(Section):
    """Where versions are published, and which alias follows the best one."""

    uri: Uri = ".headstart/registry"
    alias: Name = "champion"


class ComputeSpec(Section):
    """The workers of data-parallel training. ``auto`` divides what the machine or cluster has."""

    workers: Count = 1
    cpus_per_worker: Count | Literal["auto"] = "auto"
    gpus_per_worker: Annotated[int, Field(strict=True, ge=0)] | Literal["auto"] = "auto"
    max_failures: Annotated[int, Field(strict=True, ge=0)] = 3


class Spec(Section):
    """The whole job: from a label export and a pretrained model to a version in a registry."""

    name: Name
    task: Literal["text-classification"] = "text-classification"
    data: DataSpec
    backbones: Annotated[tuple[Uri, ...], Field(min_length=1)] = ("sentence-transformers/all-MiniLM-L6-v2",)
    search: SearchSpec = SearchSpec()
    tune: TuneSpec = TuneSpec()
    gate: GateSpec = GateSpec()
    registry: RegistrySpec = RegistrySpec()
    compute: ComputeSpec = ComputeSpec()
    workspace: Uri = ".headstart/work"

    @field_validator("data", mode="before")
    @classmethod
    def _a_bare_source_is_enough(cls, data: object) -> object:
        return {"source": data} if isinstance(data, str | list) else data

    @classmethod
    def load(cls, path: str | Path, overrides: Sequence[str] = ()) -> Self:
        """Read a spec file, apply ``key=value`` overrides, and anchor its relative paths at its folder.

        Raises:
            SpecError: The file cannot be read, or says something that a spec cannot say.
        """
        return cls._of(spec_file.read(Path(path), overrides)).anchored(Path(path).resolve().parent)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a spec from JSON text, as it travels to a Kubeflow component or a Ray job.

        Raises:
            SpecError: The text is not a spec.
        """
        return cls._of(spec_file.parse(text))

    @classmethod
    def build(cls, data: dict[str, Any], name: str) -> Self:
        """A spec from data; errors call it ``name``.

        Raises:
            SpecError: The data is not a spec.
        """
        return cls._of(spec_file.Document(name, data))

    @classmethod
    def _of(cls, document: spec_file.Document) -> Self:
        try:
            return cls.model_validate(document.data)
        except ValidationError as error:
            raise document.explain(error, cls) from None

    def anchored(self, folder: Path) -> Self:
        """The same spec with every relative local path made absolute under ``folder``."""
        sources = self.data.source
        if isinstance(sources, str):
            anchored: object = _anchor(sources, folder)
        elif isinstance(sources, dict):
            anchored = {split: _anchor(source, folder) for split, source in sources.items()}
        else:
            anchored = tuple(_anchor(source, folder) for source in sources)
        return self.model_copy(
            update={
                "data": self.data.model_copy(update={"source": anchored}),
                "backbones": tuple(_anchor_folder(name, folder) for name in self.backbones),
                "registry": self.registry.model_copy(update={"uri": _anchor(self.registry.uri, folder)}),
                "workspace": _anchor(self.workspace, folder),
            }
        )

    def to_json(self) -> str:
        """The spec as JSON text; :meth:`parse` gives an equal spec back."""
        return self.model_dump_json()

    def said(self) -> dict[str, Any]:
        """The spec as JSON data, defaults included."""
        return self.model_dump(mode="json")


def _anchor(path: str, folder: Path) -> str:
    if re.match(r"^[a-z0-9]+://", path):
        return path
    return str(folder / Path(path).expanduser())


def _anchor_folder(backbone: str, folder: Path) -> str:
    # "org/model" is a hub id unless it is written as a path; "package:" names a folder in a Python package.
    return _anchor(backbone, folder) if backbone.startswith((".", "/", "~")) else backbone
