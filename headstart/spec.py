"""What a user may ask for: frozen models, one place for each default.

A spec is YAML or JSON. Two lines are complete (``name`` and ``data``); everything else is derived or has
its default here. Relative paths in a spec file are relative to that file; a workspace and a registry that
it does not name are in the current folder.
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
HeadFamily = Literal["linear", "ridge", "mlp", "centroid", "lda", "bayes", "knn"]
TaskName = Literal[
    "text-classification",
    "multi-label",
    "token-classification",
    "regression",
    "pair-regression",
    "image-classification",
]
Format = Literal[
    "label-studio",
    "label-studio-min",
    "label-studio-csv",
    "doccano",
    "prodigy",
    "argilla",
    "spacy",
    "conll",
    "brat",
    "cvat",
    "coco",
    "image-folder",
    "fasttext",
    "trec",
    "csv",
    "json",
    "jsonl",
    "parquet",
    "arrow",
    "excel",
    "rejected",
]


def _checked_name(name: str) -> str:
    """A name: 1 to 63 of a-z, 0-9, '.', '_' and '-', with a letter or digit at both ends."""
    if not re.fullmatch(NAME_PATTERN, name):
        raise ValueError("a name has 1 to 63 of a-z, 0-9, '.', '_', '-', and starts and ends with a letter or digit")
    return name


def _checked_alias(alias: str) -> str:
    """Not a number, for name@3 means version 3."""
    if alias.isdecimal():
        raise ValueError("an alias is no number: name@3 means version 3")
    return alias


def _without_credentials(uri: str) -> str:
    """A path or URI without credentials."""
    if "://" not in uri:
        return uri
    try:
        parts = urlsplit(uri)
        credentials = "@" in parts.netloc or parts.port == 0
    except ValueError:  # an address that cannot be, such as one with a slash inside a password
        credentials = "@" in uri
    if credentials:
        raise PydanticCustomError(
            spec_file.HIDDEN, "a URI must not carry credentials: use the environment or a credentials file"
        )
    return uri


def _checked_duration(duration: str) -> str:
    """A whole number and s, m or h, for example 10m."""
    if not re.fullmatch(r"[1-9][0-9]*[smh]", duration):
        raise ValueError("a duration is a whole number and s, m or h, for example 10m")
    return duration


Name = Annotated[str, AfterValidator(_checked_name)]
Uri = Annotated[str, Field(min_length=1), AfterValidator(_without_credentials)]
Count = Annotated[int, Field(strict=True, ge=1)]
Index = Annotated[int, Field(strict=True, ge=0)]
Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]


class Section(BaseModel):
    """A part of the spec: immutable, and closed to unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class FieldsSpec(Section):
    """Which fields of the export hold what. ``auto`` derives them and says which."""

    text: str = "auto"
    """The field or column that holds the text, or the first text of a pair."""
    pair: str = "auto"
    """The field or column that holds the second text of a pair."""
    image: str = "auto"
    """The field or column that holds the image: a path, an ``s3://`` URI, base64, or bytes in Parquet and Arrow."""
    label: str = "auto"
    """The field or column that holds the label; in a labeling tool's export the name of the control or question. Labels
    with a column of 0 and 1 each are named together, with commas between them."""


class SplitSpec(Section):
    """How rows are divided where the source does not publish its own split.

    Labels are spread evenly, and rows keep their split when data grows. ``test`` and ``validation`` together stay
    below 1.
    """

    test: Fraction = 0.2
    """The share of the rows that judge the final model."""
    validation: Fraction = 0.1
    """The share of the rows that choose between models."""
    group_by: str | None = None
    """A field whose equal values keep their rows in one split (a customer, a document)."""
    time: str | None = None
    """A field that holds a time or a number that grows: the latest rows judge, those before them choose."""
    seed: Index = 0
    """Another seed is another split."""

    @model_validator(mode="after")
    def _something_is_left_to_train_on(self) -> Self:
        if self.test + self.validation >= 1:
            raise ValueError("test and validation together must leave rows to train on (sum below 1)")
        return self


