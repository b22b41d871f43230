"""Marks on versions: tags, and deletions that can be taken back. The records themselves never change.

All marks of a model are one log (:mod:`headstart.registry.log`). Each entry says what was done and holds what is then
marked, so that the newest alone answers, and the log is the audit trail.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from headstart.errors import UsageError
from headstart.registry import aliases
from headstart.registry.log import Entry, Log
from headstart.registry.ranges import Ranges, numbers_in, ranges_of
from headstart.registry.record import FORMAT, check_name
from headstart.store import Store

Action = Literal["tag", "untag", "delete", "restore"]


class Mark(Entry):
    """What was done to which versions, by whom, when and why; and what is marked since.

    ``tags`` has the versions of each tag, ``deleted`` the deleted ones as pairs of first and last.
    """

    format: Literal[1] = FORMAT
    action: Action
    versions: Ranges
    tag: str
    tags: Mapping[str, tuple[int, ...]]
    deleted: Ranges

    @property
    def numbers(self) -> list[int]:
        """The versions that it was done to."""
        return numbers_in(self.versions)


def prefix(name: str) -> str:
    """What the keys of a model's marks begin with."""
    return f"models/{check_name(name)}/marks/"


def log(store: Store, name: str) -> Log[Mark]:
    """The marks of a model."""
    return Log(store, prefix(name), Mark)


def deleted(store: Store, name: str) -> set[int]:
    """The versions that are deleted."""
    newest = log(store, name).newest()
    return set(numbers_in(newest.deleted)) if newest else set()


def tags(store: Store, name: str) -> dict[str, tuple[int, ...]]:
    """The versions of each tag."""
    newest = log(store, name).newest()
    return dict(newest.tags) if newest else {}


def tag(store: Store, name: str, versions: Iterable[int], tag: str, reason: str) -> None:
    """Give versions a tag; those that have it keep it."""
    _mark(store, name, "tag", versions, check_name(tag), reason, lambda there, wanted: there | wanted)


def untag(store: Store, name: str, versions: Iterable[int], tag: str, reason: str) -> None:
    """Take a tag from versions."""
    _mark(store, name, "untag", versions, check_name(tag), reason, lambda there, wanted: there - wanted)


def delete(store: Store, name: str, versions: Iterable[int], reason: str) -> None:
    """Delete versions: they are no longer listed or read, and a collector may take what only they need.

    An alias may come to point at one of them at the same time. Who moves it looks for a deletion afterwards, and who
    deletes looks for such a move, so that at least one of the two sees the other.

    Raises:
        UsageError: An alias points at one of them.
    """
    wanted = set(versions)
    _refuse(store, name, wanted)
    _mark(store, name, "delete", wanted, "", reason, lambda there, wanted: there | wanted)
    try:
        _refuse(store, name, wanted)
    except UsageError as error:
        restore(store, name, wanted, error.problem)
        raise


def restore(store: Store, name: str, versions: Iterable[int], reason: str) -> None:
    """Take the deletion of versions back."""
    _mark(store, name, "restore", versions, "", reason, lambda there, wanted: there - wanted)


def _refuse(store: Store, name: str, versions: set[int]) -> None:
    for alias, version in aliases.pointing(store, name).items():
        if version in versions:
            problem = f"{name}@{alias} is version {version}, so it cannot be deleted."
            raise UsageError("registry/in-use", problem, remedy="Move the alias first.", where=store.uri)


def _mark(
    store: Store,
    name: str,
    action: Action,
    versions: Iterable[int],
    tag: str,
    reason: str,
    change: Callable[[set[int], set[int]], set[int]],
) -> None:
    wanted = set(versions)

    def following(newest: Mark | None, entry: Entry) -> Mark | None:
        tags = dict(newest.tags) if newest else {}
        gone = set(numbers_in(newest.deleted)) if newest else set()
        there = set(tags.get(tag, ())) if tag else gone
        after = change(there, wanted)
        if after == there:
            return None
        if tag:
            tags[tag] = tuple(sorted(after))
        return Mark(
            **dict(entry)
            | {
                "action": action,
                "versions": ranges_of(wanted),
                "tag": tag,
                "reason": reason,
                "tags": {each: held for each, held in tags.items() if held},
                "deleted": ranges_of(gone if tag else after),
            }
        )

    log(store, name).append(following, f"the marks of {name}")
