"""The records of a registry."""

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from headstart.blobs import File
from headstart.errors import IntegrityError, UsageError
from headstart.evaluation.estimate import Estimate
from headstart.spec import NAME_PATTERN
from headstart.values import Value

FORMAT: Literal[1] = 1

R = TypeVar("R", bound=BaseModel)


class Lineage(BaseModel):
    """Where a version comes from: everything needed to make it again or to blame something for it.

    ``dataset`` is the digest of what the rows say, ``passport`` the one of which of them trained, chose and judged;
    ``sources`` are the files they were read from. What is said of the backbone is empty where nothing was transferred.
    ``commit`` is the code's in git, ``image`` the container's, ``runs`` name the run's folder in the workspace, and
    Kubeflow's and Ray's runs; each is empty where it is not known.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str
    passport: str
    rows: Mapping[str, int]
    backbone: str
    backbone_source: str
    backbone_revision: str
    licence: str
    verdict: str
    head: str
    strategy: str
    model: str
    decision: str
    spec: Mapping[str, Any]
    code: str
    headstart: str
    sources: tuple[str, ...] = ()
    commit: str = ""
    image: str = ""
    runs: Mapping[str, str] = {}

    @property
    def text_field(self) -> str:
        """The field that the spec named as that of the text; ``auto`` where it named none."""
        found: object = self.spec
        for key in ("data", "fields", "text"):
            found = found.get(key) if isinstance(found, Mapping) else None
        return found if isinstance(found, str) else "auto"


class Draft(BaseModel):
    """What a publisher brings: everything of a version but its number."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    task: str
    labels: tuple[str, ...]
    metrics: Mapping[str, Estimate]
    lineage: Lineage
    files: tuple[File, ...]

    @field_validator("files")
    @classmethod
    def _each_path_once(cls, files: tuple[File, ...]) -> tuple[File, ...]:
        if len({file.path for file in files}) < len(files):
            raise ValueError("two files have the same path")
        return files


class Version(Value):
    """A published version. ``tx`` is the publisher's nonce, ``created`` ISO 8601 in UTC."""

    kind: ClassVar[str] = "version"

    format: Literal[1] = FORMAT
    name: str
    version: int
    tx: str
    created: str
    task: str
    labels: tuple[str, ...]
    metrics: Mapping[str, Estimate]
    lineage: Lineage
    files: tuple[File, ...]

    def summary(self) -> str:
        """One line for people."""
        return f"{self.name} version {self.version}"


def check_name(name: str) -> str:
    """A model's or alias's name itself, if it is one.

    Raises:
        UsageError: It is not 1 to 63 of a-z, 0-9, dot, underscore and dash, or starts or ends otherwise.
    """
    if not re.fullmatch(NAME_PATTERN, name):
        remedy = "A name has 1 to 63 of a-z, 0-9, '.', '_', '-', and starts and ends with a letter or digit."
        foreign = next((each for each in name if not each.isascii()), "")
        odd = f" It holds U+{ord(foreign):04X} {unicodedata.name(foreign, 'without a name')}." if foreign else ""
        raise UsageError("registry/bad-name", f"{name!r} is no name.{odd}", remedy=remedy)
    return name


def version_key(name: str, number: int) -> str:
    """Where a version's record is."""
    return f"models/{check_name(name)}/versions/{number:08d}.json"


def parse(kind: type[R], data: bytes, where: str) -> R:
    """A record from its bytes.

    Raises:
        IntegrityError: It is damaged or of a newer format.
    """
    try:
        return kind.model_validate_json(data)
    except ValidationError:
        remedy = "Restore it from a copy, or use a newer Headstart if one wrote it."
        said = format_of(data)
        problem = (
            f"it is of format {said!r}, not {FORMAT}." if said not in (None, FORMAT) else "not a record of format 1."
        )
        raise IntegrityError("integrity/record", problem, remedy=remedy, where=where) from None


def format_of(data: bytes) -> object:
    """The format that a record says it has, or None where it says none."""
    try:
        return json.loads(data)["format"]
    except (ValueError, TypeError, LookupError):
        return None


def version_number(key: str) -> int | None:
    """The number of the version whose record is at a key, or None where it is no version's."""
    found = re.fullmatch(r"models/[^/]+/versions/([0-9]{8,})\.json", key)
    return int(found[1]) if found else None


def parse_version(name: str, number: int, data: bytes, where: str) -> Version:
    """A version's record from its bytes.

    Raises:
        IntegrityError: It is damaged, of a newer format, or another version's.
    """
    version = parse(Version, data, where)
    if (version.name, version.version) != (name, number):
        said = f"{version.name} version {version.version}"
        raise IntegrityError("integrity/record", f"it is of {said}.", remedy="Restore it from a copy.", where=where)
    return version