class DataSpec(Section):
    """Where the labels come from. A bare source stands for the whole section: ``data: tickets.json``."""

    source: Uri | tuple[Uri, ...] | dict[Split, Uri]
    """A file, a folder, a glob, or an ``s3://``, ``https://`` or ``hf://datasets/owner/name`` URI, archives included; a
    list of these; or, where the source publishes its split, a mapping from ``train`` and, as far as they are
    published, ``validation`` and ``test`` to them. In a table a column ``split`` publishes it as well, and in a folder
    the names of the files may."""
    format: Literal["auto"] | Format = "auto"
    """The export's format; ``auto`` recognises it by its content. ``csv`` is any table whose cells are separated by
    commas, tabs, semicolons or bars."""
    fields: FieldsSpec = FieldsSpec()
    """Which fields hold what."""
    labels: tuple[str, ...] = ()
    """The label vocabulary, in the order of its ids. By default it is what the rows hold, in the order of earlier
    imports of the same name and then of the alphabet; with it, records of any other label are rejected."""
    root: Uri | None = None
    """The folder or ``s3://`` prefix that image paths are relative to; by default the folder of the export."""
    split: SplitSpec = SplitSpec()
    """How rows are divided."""
    on_conflict: Literal["majority", "drop", "error"] = "majority"
    """Where annotators of one text disagree: take the ``majority`` (a tie is rejected), ``drop`` the text, or stop
    with an ``error``."""
    strict: bool = False
    """Whether a record that is rejected makes the import fail."""

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
    """The most settings to try; each layer and family has at least one."""
    layers: Literal["all"] | Annotated[tuple[Index, ...], Field(min_length=1)] = "all"
    """The layers whose features are tried; 0 is the embeddings."""
    poolings: Annotated[tuple[Literal["auto", "mean", "cls", "max"], ...], Field(min_length=1)] = ("auto",)
    """How the tokens of a text become one vector: their mean, the first one, the largest of each feature; ``auto`` is
    the backbone's own."""
    heads: Literal["auto"] | Annotated[tuple[HeadFamily, ...], Field(min_length=1)] = "auto"
    """The families to try; ``auto`` is ridge, lda, centroid, linear, mlp and, for fewer than 500 training rows, bayes.
    The first three, and knn, are closed forms, cheap enough to rank all layers."""
    algorithm: Literal["staged", "asha", "random", "tpe"] = "staged"
    """What is tried when: ``staged`` ranks the layers by closed forms and gives the other families the best two and
    their mean (mlp the mean alone); ``asha`` does so too, and stops populations that lag behind others half way;
    ``random`` draws from all layers, families and settings; ``tpe`` draws where it went well before."""
    refit: Literal["train", "train+validation"] = "train"
    """The rows that the winner is fitted on in the end, once it is chosen."""
    budget: Annotated[str, AfterValidator(_checked_duration)] = "10m"
    """The time for each of the search's rounds; trials that have no result by then are left out."""

    @property
    def budget_seconds(self) -> int:
        """The time budget in seconds."""
        return int(self.budget[:-1]) * {"s": 1, "m": 60, "h": 3600}[self.budget[-1]]


class TuneSpec(Section):
    """How far the backbone is tuned, from the best head."""

    strategy: Literal["auto", "head", "lp-ft", "full"] = "auto"
    """``head`` trains nothing further; ``lp-ft`` tunes all from the searched head; ``full`` tunes all from a fresh
    head; ``auto`` is ``lp-ft``."""
    epochs: Count = 10
    """The most passes over the training rows; fewer where the validation rows gain nothing more."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """The arithmetic; ``auto`` is bf16 on GPUs and fp32 elsewhere."""


class GateSpec(Section):
    """When a new version takes over the alias."""

    metric: Metric = "macro_f1"
    """What heads, epochs and models are chosen by, and what the gate compares."""
    min: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """The floor: below it nothing is promoted."""
    min_gain: Annotated[float, Field(ge=-1.0, le=1.0)] = 0.0
    """How much better than the champion; below zero, how much worse is still welcome."""
    confidence: Annotated[float, Field(gt=0.5, lt=1.0)] = 0.95
    """How sure of that gain one must be, by paired bootstrap on today's test rows."""


class RegistrySpec(Section):
    """Where versions are published, and which alias follows the best one."""

    uri: Uri = ".headstart/registry"
    """A folder or an ``s3://`` prefix. The default is in the current folder."""
    alias: Annotated[Name, AfterValidator(_checked_alias)] = "champion"
    """The alias that follows the best version."""


