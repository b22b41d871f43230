"""The split passport: how rows were divided, what it was checked for, and the digest that a model version carries."""

from collections.abc import Mapping
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict

from headstart.digest import digest_of
from headstart.spec import Split


class Leak(BaseModel):
    """Something that stands on both sides of a split: what it is, how often, and the first cases."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["near-duplicate", "group", "label-in-text"]
    count: int
    of: int
    words: str
    examples: tuple[tuple[str, ...], ...]


class Passport(BaseModel):
    """How rows were divided.

    ``method`` is how those were placed that the source does not place itself; ``published`` are the splits that it
    does. ``kept`` counts rows that kept their place from the dataset ``earlier`` (a digest, or empty). ``rows`` is the
    sha256 over the ids of each split's rows. ``notes`` tell of labels that a split lacks.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Literal["content", "time"]
    published: tuple[Split, ...]
    test: float
    validation: float
    seed: int
    group_by: str | None
    time: str | None
    cuts: Mapping[Split, str]
    rows: Mapping[Split, str]
    kept: int
    earlier: str
    notes: tuple[str, ...]
    leaks: tuple[Leak, ...]

    @cached_property
    def digest(self) -> str:
        """The digest of which rows are in which split."""
        return digest_of(dict(self.rows))
