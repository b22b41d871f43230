"""Hooks: whom a client tells when it publishes a version or moves an alias.

They stand in a YAML or JSON file that ``HEADSTART_HOOKS`` names, on the machine that tells. Neither a spec nor the
registry may name one: who may submit a run, or write to the registry, must not run commands elsewhere by it.
"""

import base64
import os
import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from headstart.adapters import webhook
from headstart.digest import digest_of
from headstart.errors import UsageError
from headstart.spec.text import Refused, load

VARIABLE = "HEADSTART_HOOKS"
_LEAST_KEY = 16  # bytes
Happening = Literal["publish", "promote"]


def _variable(name: str) -> str:
    if not re.fullmatch(r"[A-Z_][A-Z0-9_]*", name):
        raise ValueError("a secret is named by its environment variable, never written down")
    return name


class Hook(BaseModel):
    """A web address or a command that hears of every publication (``publish``) or move of an alias (``promote``).

    ``secret`` is the environment variable that holds the key which webhooks are signed with.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    events: Annotated[tuple[Happening, ...], Field(min_length=1)]
    url: str = ""
    secret: Annotated[str, AfterValidator(_variable)] = ""
    command: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _tells_one(self) -> Self:
        if bool(self.url) == bool(self.command):
            raise ValueError("a hook has either a url or a command")
        if bool(self.url) != bool(self.secret):
            raise ValueError("a url has a secret: the environment variable with the key that signs its events")
        if self.url:
            webhook.target(self.url)
        return self

    def ready(self) -> None:
        """See that the hook can be told at all.

        Raises:
            UsageError: The secret of its webhooks is not set, or is none.
        """
        if self.url:
            self.key()

    def key(self) -> bytes:
        """The key that webhooks are signed with: the environment variable in base64, with or without ``whsec_``.

        Raises:
            UsageError: The variable is not set, or holds no key of 16 bytes or more.
        """
        try:
            key = base64.b64decode(os.environ.get(self.secret, "").removeprefix("whsec_"), validate=True)
        except ValueError:
            key = b""
        if len(key) < _LEAST_KEY:
            remedy = f"Set it to whsec_ and {_LEAST_KEY} random bytes or more in base64: openssl rand -base64 32"
            raise UsageError("hook/bad-config", f"{self.secret} holds no key.", remedy=remedy, where=self.title)
        return key

    @property
    def id(self) -> str:
        """The hook's name in the registry: another address or command is another hook, which starts anew."""
        return digest_of([self.url, list(self.command)])[:16]

    @property
    def title(self) -> str:
        """What people see of it: an address may have a secret in its query."""
        return self.url.partition("?")[0] if self.url else " ".join(self.command)


_HOOKS = TypeAdapter(tuple[Hook, ...])


def configured() -> tuple[Hook, ...]:
    """The hooks of this machine: those in the file that ``HEADSTART_HOOKS`` names; none where it names none.

    Raises:
        UsageError: The file cannot be read, or something in it is no hook.
    """
    path = os.environ.get(VARIABLE)
    return read(Path(path)) if path else ()


def read(path: Path) -> tuple[Hook, ...]:
    """The hooks in a file, which is a list.

    Raises:
        UsageError: The file cannot be read, or something in it is no hook.
    """
    try:
        data, _ = load(path.read_text(encoding="utf-8"))
        hooks = _HOOKS.validate_python(data)
    except OSError as error:
        raise _bad(f"it cannot be read: {error.strerror}.", str(path)) from None
    except Refused as error:
        raise _bad(
            f"not valid YAML: {error.reason}.", f"{path}, line {error.line}" if error.line else str(path)
        ) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise _bad(f"{place}: {first['msg'].removeprefix('Value error, ')}.", str(path)) from None
    except ValueError:
        raise _bad("not UTF-8 text.", str(path)) from None
    return hooks


def _bad(problem: str, where: str) -> UsageError:
    remedy = "Write a list of hooks, each with events, and with url and secret or with command."
    return UsageError("hook/bad-config", problem, remedy=remedy, where=where)
