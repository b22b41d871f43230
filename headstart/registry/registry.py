"""The registry as its users see it."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.blobs import Blobs
from headstart.digest import canonical_json
from headstart.errors import HeadstartError, IntegrityError, UsageError
from headstart.extras import extra_of
from headstart.registry import aliases, catalog, collect, folder, inspect, marks, numbers, probe, publish, upkeep
from headstart.registry.aliases import AliasMove
from headstart.registry.policy import Policy
from headstart.registry.record import FORMAT, Draft, Version, check_name, format_of, parse_version, version_key
from headstart.store import Moved, open_store, unheard

if TYPE_CHECKING:
    from headstart.predictor import Predictor

_ROOT = "registry.json"
_NUMBER = re.compile(r"[0-9]{1,12}")


class Registry:
    """The models in an object store.

    A reference is ``name@alias``, ``name@3`` for a version by number, or ``name`` for its latest version.

    Args:
        uri: A local folder, or ``s3://bucket/prefix``, ``gs://bucket/prefix`` or ``az://container/prefix``.
        policy: What to sign with, whose signatures to ask for, which hooks to tell; by default the environment's.
    """

    def __init__(self, uri: str | Path, policy: Policy | None = None) -> None:
        self.store = open_store(str(uri))
        self.blobs = Blobs(self.store)
        self.policy = policy or Policy.here()
        self._prepared = False

    @property
    def uri(self) -> str:
        """Where the registry is."""
        return self.store.uri

    def models(self) -> list[str]:
        """The names of all models."""
        return list(self.catalog())

    def catalog(self) -> dict[str, catalog.Held]:
        """Every model's versions and aliases, by name, in a number of requests that does not grow with them."""
        return catalog.read(self.store)

    def versions(self, name: str) -> list[int]:
        """The version numbers of a model, oldest first, without deleted ones; none where there is no such model."""
        gone = marks.deleted(self.store, name)
        return [number for number in numbers.numbers(self.store, name) if number not in gone]

    def get(self, name: str, number: int) -> Version:
        """A version's record.

        Raises:
            UsageError: There is no such version, or it was deleted.
            IntegrityError: Its record is damaged.
        """
        version = self._get(name, number)
        if number in marks.deleted(self.store, name):
            raise self._deleted(name, number)
        return version

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
            return self._get(name, move.version)
        there = self.versions(name)
        if not there:
            raise self._unknown(f"there is no model {name!r}.")
        return self._get(name, there[-1])

    def aliases(self, name: str) -> dict[str, int]:
        """Every alias of a model with the version it points at."""
        return aliases.pointing(self.store, name)

    def history(self, name: str, alias: str) -> list[AliasMove]:
        """The moves of an alias, newest first: who, when, why; none where there is no such alias."""
        return list(aliases.history(self.store, name, alias))

    def publish(
        self, draft: Draft, source: Blobs, tx: str, after: int | None = None, moved: Moved = unheard
    ) -> Version:
        """Publish a draft as the next version, once.

        Args:
            draft: The version but for its number.
            source: Where the draft's files are.
            tx: Names this publication: a second call with the same ``tx`` gives the version of the first.
            after: A version number that was the latest before this publication was first tried, where the caller knows.
            moved: Hears of the bytes of the draft's files as they are in the registry.

        Raises:
            StoreError: The store cannot be trusted with commits.
            IntegrityError: A file is missing or damaged.
            HeadstartError: Others kept winning the next number.
        """
        self.prepare()
        return self.policy.publish(self.store, lambda: publish.publish(self.store, draft, source, tx, after, moved))

    def latest(self, name: str) -> int:
        """The highest version number of a model, deleted or not, 0 where there is none."""
        return numbers.latest(self.store, name)

    def move(self, name: str, alias: str, version: int, reason: str, decision: str = "") -> AliasMove:
        """Point an alias at a version, atomically.

        Args:
            name: The model's name.
            alias: The alias; it is made if there is none.
            version: The version's number.
            reason: Why, for the alias's history.
            decision: The digest of the decision behind it. A move that this decision has made is not made twice.

        Raises:
            UsageError: There is no such version, it was deleted, or the alias is no name.
            HeadstartError: Others kept moving the alias first.
        """
        if _NUMBER.fullmatch(alias):
            remedy = "Choose a name that is no number: name@3 means version 3."
            raise UsageError("registry/bad-name", f"{alias!r} is no alias.", remedy=remedy)
        record = self.get(name, version)
        check_name(alias)
        return self.policy.move(self.store, record, lambda: self._move(name, alias, version, reason, decision))

    def rollback(self, name: str, alias: str, reason: str) -> AliasMove:
        """Point an alias at the version that it pointed at before.

        Raises:
            UsageError: There is no such alias, or it never pointed at another version.
        """
        history = self.history(name, alias)
        if not history:
            raise self._unknown(f"{name} has no alias {alias!r}.")
        before = aliases.before(history)
        if before is None:
            remedy = "Move it to a version by number; see headstart models show."
            problem = f"{name}@{alias} pointed at no other version before."
            raise UsageError("registry/no-earlier", problem, remedy=remedy, where=self.uri)
        return self.move(name, alias, before, reason)

    def tags(self, name: str) -> dict[str, tuple[int, ...]]:
        """The versions of each tag of a model."""
        return marks.tags(self.store, name)

    def tag(self, name: str, version: int, tag: str, reason: str = "") -> None:
        """Give a version a tag, which keeps it from retention.

        Raises:
            UsageError: There is no such version, or the tag is no name.
        """
        self.get(name, version)
        check_name(tag)
        with catalog.changing(self.store, name):
            marks.tag(self.store, name, [version], tag, reason)

    def untag(self, name: str, version: int, tag: str, reason: str = "") -> None:
        """Take a tag from a version; one that it does not have is no error.

        Raises:
            UsageError: There is no such version, or the tag is no name.
        """
        self.get(name, version)
        check_name(tag)
        with catalog.changing(self.store, name):
            marks.untag(self.store, name, [version], tag, reason)

    def marks(self, name: str) -> list[marks.Mark]:
        """Who tagged, deleted and restored which versions of a model, newest first."""
        return list(marks.log(self.store, name))

    def delete(self, name: str, versions: Iterable[int], reason: str) -> None:
        """Delete versions: they can be restored until a collector takes the files that only they need.

        Raises:
            UsageError: There is no such version, or an alias points at one.
        """
        wanted = set(versions)
        for number in wanted:
            self._get(name, number)
        with catalog.changing(self.store, name):
            marks.delete(self.store, name, wanted, reason)

    def restore(self, name: str, version: int, reason: str) -> None:
        """Take the deletion of a version back.

        Raises:
            UsageError: There is no such version.
            IntegrityError: A collector has taken its files.
        """
        record = self._get(name, version)
        with catalog.changing(self.store, name):
            marks.restore(self.store, name, [version], reason)
            lost = next((file for file in record.files if not self.blobs.holds(file)), None)
            if lost is not None:
                marks.delete(self.store, name, [version], "its files are gone")
        if lost is not None:
            remedy = "Publish the model again."
            raise IntegrityError(
                "integrity/digest", "the bytes are gone.", remedy=remedy, where=f"{self.uri}/{lost.blob}"
            )

    def folder(self, reference: str) -> str:
        """Lay a version out as a plain folder in the registry, as KServe and ``from_pretrained`` read it.

        Returns:
            The folder's URI.

        Raises:
            UsageError: The reference names no version.
        """
        version = self.resolve(reference)
        self.policy.admit(self.store, version)
        return folder.lay_out(self.store, version)

    def expire(self, rule: upkeep.Retention, apply: bool, names: Iterable[str] = ()) -> dict[str, list[int]]:
        """Delete the versions that a rule does not keep.

        Args:
            rule: What is kept.
            apply: Whether to delete; else nothing changes.
            names: Of these models; of all where none is named.

        Returns:
            The versions, by model.
        """
        found = upkeep.needless_versions(self.store, rule, names or self.models())
        for name, versions in found.items() if apply else ():
            self.delete(name, versions, f"by the rule: {rule.said()}")
        return found

    def collect(self, grace: float, apply: bool) -> collect.Collected:
        """Delete what no version and no publisher needs.

        Args:
            grace: Seconds for which a blob and a deleted version's files are left alone, by the store's own clock.
            apply: Whether to delete; else nothing changes.

        Raises:
            IntegrityError: A record cannot be read, so that what it needs is not known: nothing is deleted.
        """
        return collect.collect(self.store, grace, apply)

    def verify(self, moved: Moved = unheard) -> inspect.Verified:
        """Read every record and every byte; nothing is changed.

        Args:
            moved: Hears of the bytes that were hashed.
        """
        return inspect.verify(self.store, moved)

    def load(self, reference: str, moved: Moved = unheard) -> "Predictor":
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
        with self.blobs.checkout(version.files, moved) as folder:
            return Predictor(folder)

    def pull(self, reference: str, folder: str | Path, moved: Moved = unheard) -> Version:
        """Copy a version's files, verified, into a folder; ``from_pretrained`` can load it then.

        A pull that was interrupted goes on where it was when it is called again.

        Raises:
            UsageError: The reference names no version.
            IntegrityError: A byte is not what was published.
            StoreError: The folder cannot be written.
        """
        version = self.resolve(reference)
        self.policy.admit(self.store, version)
        self.blobs.export(version.files, Path(folder), moved)
        return version

    def _move(self, name: str, alias: str, version: int, reason: str, decision: str) -> AliasMove:
        with catalog.changing(self.store, name):
            made = aliases.move(self.store, name, alias, version, reason, decision)
            if version in marks.deleted(self.store, name):  # who deleted it may have looked before the move
                marks.restore(self.store, name, [version], f"{alias} was moved to it at the same time")
        return made

    def prepare(self) -> None:
        """Make the registry if there is none, once the store has shown that it can be one."""
        if self._prepared:
            return
        data = self.store.get(_ROOT)
        if data is None:
            found = probe.probe(self.store)
            self.store.create(_ROOT, canonical_json({"format": FORMAT, "probe": found}))
            data = self.store.get(_ROOT) or b""
        if format_of(data) != FORMAT:
            remedy = "Use a newer Headstart, or another registry URI."
            raise IntegrityError(
                "integrity/record", f"no registry of format {FORMAT}.", remedy=remedy, where=f"{self.uri}/{_ROOT}"
            )
        self._prepared = True

    def _get(self, name: str, number: int) -> Version:
        """A version's record, deleted or not."""
        key = version_key(name, number)
        data = self.store.get(key)
        if data is None:
            raise self._unknown(f"{name} has no version {number}.")
        return parse_version(name, number, data, f"{self.uri}/{key}")

    def _deleted(self, name: str, number: int) -> HeadstartError:
        found = (mark for mark in self.marks(name) if mark.action == "delete" and number in mark.numbers)
        mark = next(found, None)
        said = f" by {mark.by} at {mark.at}: {mark.reason}" if mark else ""
        remedy = f"Take it back with headstart models delete --undo {name}@{number}, or use another version."
        return UsageError(
            "registry/deleted", f"{name} version {number} was deleted{said}.", remedy=remedy, where=self.uri
        )

    def _unknown(self, problem: str) -> HeadstartError:
        there = ", ".join(self.models()[:10]) or "none"
        return UsageError(
            "registry/not-found", problem, remedy=f"Models there: {there}; see headstart models list.", where=self.uri
        )
