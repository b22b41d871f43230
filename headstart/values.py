"""What steps take and give: immutable values that have a digest and can be found by it."""

from functools import cached_property
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from headstart.digest import digest_of


class Value(BaseModel):
    """A step's result. Equal values have equal digests, wherever and whenever they were made."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: ClassVar[str]

    def said(self) -> dict[str, Any]:
        """The value as JSON data."""
        return self.model_dump(mode="json")

    @cached_property
    def digest(self) -> str:
        """The sha256 of the value as canonical JSON: the name it is stored under."""
        return digest_of(self.said())

    def summary(self) -> str:
        """One line for people."""
        raise NotImplementedError

    @property
    def identity(self) -> str:
        """What later steps see of this value: two values with equal identity give them equal results."""
        return self.digest
