"""What a retraining depends on, as digests that are cheap to take and to compare."""

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from headstart.backbone_source import locate
from headstart.digest import digest_of
from headstart.labels.sources import source
from headstart.spec import Spec
from headstart.version import code_digest

Part = Literal["data", "spec", "backbones", "code"]
# Where the work is done and when it is done anew changes no result of it.
_NO_PART_OF_A_RESULT = ("data", "backbones", "retrain", "compute", "workspace")


class Fingerprint(BaseModel):
    """The sha256 of each thing that a model depends on.

    ``data`` covers the export's bytes, ``spec`` all that it says but for places and compute, ``backbones`` their
    revisions and files, and ``code`` Headstart's own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: str
    spec: str
    backbones: str
    code: str

    def changes(self, earlier: "Fingerprint") -> tuple[Part, ...]:
        """The parts that are not what they were."""
        return tuple(part for part in get_args(Part) if getattr(self, part) != getattr(earlier, part))


def take(spec: Spec) -> Fingerprint:
    """The fingerprint of a spec as the world is now; it reads the export, and of backbones what tells them apart.

    Raises:
        DataError: The export cannot be found or read.
        BackboneError: A backbone cannot be found.
    """
    with source.gather(spec.data) as files:
        data = source.fingerprint(files)
    settings = spec.model_dump(mode="json", exclude=set(_NO_PART_OF_A_RESULT))
    settings["data"] = spec.data.model_dump(mode="json", exclude={"source"})
    return Fingerprint(
        data=data,
        spec=digest_of(settings),
        backbones=digest_of([locate(name).signature for name in spec.backbones]),
        code=code_digest(),
    )
