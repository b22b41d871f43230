"""The registry as its users see it."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.blobs import Blobs
from headstart.digest import canonical_json
from headstart.errors import HeadstartError, IntegrityError, UsageError
from headstart.extras import extra_of
from headstart.registry import aliases, probe, publish
from headstart.registry.policy import Policy
from headstart.registry.record import (
    FORMAT,
    AliasMove,
    Draft,
    Version,
    check_name,
    parse_version,
    version_key,
    version_number,
)
from headstart.store import open_store

if TYPE_CHECKING:
    from headstart.predictor import Predictor

_ROOT = "registry.json"
_NUMBER = re.compile(r"[0-9]{1,12}")


class Registry:
    """The models in an object store.

    A reference is ``name@alias``, ``name@3`` for a version by number, or ``name`` for its latest version.

    Args:
        uri: A local folder or ``s3://bucket/prefix``.
        policy: What to sign with, whose signatures to ask for, which hooks to tell; by default the environment's.
    """

    def __init__(self, uri: str | Path, policy: Policy | None = None) -> None:
        self.store = open_store(str(uri))
        self.blobs = Blobs(self.store)
        self.policy = policy or Policy.here()

    @property
    def uri(self) -> str:
        """Where the registry is."""
        return self.store.uri

    def models(self) -> list[str]:
        """The names of all models."""
        return sorted({info.key.split("/")[1] for info in self.store.list("models/") if version_number(info.key)})

    def versions(self, name: str) -> list[int]:
        """The version numbers of a model, oldest first; none where there is no such model."""
        return publish.numbers(self.store, name)

    def get(self, name: str, number: int) -> Version:
        """A version's record.

        Raises:
            UsageError: There is no such version.
            IntegrityError: Its record is damaged.
        """
        key = version_key(name, number)
        data = self.store.get(key)
        if data is None:
            raise self._unknown(f"{name} has no version {number}.")
        return parse_version(name, number, data, f"{self.uri}/{key}")

    def resolve(self, reference: str) -> Version:
        """The version that a reference names.

        Raises:
            UsageError: It names none.
        """
        name, _, selector = reference.partition("@")
        check_name(name)
        if _NUMBER.fullmatch(selector):
            return self.get(name, int(selector))
        if selector:
            move = aliases.current(self.store, name, selector)
            if move is None:
                raise self._unknown(f"{name} has no alias {selector!r}.")
            return self.get(name, move.version)
        newest = publish.latest(self.store, name)
        if not newest:
            raise self._unknown(f"there is no model {name!r}.")
        return self.get(name, newest)

    def aliases(self, name: str) -> dict[str, int]:
        """Every alias of a model with the version it points at."""
        current = ((alias, aliases.current(self.store, name, alias)) for alias in aliases.names(self.store, name))
        return {alias: move.version for alias, move in current if move is not None}

    def history(self, name: str, alias: str) -> list[AliasMove]:
        """The moves of an alias, newest first: who, when, why; none where there is no such alias."""
        return list(aliases.history(self.store, name, alias))

    def publish(self, draft: Draft, source: Blobs, tx: str, after: int = 0) -> Version:
        """Publish a draft as the next version, once.

        Args:
            draft: The version but for its number.
            source: Where the draft's files are.
            tx: Names this publication: a second call with the same ``tx`` gives the version of the first.
            after: A version number that was the latest before this publication was first tried.

        Raises:
            StoreError: The store cannot be trusted with commits.
            IntegrityError: A file is missing or damaged.
            HeadstartError: Others kept winning the next number.
        """
        self._prepare()
        return self.policy.publish(self.store, lambda: publish.publish(self.store, draft, source, tx, after))

    def latest(self, name: str) -> int:
        """The highest version number of a model, 0 where there is none."""
        return publish.latest(self.store, name)

    def move(self, name: str, alias: str, version: int, reason: str, decision: str = "") -> AliasMove:
        """Point an alias at a version, atomically.

        Args:
            name: The model's name.
            alias: The alias; it is made if there is none.
            version: The version's number.
            reason: Why, for the alias's history.
            decision: The digest of the decision behind it. A move that this decision has made is not made twice.

        Raises:
            UsageError: There is no such version, or the alias is no name.
            HeadstartError: Others kept moving the alias first.
        """
        if _NUMBER.fullmatch(alias):
            remedy = "Choose a name that is no number: name@3 means version 3."
            raise UsageError("registry/bad-name", f"{alias!r} is no alias.", remedy=remedy)
        return self.policy.move(
            self.store,
            self.get(name, version),
            lambda: aliases.move(self.store, name, alias, version, reason, decision),
        )

    def load(self, reference: str) -> "Predictor":
        """The model, verified and ready to predict; needs the ``engine`` extra.

        Raises:
            UsageError: The reference names no version, or the extra is missing.
            IntegrityError: A byte is not what was published.
        """
        version = self.resolve(reference)
        self.policy.admit(self.store, version)
        try:
            from headstart.predictor import Predictor
        except ModuleNotFoundError as error:
            raise extra_of(error) or error from error
        with self.blobs.checkout(version.files) as folder:
            return Predictor(folder)

    def pull(self, reference: str, folder: str | Path) -> Version:
        """Copy a version's files, verified, into a folder; ``from_pretrained`` can load it then.

        Raises:
            UsageError: The reference names no version.
            IntegrityError: A byte is not what was published.
            StoreError: The folder cannot be written.
        """
        version = self.resolve(reference)
        self.policy.admit(self.store, version)
        self.blobs.export(version.files, Path(folder))
        return version

    def _prepare(self) -> None:
        """Make the registry if there is none, once the store has shown that it can be one."""
        data = self.store.get(_ROOT)
        if data is None:
            found = probe.probe(self.store)
            self.store.create(_ROOT, canonical_json({"format": FORMAT, "probe": found}))
            data = self.store.get(_ROOT) or b""
        if _format(data) != FORMAT:
            remedy = "Use a newer Headstart, or another registry URI."
            raise IntegrityError(
                "integrity/record", f"no registry of format {FORMAT}.", remedy=remedy, where=f"{self.uri}/{_ROOT}"
            )

    def _unknown(self, problem: str) -> HeadstartError:
        there = ", ".join(self.models()[:10]) or "none"
        return UsageError(
            "registry/not-found", problem, remedy=f"Models there: {there}; see headstart models list.", where=self.uri
        )


def _format(data: bytes) -> object:
    try:
        return json.loads(data)["format"]
    except (ValueError, TypeError, LookupError):
        return None
