"""The whole spec: its sections, how it is read, and what its relative paths are relative to."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, ValidationInfo, field_validator

from headstart.errors import SpecError, UsageError
from headstart.spec import document as documents
from headstart.spec.assess import AssessSpec
from headstart.spec.calibration import CalibrationSpec
from headstart.spec.data import DataSpec
from headstart.spec.gate import GateSpec, RegistrySpec
from headstart.spec.retrain import RetrainSpec
from headstart.spec.search import SearchSpec
from headstart.spec.section import Name, Section, Uri
from headstart.spec.tune import ComputeSpec, TuneSpec

TaskName = Literal[
    "text-classification",
    "multi-label",
    "token-classification",
    "regression",
    "pair-regression",
    "image-classification",
]


class Spec(Section):
    """The whole job: from a label export and a pretrained model to a version in a registry."""

    name: Name
    """The model's name in the registry."""
    task: Literal["auto", TaskName] = "auto"
    """The kind of label; ``auto`` derives it from the data and says which. All can be imported; ``text-classification``
    (one label for each text) can be trained today."""
    data: DataSpec
    """Where the labels come from."""
    backbones: Annotated[tuple[Uri, ...], Field(min_length=1)] = ("sentence-transformers/all-MiniLM-L6-v2",)
    """Pretrained models: a hub id (``org/model`` or ``org/model@revision``), a folder (``./model``), an ``s3://``
    prefix, or ``package:name/folder`` in an installed package. Of several the one with the best features is used."""
    assess: AssessSpec = AssessSpec()
    """The verdict before anything is tuned."""
    search: SearchSpec = SearchSpec()
    """The search over heads."""
    compute: ComputeSpec = ComputeSpec()
    """The workers of the training."""
    tune: TuneSpec = TuneSpec()
    """How far the backbone is tuned."""
    calibration: CalibrationSpec = CalibrationSpec()
    """What answers promise."""
    gate: GateSpec = GateSpec()
    """When a new version takes over."""
    registry: RegistrySpec = RegistrySpec()
    """Where versions go."""
    retrain: RetrainSpec = RetrainSpec()
    """When the job is done again."""
    workspace: Uri = ".headstart/work"
    """A folder or an ``s3://`` prefix that keeps everything that was computed. The default is in the current folder."""

    @field_validator("data", mode="before")
    @classmethod
    def _a_bare_source_is_enough(cls, data: object) -> object:
        return {"source": data} if isinstance(data, str | list) else data

    @field_validator("tune")
    @classmethod
    def _what_may_be_spent_has_a_price(cls, tune: TuneSpec, info: ValidationInfo) -> TuneSpec:
        compute = info.data.get("compute")  # missing where it is wrong itself
        if tune.cost is not None and isinstance(compute, ComputeSpec) and compute.price_per_hour is None:
            raise ValueError("a cost takes a price: set compute.price_per_hour, what a worker costs an hour")
        return tune

    @classmethod
    def load(cls, path: str | Path, overrides: Sequence[str] = ()) -> Self:
        """Read a spec file and apply ``key=value`` overrides.

        Relative paths in the file are relative to its folder; those in overrides, and the workspace and registry
        that the file does not name, to the current one.

        Raises:
            SpecError: The file cannot be read, or says something that a spec cannot say.
        """
        document = documents.read(Path(path))
        _override(document, overrides)
        return cls._of(document).anchored(Path(path).resolve().parent, Path.cwd())

    @classmethod
    def parse(cls, text: str, overrides: Sequence[str] = ()) -> Self:
        """Read a spec from JSON text, as it travels to a Kubeflow component or a Ray job.

        Raises:
            SpecError: The text is not a spec, or an override is none.
        """
        document = documents.parse(text)
        _override(document, overrides)
        return cls._of(document)

    @classmethod
    def build(cls, data: dict[str, Any], name: str) -> Self:
        """A spec from data; errors call it ``name``.

        Raises:
            SpecError: The data is not a spec.
        """
        return cls._of(documents.Document(name, data))

    @classmethod
    def _of(cls, document: documents.Document) -> Self:
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
        keys = {
            "signing_key": self.registry.signing_key and _anchor(self.registry.signing_key, folder),
            "require_signature": tuple(_anchor(key, folder) for key in self.registry.require_signature),
        }
        drift = self.retrain.drift and _anchor(self.retrain.drift, folder)
        return self.model_copy(
            update={
                "data": self.data.model_copy(update={"source": anchored, "root": root}),
                "backbones": tuple(_anchor_folder(name, folder) for name in self.backbones),
                "registry": self.registry.model_copy(update={"uri": _anchor(self.registry.uri, registry), **keys}),
                "retrain": self.retrain.model_copy(update={"drift": drift}),
                "workspace": _anchor(self.workspace, workspace),
            }
        )

    def to_json(self) -> str:
        """The spec as JSON text; :meth:`parse` gives an equal spec back."""
        return self.model_dump_json()

    def said(self) -> dict[str, Any]:
        """The spec as JSON data, defaults included."""
        return self.model_dump(mode="json")


def require_spec(spec: object) -> Spec:
    """What a caller gave as a spec, if it is one.

    Raises:
        UsageError: It is a path, a dict or anything else.
    """
    if isinstance(spec, Spec):
        return spec
    remedy = "Read it from a file with Spec.load(path), or make it of a dict with Spec.build(data, name)."
    raise UsageError("usage", f"a {type(spec).__name__} is no Spec.", remedy=remedy)


def _override(document: documents.Document, overrides: Sequence[str]) -> None:
    if isinstance(overrides, str):  # a sequence of strings too, each of one character
        remedy = f'Write ["{overrides}"].'
        raise SpecError(
            "spec/invalid-value", "overrides are a list, and this is one.", remedy=remedy, where=document.name
        )
    for override in overrides:
        document.override(override, _anchor_override)


def _anchor(path: str, folder: Path) -> str:
    if re.match(r"^[a-z0-9]+://", path):
        return path
    at_home = path == "~" or path.startswith("~/")
    return str(folder / (Path(path).expanduser() if at_home else path))


def _anchor_folder(backbone: str, folder: Path) -> str:
    # "org/model" is a hub id unless it is written as a path; "package:" names a folder in a Python package.
    return _anchor(backbone, folder) if backbone.startswith((".", "/", "~")) else backbone


_PATHS = (
    "workspace",
    "registry.uri",
    "registry.signing_key",
    "registry.require_signature",
    "data",
    "data.source",
    "data.root",
    "retrain.drift",
)


def _anchor_override(key: str, value: Any) -> Any:
    """An override's value with its relative paths made absolute under the current folder."""
    if isinstance(value, list):
        return [_anchor_override(key, each) for each in value]
    if not isinstance(value, str):
        return value
    if key == "backbones":
        return _anchor_folder(value, Path.cwd())
    is_path = key in _PATHS or key.startswith("data.source.")
    return _anchor(value, Path.cwd()) if is_path else value
