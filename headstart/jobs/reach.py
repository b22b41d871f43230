"""What of a spec lies on the machine of whoever hands it over, where a cluster elsewhere cannot see it."""

import re
from collections.abc import Iterator

from headstart.errors import SpecError
from headstart.spec import Spec


def check(spec: Spec, place: str) -> None:
    """Whether a place elsewhere can read and write all that a spec names.

    Raises:
        SpecError: ``spec/invalid-value``, with the first key that names a file of this machine.
    """
    for key, value in _named(spec):
        if not re.match(r"[a-z0-9]+:", value) or value.startswith(("file:", "memory:")):
            remedy = "Name an object store that both can reach, such as s3://bucket/prefix, or run it here."
            problem = f"{key} is {value!r}, which {place} cannot see: it lies on this machine."
            raise SpecError("spec/invalid-value", problem, remedy=remedy, where=spec.name)


def _named(spec: Spec) -> Iterator[tuple[str, str]]:
    yield "workspace", spec.workspace
    yield "registry.uri", spec.registry.uri
    for source, _ in spec.data.sources():
        yield "data.source", source
    if spec.data.root:
        yield "data.root", spec.data.root
    for backbone in spec.backbones:
        if backbone.startswith((".", "/", "~")):  # else it is a model of the hub
            yield "backbones", backbone
