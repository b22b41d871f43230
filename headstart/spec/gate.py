"""The gate section, and the registry that it guards."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from headstart.spec.section import Count, Name, Section, Uri

Metric = Literal["macro_f1", "accuracy"]
Floor = Annotated[float, Field(ge=0.0, le=1.0)]


def _checked_alias(alias: str) -> str:
    """Not a number, for name@3 means version 3."""
    if alias.isdecimal():
        raise ValueError("an alias is no number: name@3 means version 3")
    return alias


class GateSpec(Section):
    """When a new version takes over the alias."""

    metric: Metric = "macro_f1"
    """What heads, epochs and models are chosen by, and what the gate compares."""
    min: Floor = 0.0
    """The floor: below it nothing is promoted."""
    min_label: Floor = 0.0
    """The floor for the F1 of each label that has 10 test rows or more."""
    min_slice: Floor = 0.0
    """The floor for the metric on each slice that has 10 test rows or more."""
    min_rows: Count = 20
    """The fewest test rows to promote on."""
    min_gain: Annotated[float, Field(ge=-1.0, le=1.0)] = 0.0
    """How much better than the champion; below zero, how much worse is still welcome, and then the smaller of head and
    tuned model is the candidate where it is no worse than that on the validation rows."""
    confidence: Annotated[float, Field(gt=0.5, lt=1.0)] = 0.95
    """How sure of that gain one must be, by a paired test on today's test rows."""
    slices: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Fields of the export by whose values the test rows are told apart."""


class RegistrySpec(Section):
    """Where versions are published, and which alias follows the best one."""

    uri: Uri = ".headstart/registry"
    """A folder or an ``s3://`` prefix. The default is in the current folder."""
    alias: Annotated[Name, AfterValidator(_checked_alias)] = "champion"
    """The alias that follows the best version."""
    signing_key: str | None = None
    """A file with the private elliptic key, in PEM, that versions are signed with. ``HEADSTART_SIGNING_KEY`` comes
    before it."""
    require_signature: tuple[str, ...] = ()
    """Files with public keys: only versions that one of them has signed are loaded and promoted. ``PATH@YYYY-MM-DD``
    is a key that retired that day. ``HEADSTART_REQUIRE_SIGNATURE`` comes before it."""