class ComputeSpec(Section):
    """The workers of data-parallel training. ``auto`` divides what the machine or cluster has."""

    workers: Count = 1
    """How many processes share each batch."""
    cpus_per_worker: Count | Literal["auto"] = "auto"
    """CPU threads of each."""
    gpus_per_worker: Index | Literal["auto"] = "auto"
    """GPUs of each; ``auto`` is one where there are enough."""
    max_failures: Index = 3
    """How often a training may lose a worker and go on from its last checkpoint."""


class Spec(Section):
    """The whole job: from a label export and a pretrained model to a version in a registry."""

    name: Name
    """The model's name in the registry."""
    task: Literal["auto"] | TaskName = "auto"
    """The kind of label; ``auto`` derives it from the data and says which. All can be imported; ``text-classification``
    (one label for each text) can be trained today."""
    data: DataSpec
    """Where the labels come from."""
    backbones: Annotated[tuple[Uri, ...], Field(min_length=1)] = ("sentence-transformers/all-MiniLM-L6-v2",)
    """Pretrained models: a hub id (``org/model`` or ``org/model@revision``), a folder (``./model``), an ``s3://``
    prefix, or ``package:name/folder`` in an installed package. Of several the one with the best features is used."""
    search: SearchSpec = SearchSpec()
    """The search over heads."""
    tune: TuneSpec = TuneSpec()
    """How far the backbone is tuned."""
    gate: GateSpec = GateSpec()
    """When a new version takes over."""
    registry: RegistrySpec = RegistrySpec()
    """Where versions go."""
    compute: ComputeSpec = ComputeSpec()
    """The workers of the training."""
    workspace: Uri = ".headstart/work"
    """A folder or an ``s3://`` prefix that keeps everything that was computed. The default is in the current folder."""

    @field_validator("data", mode="before")
    @classmethod
    def _a_bare_source_is_enough(cls, data: object) -> object:
        return {"source": data} if isinstance(data, str | list) else data

    @classmethod
    def load(cls, path: str | Path, overrides: Sequence[str] = ()) -> Self:
        """Read a spec file and apply ``key=value`` overrides.

        Relative paths in the file are relative to its folder; those in overrides, and the workspace and registry
        that the file does not name, to the current one.

        Raises:
            SpecError: The file cannot be read, or says something that a spec cannot say.
        """
        document = spec_file.read(Path(path))
        for override in overrides:
            document.override(override, _anchor_override)
        return cls._of(document).anchored(Path(path).resolve().parent, Path.cwd())

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

    def anchored(self, folder: Path, current: Path) -> Self:
        """The same spec with every relative local path made absolute.

        Args:
            folder: What paths are relative to.
            current: What the workspace and the registry are relative to where they were left to their defaults,
                so that a run and ``headstart models`` after it mean the same place.
        """
        registry = folder if "uri" in self.registry.model_fields_set else current
        workspace = folder if "workspace" in self.model_fields_set else current
        sources = self.data.source
        if isinstance(sources, str):
            anchored: object = _anchor(sources, folder)
        elif isinstance(sources, dict):
            anchored = {split: _anchor(source, folder) for split, source in sources.items()}
        else:
            anchored = tuple(_anchor(source, folder) for source in sources)
        root = self.data.root and _anchor(self.data.root, folder)
        return self.model_copy(
            update={
                "data": self.data.model_copy(update={"source": anchored, "root": root}),
                "backbones": tuple(_anchor_folder(name, folder) for name in self.backbones),
                "registry": self.registry.model_copy(update={"uri": _anchor(self.registry.uri, registry)}),
                "workspace": _anchor(self.workspace, workspace),
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
    at_home = path == "~" or path.startswith("~/")
    return str(folder / (Path(path).expanduser() if at_home else path))


def _anchor_folder(backbone: str, folder: Path) -> str:
    # "org/model" is a hub id unless it is written as a path; "package:" names a folder in a Python package.
    return _anchor(backbone, folder) if backbone.startswith((".", "/", "~")) else backbone


def _anchor_override(key: str, value: Any) -> Any:
    """An override's value with its relative paths made absolute under the current folder."""
    if isinstance(value, list):
        return [_anchor_override(key, each) for each in value]
    if not isinstance(value, str):
        return value
    if key == "backbones":
        return _anchor_folder(value, Path.cwd())
    is_path = key in ("workspace", "registry.uri", "data", "data.source", "data.root") or key.startswith("data.source.")
    return _anchor(value, Path.cwd()) if is_path else value
