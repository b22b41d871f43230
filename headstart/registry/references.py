"""What a reference names: ``name@alias``, ``name@3`` for a version by number, or ``name`` for the latest one."""

import re

from headstart.errors import UsageError
from headstart.registry import aliases, catalog, marks, numbers
from headstart.registry.record import Version, check_name, parse_version, version_key
from headstart.store import Store

_NUMBER = re.compile(r"[0-9]{1,12}")


def is_number(selector: str) -> bool:
    """Whether what follows the ``@`` is a version's number, and so can be no alias."""
    return _NUMBER.fullmatch(selector) is not None


def resolve(store: Store, reference: str) -> Version:
    """The version that a reference names.

    Raises:
        UsageError: It names none.
    """
    name, at, selector = reference.partition("@")
    check_name(name)
    if at and not selector:  # as where a script's variable is empty: the latest version is not what was meant
        remedy = f"Write {name}@ALIAS or {name}@NUMBER, or {name} alone for the latest version."
        raise UsageError("registry/bad-name", f"{reference!r} names nothing after the @.", remedy=remedy)
    if is_number(selector):
        return get(store, name, int(selector))
    if selector:
        move = aliases.current(store, name, selector)
        if move is None:
            known = ", ".join(aliases.names(store, name)) or "none"
            raise unknown(store, f"{name} has no alias {selector!r}; its aliases: {known}.")
        return record(store, name, move.version)
    there = versions(store, name)
    if not there:
        raise unknown(store, f"there is no model {name!r}.")
    return record(store, name, there[-1])


def versions(store: Store, name: str) -> list[int]:
    """The version numbers of a model, oldest first, without deleted ones; none where there is no such model."""
    gone = marks.deleted(store, name)
    return [number for number in numbers.numbers(store, name) if number not in gone]


def get(store: Store, name: str, number: int) -> Version:
    """A version's record.

    Raises:
        UsageError: There is no such version, or it was deleted.
        IntegrityError: Its record is damaged.
    """
    version = record(store, name, number)
    if number in marks.deleted(store, name):
        raise _deleted(store, name, number)
    return version


def record(store: Store, name: str, number: int) -> Version:
    """A version's record, deleted or not.

    Raises:
        UsageError: There is no such version.
        IntegrityError: Its record is damaged.
    """
    key = version_key(name, number)
    data = store.get(key)
    if data is None:
        raise unknown(store, f"{name} has no version {number}.")
    return parse_version(name, number, data, f"{store.uri}/{key}")


def unknown(store: Store, problem: str) -> UsageError:
    """The error about what is not there, with what is."""
    there = ", ".join(list(catalog.read(store))[:10]) or "none"
    remedy = f"Models there: {there}; see headstart models list."
    return UsageError("registry/not-found", problem, remedy=remedy, where=store.uri)


def _deleted(store: Store, name: str, number: int) -> UsageError:
    found = (mark for mark in marks.log(store, name) if mark.action == "delete" and number in mark.numbers)
    mark = next(found, None)
    said = f" by {mark.by} at {mark.at}: {mark.reason}" if mark else ""
    remedy = f"Take it back with headstart models delete --undo {name}@{number}, or use another version."
    return UsageError("registry/deleted", f"{name} version {number} was deleted{said}.", remedy=remedy, where=store.uri)
