"""The registry as its users see it."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.blobs import Blobs
from headstart.errors import UsageError
from headstart.extras import extra_of
from headstart.registry import (
    aliases,
    catalog,
    changes,
    collect,
    folder,
    inspect,
    marks,
    numbers,
    publish,
    references,
    root,
    upkeep,
)
from headstart.registry.aliases import AliasMove
from headstart.registry.policy import Policy
from headstart.registry.record import Draft, Version, check_name
from headstart.store import Moved, open_store, unheard

if TYPE_CHECKING:
    from headstart.predictor import Predictor


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

    def __repr__(self) -> str:
        return f"<Registry at {self.uri}>"

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
        return references.versions(self.store, name)

    def get(self, name: str, number: int) -> Version:
        """A version's record.

        Raises:
            UsageError: There is no such version, or it was deleted.
            IntegrityError: Its record is damaged.
        """
        return references.get(self.store, name, number)

    def resolve(self, reference: str) -> Version:
        """The version that a reference names.

        Raises:
            UsageError: It names none.
        """
        return references.resolve(self.store, reference)

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
        if references.is_number(alias):
            remedy = "Choose a name that is no number: name@3 means version 3."
            raise UsageError("registry/bad-name", f"{alias!r} is no alias.", remedy=remedy)
        record = self.get(name, version)
        check_name(alias)
        return self.policy.move(
            self.store, record, lambda: changes.move(self.store, name, alias, version, reason, decision)
        )

    def rollback(self, name: str, alias: str, reason: str) -> AliasMove:
        """Point an alias at the version that it pointed at before.

        Raises:
            UsageError: There is no such alias, or it never pointed at another version.
        """
        history = self.history(name, alias)
        if not history:
            raise references.unknown(self.store, f"{name} has no alias {alias!r}.")
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
        changes.delete(self.store, name, versions, reason)

    def restore(self, name: str, version: int, reason: str) -> None:
        """Take the deletion of a version back.

        Raises:
            UsageError: There is no such version.
            IntegrityError: A collector has taken its files.
        """
        changes.restore(self.store, name, version, reason)

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

        Raises:
            UsageError: There is no registry, or no model of a name.
        """
        root.require(self.store)
        names = list(names)
        for name in names:
            if not self.latest(name):
                raise references.unknown(self.store, f"there is no model {name!r}.")
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
            UsageError: There is no registry.
            IntegrityError: A record cannot be read, so that what it needs is not known: nothing is deleted.
        """
        root.require(self.store)
        return collect.collect(self.store, grace, apply)

    def verify(self, moved: Moved = unheard) -> inspect.Verified:
        """Read every record and every byte; nothing is changed.

        Args:
            moved: Hears of the bytes that were hashed.

        Raises:
            UsageError: There is no registry.
            IntegrityError: It is of another format.
        """
        root.require(self.store)
        return inspect.verify(self.store, moved)

    def load(self, reference: str | Version, moved: Moved = unheard) -> "Predictor":
        """The model that a reference names, or of a version at hand, verified and ready to predict.

        It needs the ``engine`` extra.

        Raises:
            UsageError: The reference names no version, or the extra is missing.
            IntegrityError: A byte is not what was published.
        """
        version = self.resolve(reference) if isinstance(reference, str) else reference
        self.policy.admit(self.store, version)
        try:
            from headstart.predictor import Predictor
        except ModuleNotFoundError as error:
            raise extra_of(error) or error from error
        with self.blobs.checkout(version.files, moved) as folder:
            return Predictor(folder)

    def pull(self, reference: str, folder: str | Path, moved: Moved = unheard) -> Version:
        """Copy a version's files, verified, into a folder; ``from_pretrained`` can load it then.

        A pull that was interrupted goes on where it was when it is called again. Weights may be read-only links into
        this machine's cache.

        Raises:
            UsageError: The reference names no version, or the folder is none of this machine.
            IntegrityError: A byte is not what was published.
            StoreError: The folder cannot be written.
        """
        if not str(folder) or "://" in str(folder):
            problem = f"{str(folder)!r} is no folder of this machine."
            remedy = "Name a folder; headstart models export copies to another registry."
            raise UsageError("usage", problem, remedy=remedy, where="pull")
        version = self.resolve(reference)
        self.policy.admit(self.store, version)
        self.blobs.export(version.files, Path(folder), moved)
        return version

    def prepare(self) -> None:
        """Make the registry if there is none, once the store has shown that it can be one."""
        if not self._prepared:
            root.prepare(self.store)
            self._prepared = True
