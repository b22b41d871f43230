"""What the sections of a spec are made of: names, URIs, durations, counts, and the closed model."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from headstart.spec import document

NAME_PATTERN = r"[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?"


def _checked_name(name: str) -> str:
    """A name: 1 to 63 of a-z, 0-9, '.', '_' and '-', with a letter or digit at both ends."""
    if not re.fullmatch(NAME_PATTERN, name):
        raise ValueError("a name has 1 to 63 of a-z, 0-9, '.', '_', '-', and starts and ends with a letter or digit")
    return name


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
            document.HIDDEN, "a URI must not carry credentials: use the environment or a credentials file"
        )
    return uri


def checked_duration(duration: str) -> str:
    """A whole number and s, m or h, for example 10m."""
    if not re.fullmatch(r"[1-9][0-9]*[smh]", duration):
        raise ValueError("a duration is a whole number and s, m or h, for example 10m")
    return duration


def seconds(duration: str) -> int:
    """A duration in seconds."""
    return int(duration[:-1]) * {"s": 1, "m": 60, "h": 3600}[duration[-1]]


Name = Annotated[str, AfterValidator(_checked_name)]
Uri = Annotated[str, Field(min_length=1), AfterValidator(_without_credentials)]
Count = Annotated[int, Field(strict=True, ge=1)]
Index = Annotated[int, Field(strict=True, ge=0)]
Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]
Duration = Annotated[str, AfterValidator(checked_duration)]


class Section(BaseModel):
    """A part of the spec: immutable, and closed to unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
