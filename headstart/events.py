"""Who hears which step worked on what: nobody, unless the platform keeps a lineage service."""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from headstart.errors import UsageError
from headstart.extras import extra_of
from headstart.spec import Spec
from headstart.values import Value

_VARIABLES = ("OPENLINEAGE_URL", "OPENLINEAGE_CONFIG", "OPENLINEAGE__TRANSPORT__TYPE")


class Events(Protocol):
    """Hears of each step that works; one whose result is found does not."""

    def working(self, step: str, inputs: Sequence[Value]) -> AbstractContextManager[Callable[[Value], None]]:
        """Within, a step works on these values; it calls what it is given with its result."""


class Unheard:
    """Nobody hears."""

    @contextlib.contextmanager
    def working(self, step: str, inputs: Sequence[Value]) -> Iterator[Callable[[Value], None]]:
        """See :meth:`Events.working`."""
        yield lambda result: None


def configured(spec: Spec) -> Events:
    """Who hears of a run's steps: OpenLineage's clients are set up by the environment, and so is this one.

    Raises:
        UsageError: The environment names a service, and the ``lineage`` extra is missing or refuses what it says.
    """
    if not any(map(os.environ.get, _VARIABLES)):
        return Unheard()
    try:
        from headstart.adapters.openlineage import OpenLineage
    except ModuleNotFoundError as error:
        raise extra_of(error) or error from error
    try:
        return OpenLineage(spec)
    except Exception as error:  # the client says in many ways that a setting is wrong
        remedy = f"Mend it: {', '.join(filter(os.environ.get, _VARIABLES))}."
        raise UsageError("usage", f"OpenLineage cannot be set up: {error}.", remedy=remedy) from error
